import type { Clock } from '../../runtime/clock.ts';

/**
 * Virtual time: one queue of events, no timer, no thread. Whatever the production code awaits is a microtask, so that a
 * run never leaves the microtask queue of Node and is the same on every machine.
 */
export type World = {
  /** Ms since the beginning of the run. */
  now(): number;
  at(ms: number, then: () => void): () => void;
  after(ms: number, then: () => void): () => void;
  /** Fulfilled in `ms`. */
  sleep(ms: number): Promise<void>;
  /** The next turns of the microtask queue belong to promises that this event has fulfilled. */
  settle(): void;
  /** Runs all that falls due until `ms`, or until `stop` is called. */
  run(untilMs: number): Promise<void>;
  stop(): void;
  /** One line of the history: hashed, and the last ones kept. */
  trace(line: string): void;
  readonly lines: readonly string[];
  hash(): string;
  events(): number;
};

type Entry = { readonly at: number; readonly order: number; run: (() => void) | undefined };

const KEPT_LINES = 60;
/** Deeper than any chain of awaits between a message and its receipt. */
const TURNS = 40;

export function makeWorld(failed: (error: unknown) => void): World {
  const heap: Entry[] = [];
  let now = 0;
  let order = 0;
  let events = 0;
  let stopped = false;
  let turns = 0;
  let hash = 0x811c9dc5;
  const lines: string[] = [];

  const before = (a: Entry, b: Entry) => a.at < b.at || (a.at === b.at && a.order < b.order);
  const push = (entry: Entry) => {
    let i = heap.push(entry) - 1;
    for (let up = (i - 1) >> 1; i > 0 && before(entry, heap[up]!); up = (i - 1) >> 1) {
      heap[i] = heap[up]!;
      i = up;
    }
    heap[i] = entry;
  };
  const pop = (): Entry => {
    const top = heap[0]!;
    const last = heap.pop()!;
    if (heap.length === 0) return top;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++;
      if (!before(heap[child]!, last)) break;
      heap[i] = heap[child]!;
      i = child;
    }
    heap[i] = last;
    return top;
  };
  const at = (ms: number, then: () => void) => {
    const entry: Entry = { at: Math.max(now, ms), order: order++, run: then };
    push(entry);
    return () => {
      entry.run = undefined;
    };
  };

  return {
    now: () => now,
    at,
    after: (ms, then) => at(now + ms, then),
    sleep: (ms) =>
      new Promise((resolve) => {
        at(now + ms, () => {
          turns = TURNS;
          resolve();
        });
      }),
    settle() {
      turns = TURNS;
    },
    async run(untilMs) {
      while (!stopped && heap.length > 0 && heap[0]!.at <= untilMs) {
        const { at, run } = pop();
        if (!run) continue;
        now = at;
        events++;
        try {
          run();
        } catch (error) {
          failed(error);
        }
        for (; turns > 0; turns--) await undefined;
      }
      if (!stopped) now = Math.max(now, untilMs);
    },
    stop() {
      stopped = true;
    },
    trace(line) {
      for (let i = 0; i < line.length; i++) hash = Math.imul(hash ^ line.charCodeAt(i), 0x01000193);
      hash = Math.imul(hash ^ Math.round(now), 0x01000193);
      lines.push(`${stamp(now)} ${line}`);
      if (lines.length > 2 * KEPT_LINES) lines.splice(0, KEPT_LINES);
    },
    lines,
    hash: () => (hash >>> 0).toString(16).padStart(8, '0'),
    events: () => events,
  };
}

/** `d2 07:15:03.250` */
function stamp(ms: number): string {
  const two = (n: number) => String(Math.floor(n)).padStart(2, '0');
  const s = ms / 1000;
  return `d${Math.floor(s / 86_400)} ${two((s / 3600) % 24)}:${two((s / 60) % 60)}:${(s % 60).toFixed(3).padStart(6, '0')}`;
}

/** One boot of a machine: its crystal drifts, its wall clock says what it likes. */
export type Boot = {
  readonly id: string;
  readonly startedMs: number;
  readonly driftPpm: number;
  wallMs: number;
};

/** The clock of one process: when the process has died, none of its timers runs. */
export function processClock(world: World, boot: Boot): Clock & { die(): void } {
  let dead = false;
  const rate = 1 + boot.driftPpm / 1e6;
  const monotonicMs = () => Math.floor((world.now() - boot.startedMs) * rate);
  const after = (ms: number, then: () => void) =>
    world.after(Math.ceil(Math.max(0, ms) / rate), () => {
      if (!dead) then();
    });
  return {
    monotonicMs,
    nowMs: () => boot.wallMs + monotonicMs(),
    after,
    every(ms, then) {
      let cancel = () => {};
      const again = () => {
        cancel = after(ms, () => {
          again();
          then();
        });
      };
      again();
      return () => cancel();
    },
    die() {
      dead = true;
    },
  };
}
