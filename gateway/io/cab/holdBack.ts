import type { Clock } from '../../../runtime/clock.ts';
import type { CabPending, CabPress } from '../../core/cabView.ts';
import type { ActOutcome } from '../cab.ts';

/**
 * Annulé, déplacé, hors service and pause wait 10 s before their row is written, and can be taken back without a trace
 * until then. Positions stop at the touch of off duty, not at its row. Every press is answered once, by its key.
 */

const HOLD_MS = 10_000;
const SLOW: ReadonlySet<string> = new Set(['cancelled', 'moved', 'off_duty', 'pause']);
const QUIET: ReadonlySet<string> = new Set(['off_duty', 'pause']);
/** Keys remembered: a page sends again at most a few. */
const MAX_KEYS = 200;

export type HoldBack = {
  press(press: CabPress): ActOutcome & { readonly pending?: true };
  /** `false`: there is nothing to take back any more. */
  takeBack(key: string): boolean;
  pending(): CabPending | undefined;
  /** Calls back when `pending` begins or ends; returns its end. */
  subscribe(listener: () => void): () => void;
  stop(): void;
};

export function makeHoldBack(deps: {
  readonly clock: Clock;
  readonly act: (press: CabPress) => ActOutcome;
  readonly hush: (on: boolean) => void;
}): HoldBack {
  const { clock } = deps;
  const answered = new Map<string, ActOutcome>();
  const listeners = new Set<() => void>();
  let waiting: { press: CabPress; dueMs: number; cancel: () => void } | undefined;

  const tell = () => {
    for (const listener of listeners) listener();
  };

  function write(press: CabPress): ActOutcome {
    const outcome = deps.act(press);
    // What was refused may be tried again under the same key.
    if (outcome.ok) answered.set(press.key, outcome);
    if (answered.size > MAX_KEYS) answered.delete(answered.keys().next().value!);
    return outcome;
  }

  /** The row of what waits is written now; positions stay stopped, by the row itself. */
  function settle(): void {
    if (!waiting) return;
    const { press, cancel } = waiting;
    cancel();
    waiting = undefined;
    write(press);
    if (QUIET.has(press.act)) deps.hush(false);
    tell();
  }

  return {
    press(press) {
      const before = answered.get(press.key);
      if (before) return before;
      if (waiting?.press.key === press.key) return { ok: true, pending: true };
      // A second gesture while one waits: the first was meant.
      settle();
      if (!SLOW.has(press.act)) return write(press);
      waiting = { press, dueMs: clock.monotonicMs() + HOLD_MS, cancel: clock.after(HOLD_MS, settle) };
      if (QUIET.has(press.act)) deps.hush(true);
      tell();
      return { ok: true, pending: true };
    },
    takeBack(key) {
      if (waiting?.press.key !== key) return false;
      waiting.cancel();
      if (QUIET.has(waiting.press.act)) deps.hush(false);
      waiting = undefined;
      tell();
      return true;
    },
    pending() {
      if (!waiting) return undefined;
      const { press, dueMs } = waiting;
      return { key: press.key, act: press.act, remainingMs: Math.max(0, dueMs - clock.monotonicMs()) };
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    /** At the end of the daemon, off duty was meant and is written; the others can be told again. */
    stop() {
      if (waiting && QUIET.has(waiting.press.act)) settle();
      waiting?.cancel();
      waiting = undefined;
    },
  };
}
