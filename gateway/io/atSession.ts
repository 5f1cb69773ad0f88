import type { Clock } from '../../runtime/clock.ts';
import { makeLineSplitter } from '../core/at.ts';

/**
 * A conversation with a modem: one command in flight, a time-out each, echo dropped, unsolicited lines told apart by
 * prefix. Lines may come in pieces and at any moment; whatever is not part of the answer goes to `onLine` as well, so
 * that nothing is lost by being early.
 */
export type AtAnswer = {
  /** `lost`: the connection went while the command was in flight. */
  readonly final: 'ok' | 'error' | 'timeout' | 'lost';
  /** `+CME ERROR: 10`, without the quotes of some modems. */
  readonly error?: string;
  /** Lines between the command and its final result. */
  readonly lines: readonly string[];
};

export interface AtSession {
  /** Takes bytes as they come; true when a line or a prompt was whole. */
  push(bytes: Uint8Array): boolean;
  /** Waits for its turn. Never rejects. */
  command(text: string, timeoutMs?: number): Promise<AtAnswer>;
  /**
   * A command that is answered by a prompt, then by its result once `payload` and Ctrl-Z were sent. `given` is false when
   * no prompt came: then nothing was handed over, and ESC was sent.
   */
  prompted(text: string, payload: Uint8Array): Promise<Answered>;
  /** The connection went: whatever is in flight or waits ends as `lost`. */
  drop(): void;
  readonly counters: Readonly<Record<'commands' | 'timeouts' | 'errors' | 'lines' | 'noise', number>>;
}

export const SHORT_MS = 3000;
export const LONG_MS = 60_000;
const PROMPT_MS = 5000;
const RESYNC_TRIES = 3;
const RESYNC_MS = 1000;
const QUIET_MS = 150;
const MAX_WAITING = 16;
/** A reply that never ends: more lines than any answer has. */
const MAX_LINES = 64;
/** First words after power-up: Quectel, SIMCom. */
const RESTARTED = /^(RDY|\*ATREADY: 1)$/;
const PROMPT = 0x3e;
const ESCAPE = Uint8Array.of(0x1b);
const CONTROL_Z = 0x1a;

type Wanted = {
  readonly text: string;
  readonly timeoutMs: number;
  readonly payload?: Uint8Array;
  readonly lines: string[];
  given: boolean;
  answer(final: AtAnswer['final'], error?: string): void;
};

type Answered = AtAnswer & { readonly given: boolean };

function newWanted(
  text: string,
  timeoutMs: number,
  payload: Uint8Array | undefined,
  then: (answer: Answered) => void,
): Wanted {
  const wanted: Wanted = {
    text,
    timeoutMs,
    ...(payload ? { payload } : {}),
    lines: [],
    given: false,
    answer: (final, error) =>
      then({ final, lines: wanted.lines, given: wanted.given, ...(error === undefined ? {} : { error }) }),
  };
  return wanted;
}

/** The result that a line ends a command with. */
function finalOf(line: string): 'ok' | 'error' | undefined {
  if (line === 'OK') return 'ok';
  return line === 'ERROR' || /^\+CM[ES] ERROR:/.test(line) ? 'error' : undefined;
}

export function makeAtSession(options: {
  readonly clock: Clock;
  write(bytes: Uint8Array): boolean;
  /** Every whole line but echoes and plain results. */
  onLine(line: string): void;
  /** `AT` was asked three times and not answered. */
  onDead(): void;
}): AtSession {
  const splitter = makeLineSplitter();
  const waiting: Wanted[] = [];
  const counts = { commands: 0, timeouts: 0, errors: 0, lines: 0 };
  let current: Wanted | undefined;
  let resyncing = false;
  let cancel = () => {};

  function ask(text: string, timeoutMs: number, payload?: Uint8Array): Promise<Answered> {
    return new Promise((resolve) => {
      const wanted = newWanted(text, timeoutMs, payload, resolve);
      if (waiting.length >= MAX_WAITING) return wanted.answer('lost');
      waiting.push(wanted);
      next();
    });
  }

  function next(): void {
    if (current || resyncing) return;
    const wanted = waiting.shift();
    if (wanted) begin(wanted);
  }

  function begin(wanted: Wanted): void {
    current = wanted;
    counts.commands++;
    cancel = options.clock.after(wanted.payload ? PROMPT_MS : wanted.timeoutMs, onTimeout);
    if (!options.write(ascii(`${wanted.text}\r`))) end('lost');
  }

  function end(final: AtAnswer['final'], error?: string): void {
    cancel();
    const ended = current;
    current = undefined;
    if (final === 'error') counts.errors++;
    ended?.answer(final, error);
    next();
  }

  function onTimeout(): void {
    counts.timeouts++;
    if (current?.payload && !current.given) options.write(ESCAPE);
    const again = !resyncing;
    resyncing = true;
    end('timeout');
    if (again) resynchronise();
  }

  /** The prompt has no line end: it is looked for in the bytes themselves. */
  function givePayload(bytes: Uint8Array): boolean {
    if (!current?.payload || current.given || !bytes.includes(PROMPT)) return false;
    current.given = true;
    cancel();
    cancel = options.clock.after(current.timeoutMs, onTimeout);
    options.write(Uint8Array.of(...current.payload, CONTROL_Z));
    return true;
  }

  function onLine(line: string): void {
    counts.lines++;
    if (current && line === current.text) return;
    // A modem that restarts forgets what it was asked.
    if (current && RESTARTED.test(line)) end('lost');
    const final = current && finalOf(line);
    if (final !== 'ok' && line !== 'ERROR') options.onLine(line);
    if (final) end(final, final === 'error' ? line : undefined);
    else if (current && current.lines.length < MAX_LINES) current.lines.push(line);
  }

  /**
   * After a time-out the answer may still come, and would be taken for the next one's: `AT` is asked until it is
   * answered, and the line given a moment of quiet. Three times in vain, and the modem is gone.
   */
  function resynchronise(misses = 0): void {
    resyncing = true;
    const wanted = newWanted('AT', RESYNC_MS, undefined, ({ final }) => {
      if (final === 'ok') cancel = options.clock.after(QUIET_MS, resume);
      else if (final === 'lost') resyncing = false;
      else if (misses + 1 < RESYNC_TRIES) resynchronise(misses + 1);
      else {
        resyncing = false;
        options.onDead();
      }
    });
    begin(wanted);
  }
  function resume(): void {
    resyncing = false;
    next();
  }

  return {
    push(bytes) {
      const prompted = givePayload(bytes);
      const lines = splitter.push(bytes);
      for (const line of lines) onLine(line.trim());
      return prompted || lines.length > 0;
    },
    command: (text, timeoutMs = SHORT_MS) => ask(text, timeoutMs),
    prompted: (text, payload) => ask(text, LONG_MS, payload),
    drop() {
      splitter.flush();
      cancel();
      resyncing = false;
      for (const wanted of waiting.splice(0)) wanted.answer('lost');
      if (current) end('lost');
    },
    get counters() {
      return { ...counts, noise: splitter.counters.noise };
    },
  };
}

const ascii = (text: string) => Uint8Array.from(text, (c) => c.charCodeAt(0));
