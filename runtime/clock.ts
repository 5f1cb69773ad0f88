/**
 * The only place that reads the machine's clocks. `nowMs` is the wall clock (trusted only while NTP says so),
 * `monotonicMs` never goes back and holds for one boot.
 */
export interface Clock {
  nowMs(): number;
  monotonicMs(): number;
  /** Calls back once after `ms`; returns its cancellation. */
  after(ms: number, then: () => void): () => void;
  /** Calls back every `ms`; returns its cancellation. */
  every(ms: number, then: () => void): () => void;
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  // CLOCK_MONOTONIC: counts from the boot of the machine, so an anchor outlives a restart of the daemon.
  monotonicMs: () => Number(process.hrtime.bigint() / 1_000_000n),
  after(ms, then) {
    const timer = setTimeout(then, ms);
    return () => clearTimeout(timer);
  },
  every(ms, then) {
    const timer = setInterval(then, ms);
    return () => clearInterval(timer);
  },
};

export type FakeClock = Clock & {
  /** Moves both clocks by `ms`, running due timers in order; awaits microtasks between them. */
  advance(ms: number): Promise<void>;
};

/** A clock that moves only when told: a whole day's tour is a test of milliseconds. */
export function fakeClock(startAtMs: number): FakeClock {
  type Timer = { due: number; order: number; period?: number; then: () => void };
  let elapsed = 0;
  let order = 0;
  const timers = new Set<Timer>();
  const add = (ms: number, then: () => void, period?: number) => {
    const timer: Timer = {
      due: elapsed + ms,
      order: order++,
      then,
      ...(period === undefined ? {} : { period }),
    };
    timers.add(timer);
    return () => void timers.delete(timer);
  };
  return {
    nowMs: () => startAtMs + elapsed,
    monotonicMs: () => elapsed,
    after: (ms, then) => add(ms, then),
    every: (ms, then) => add(ms, then, ms),
    async advance(ms) {
      const end = elapsed + ms;
      for (;;) {
        let next: Timer | undefined;
        for (const t of timers) {
          if (t.due <= end && (!next || t.due < next.due || (t.due === next.due && t.order < next.order)))
            next = t;
        }
        if (!next) break;
        elapsed = Math.max(elapsed, next.due);
        if (next.period === undefined) timers.delete(next);
        else next.due += next.period;
        next.then();
        await Promise.resolve();
      }
      elapsed = end;
      await Promise.resolve();
    },
  };
}
