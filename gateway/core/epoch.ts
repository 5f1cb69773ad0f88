import type { Fix } from '../../protocol/readings.ts';
import { makeEnder } from './ender.ts';
import { fixOf, hasSeen, type Instant, merge, newInstant } from './instant.ts';
import type { Report } from './nmea/report.ts';

/**
 * One fix of all the sentences of one instant (the *epoch*).
 *
 * Sentences whose times of day differ by less than 10 ms are one instant (gpsd's end-of-cycle detector; Magellan 315
 * prints GLL to the millisecond and GGA to the hundredth). An instant closes when the next begins, or, once the ender is
 * known, with it. Two receivers on one wire interleave their instants: a sentence for an instant that another has closed
 * keeps one more open from then on.
 *
 * «Not valid» outweighs «valid» of the same instant. No date, no fix. RMC tells the day of its own instant; any other
 * takes the day that lies nearest to the last known time, so that midnight is right whichever sentence comes first.
 */

const DAY_MS = 86_400_000;
const SAME_INSTANT_MS = 10;
/** Instants that are remembered as closed, and that may be open at once. */
const REMEMBERED = 8;
const MAX_OPEN = 4;
/** Instants in good order after which no more is kept open than one: a clock that was set back is over. */
const CALM = 32;

export type EpochCounters = {
  fixes: number;
  /** Instants that some sentence said not to be valid. */
  void: number;
  /** Valid instants before any date was known. */
  undated: number;
  /** Sentences for an instant that had been given away. */
  late: number;
};

export type EpochOptions = {
  /** `false`: wait for the next instant even when the ender is known. For recordings, where nobody waits. */
  readonly prompt?: boolean;
};

export type EpochMerger = {
  /** Takes one report; calls back with the fix of each instant that it closes. */
  push(report: Report): void;
  /** Closes what is open: the end of the input. */
  flush(): void;
  readonly counters: EpochCounters;
};

/** Whether two times of day are one instant, across midnight too; the leap second 23:59:60 is not 00:00:00. */
function isSameInstant(a: number, b: number): boolean {
  const d = Math.abs(a - b);
  return d < SAME_INSTANT_MS || (a < DAY_MS && b < DAY_MS && DAY_MS - d < SAME_INSTANT_MS);
}

/** Epoch ms of a time of day, on the day that puts it nearest to the clock. */
const nearest = (timeOfDayMs: number, clockMs: number) =>
  Math.round((clockMs - timeOfDayMs) / DAY_MS) * DAY_MS + timeOfDayMs;

/** `counters`: counted there, beside what the caller counts. */
export function makeEpochMerger(
  onFix: (fix: Fix) => void,
  { prompt = true }: EpochOptions = {},
  counters: EpochCounters = { fixes: 0, void: 0, undated: 0, late: 0 },
): EpochMerger {
  const ender = makeEnder();
  const open: Instant[] = [];
  let depth = 1;
  /** Instants closed since anything last came out of order. */
  let calm = 0;
  const closed: { readonly timeOfDayMs: number; readonly byEnder: boolean }[] = [];
  /** The instant that sentences without a time belong to. */
  let current: Instant | undefined;
  /** The ender has just closed an instant, and nothing has come since. */
  let justEnded = false;
  /** The last known time, epoch ms; `undefined` while no date is known. */
  let clockMs: number | undefined;
  let lastMode: number | undefined;

  const give = (instant: Instant) => {
    if (instant.mode !== undefined) lastMode = instant.mode;
    if (instant.isVoid) {
      counters.void++;
      return;
    }
    if (!instant.isValid || instant.latitude === undefined) return;
    if (instant.day !== undefined) clockMs = instant.day * DAY_MS + instant.shownMs;
    else if (clockMs !== undefined) clockMs = nearest(instant.shownMs, clockMs);
    if (clockMs === undefined) {
      counters.undated++;
      return;
    }
    counters.fixes++;
    onFix(fixOf(instant, clockMs, lastMode));
  };

  const close = (instant: Instant, byEnder: boolean) => {
    open.splice(open.indexOf(instant), 1);
    if (current === instant) current = undefined;
    if (++calm > CALM) depth = 1;
    justEnded = byEnder;
    closed.push({ timeOfDayMs: instant.timeOfDayMs, byEnder });
    if (closed.length > REMEMBERED) closed.shift();
    if (!byEnder) ender.learn(instant.last);
    give(instant);
  };

  /**
   * A sentence came for an instant that is gone: either the ender was wrong, or instants interleave. A GLL that agrees
   * would have added nothing: some receivers send one now and then (GP-320FW).
   */
  const noteLate = (r: Report, byEnder: boolean) => {
    counters.late++;
    calm = 0;
    if (!byEnder) depth = Math.min(depth + 1, MAX_OPEN);
    else if (r.type !== 'GLL' || r.says === 'void') ender.unlearn();
  };

  /** The open instant of that time, or a new one; `undefined` when it has been given away. */
  const instantOf = (r: Report, timeOfDayMs: number): Instant | undefined => {
    for (const instant of open)
      if (isSameInstant(instant.timeOfDayMs, timeOfDayMs)) {
        if (instant !== open.at(-1)) calm = 0;
        return instant;
      }
    for (const gone of closed)
      if (isSameInstant(gone.timeOfDayMs, timeOfDayMs)) {
        noteLate(r, gone.byEnder);
        return undefined;
      }
    while (open.length >= depth) close(open[0]!, false);
    justEnded = false;
    const instant = newInstant(timeOfDayMs);
    open.push(instant);
    return instant;
  };

  const pushTimed = (r: Report, timeOfDayMs: number) => {
    current = instantOf(r, timeOfDayMs) ?? current;
    if (r.forgetsDate) clockMs = undefined;
    if (current && isSameInstant(current.timeOfDayMs, timeOfDayMs)) merge(current, r);
    else if (r.day !== undefined) clockMs = r.day * DAY_MS + timeOfDayMs;
  };

  /** Error estimates name the fix that they speak of, and ZDA may tell the present second: neither begins an instant. */
  const pushAbout = (r: Report, timeOfDayMs: number) => {
    const instant = open.find((candidate) => isSameInstant(candidate.timeOfDayMs, timeOfDayMs));
    const last = closed.at(-1);
    if (instant) merge(instant, r);
    else if (last?.byEnder && isSameInstant(last.timeOfDayMs, timeOfDayMs)) noteLate(r, true);
  };

  /** A report without a time belongs to the instant in hand, if it can. */
  const pushUntimed = (r: Report) => {
    if (current) {
      // A second «not valid» of its kind opens a new cycle: the instant in hand was complete.
      if (r.says === 'void' && hasSeen(current, r.type)) close(current, false);
      else merge(current, r);
    } else if (justEnded && r.says !== 'void') noteLate(r, true);
    justEnded = false;
    if (r.forgetsDate) clockMs = undefined;
  };

  const push = (r: Report) => {
    if (r.type === 'ZDA') {
      if (r.day !== undefined && r.timeOfDayMs !== undefined) clockMs = r.day * DAY_MS + r.timeOfDayMs;
      return;
    }
    if (r.timeOfDayMs === undefined) pushUntimed(r);
    else if (r.type === 'GST' || r.type === 'GBS') pushAbout(r, r.timeOfDayMs);
    else pushTimed(r, r.timeOfDayMs);
    if (prompt && depth === 1 && current && ender.is(current.last)) close(current, true);
  };

  const flush = () => {
    while (open.length > 0) close(open[0]!, true);
  };
  return { push, flush, counters };
}
