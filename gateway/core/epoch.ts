import type { Fix } from '../../protocol/readings.ts';
import type { FixSentence, Report } from './nmea/report.ts';

/**
 * One fix of all the sentences of one instant (the *epoch*).
 *
 * Sentences whose times of day differ by less than 10 ms are one instant (gpsd's end-of-cycle detector; Magellan 315
 * prints GLL to the millisecond and GGA to the hundredth). An instant closes when the next begins. A receiver repeats
 * its sentences in one order, so after some cycles the last of them is known (the *ender*, as gpsd learns it) and the
 * fix goes out with it instead of waiting; a sentence that comes behind it all the same unlearns it. Two receivers on
 * one wire interleave their instants: a sentence for an instant closed by another keeps one more open from then on.
 *
 * «Not valid» outweighs «valid» of the same instant. No date, no fix. RMC tells the day of its own instant; any other
 * takes the day that lies nearest to the last known time, so that midnight is right whichever sentence comes first.
 */

const DAY_MS = 86_400_000;
const SAME_INSTANT_MS = 10;
/** A receiver that says no error in metres: HDOP × this (one sigma of a modern single-frequency receiver). */
export const METRES_PER_HDOP = 5;
/** Cycles that must end alike before an ender is believed; doubled each time it deceives. */
const ENDER_PROOF = 2;
const MAX_ENDER_PROOF = 64;
/** Instants that are remembered as closed, and that may be open at once. */
const REMEMBERED = 8;
const MAX_OPEN = 4;

export type EpochCounters = {
  fixes: number;
  /** Instants with a position that were not valid, or had none dated. */
  void: number;
  undated: number;
  /** Sentences for an instant that had been given away. */
  late: number;
};

type Instant = {
  readonly timeOfDayMs: number;
  isVoid: boolean;
  isValid: boolean;
  /** Time of day as the best sentence has it. */
  shownMs: number;
  day: number | undefined;
  latitude: number | undefined;
  longitude: number | undefined;
  decimals: number;
  estimated: boolean;
  mode: number | undefined;
  altitudeM: number | undefined;
  accuracyM: number | undefined;
  hdop: number | undefined;
  satellitesUsed: number | undefined;
  speedMps: number | undefined;
  courseDeg: number | undefined;
  /** How many of each sentence so far, by its place in `TYPES`, and the last one as `tagOf`. */
  readonly seen: number[];
  last: number;
};

const TYPES: readonly FixSentence[] = ['RMC', 'GGA', 'GNS', 'GLL', 'GSA', 'VTG', 'ZDA', 'GST', 'GBS'];
const TYPE_INDEX = Object.fromEntries(TYPES.map((type, i) => [type, i])) as Record<FixSentence, number>;
/** A sentence and its how-manieth of the instant, as one number: five GSA in an instant are five tags. */
const tagOf = (type: number, times: number) => times * TYPES.length + type;
const NO_TAG = -1;

export type EpochMerger = {
  /** Takes one report; calls back with the fix of each instant that it closes. */
  push(report: Report): void;
  /** Closes what is open: the end of the input. */
  flush(): void;
  readonly counters: EpochCounters;
};

export type EpochOptions = {
  /** `false`: wait for the next instant even when the ender is known. For recordings, where nobody waits. */
  readonly prompt?: boolean;
};

/** Across midnight too; the leap second 23:59:60 is not 00:00:00. */
const apartMs = (a: number, b: number) => {
  const d = Math.abs(a - b);
  return d > DAY_MS / 2 && a < DAY_MS && b < DAY_MS ? DAY_MS - d : d;
};

function newInstant(timeOfDayMs: number): Instant {
  return {
    timeOfDayMs,
    isVoid: false,
    isValid: false,
    shownMs: timeOfDayMs,
    day: undefined,
    latitude: undefined,
    longitude: undefined,
    decimals: -1,
    estimated: false,
    mode: undefined,
    altitudeM: undefined,
    accuracyM: undefined,
    hdop: undefined,
    satellitesUsed: undefined,
    speedMps: undefined,
    courseDeg: undefined,
    seen: [0, 0, 0, 0, 0, 0, 0, 0, 0],
    last: NO_TAG,
  };
}

/** Adds what a report says to its instant. */
function merge(instant: Instant, r: Report): void {
  const type = TYPE_INDEX[r.type];
  const times = ++instant.seen[type]!;
  instant.last = tagOf(type, times);
  if (r.says === 'void') instant.isVoid = true;
  if (r.says === 'valid') instant.isValid = true;
  if (r.day !== undefined && r.type === 'RMC') {
    instant.day = r.day;
    instant.shownMs = r.timeOfDayMs!;
  }
  if (r.position && r.position.decimals > instant.decimals) {
    instant.latitude = r.position.latitude;
    instant.longitude = r.position.longitude;
    instant.decimals = r.position.decimals;
  }
  if (r.estimated) instant.estimated = true;
  if (r.mode !== undefined && r.mode > (instant.mode ?? 0)) instant.mode = r.mode;
  if (r.altitudeM !== undefined) instant.altitudeM = r.altitudeM;
  if (r.accuracyM !== undefined && (r.type === 'GST' || instant.accuracyM === undefined))
    instant.accuracyM = r.accuracyM;
  if (r.hdop !== undefined) instant.hdop ??= r.hdop;
  if (r.satellitesUsed !== undefined)
    instant.satellitesUsed = Math.max(instant.satellitesUsed ?? 0, r.satellitesUsed);
  // RMC carries the time to which its speed belongs; VTG only follows.
  if (r.speedMps !== undefined && (r.type === 'RMC' || instant.speedMps === undefined))
    instant.speedMps = r.speedMps;
  if (r.courseDeg !== undefined && (r.type === 'RMC' || instant.courseDeg === undefined))
    instant.courseDeg = r.courseDeg;
}

export function makeEpochMerger(onFix: (fix: Fix) => void, options: EpochOptions = {}): EpochMerger {
  const prompt = options.prompt ?? true;
  const counters: EpochCounters = { fixes: 0, void: 0, undated: 0, late: 0 };
  const open: Instant[] = [];
  const closed: { readonly timeOfDayMs: number; readonly byEnder: boolean }[] = [];
  let depth = 1;
  /** The instant that sentences without a time belong to. */
  let current: Instant | undefined;
  /** The last known time, epoch ms; `undefined` while no date is known. */
  let clockMs: number | undefined;
  let lastMode: number | undefined;
  let ender = NO_TAG;
  let candidate = NO_TAG;
  /** The ender has just closed an instant, and nothing has come since. */
  let justEnded = false;
  let proofs = 0;
  let needed = ENDER_PROOF;

  /** Epoch ms of a time of day on the day that puts it nearest to the clock. */
  const nearest = (timeOfDayMs: number, clock: number) => {
    const day = Math.round((clock - timeOfDayMs) / DAY_MS);
    return day * DAY_MS + timeOfDayMs;
  };

  const close = (instant: Instant, byEnder: boolean) => {
    open.splice(open.indexOf(instant), 1);
    if (current === instant) current = undefined;
    justEnded = byEnder;
    closed.push({ timeOfDayMs: instant.timeOfDayMs, byEnder });
    if (closed.length > REMEMBERED) closed.shift();
    if (!byEnder) learn(instant.last);
    give(instant);
  };

  /** An instant ended on `last`: believed as the ender once it has ended so often enough in a row. */
  const learn = (last: number) => {
    proofs = last === candidate ? proofs + 1 : 1;
    candidate = last;
    if (proofs >= needed) ender = last;
  };
  const unlearn = () => {
    ender = NO_TAG;
    proofs = 0;
    needed = Math.min(needed * 2, MAX_ENDER_PROOF);
  };

  const give = (instant: Instant) => {
    if (instant.mode !== undefined) lastMode = instant.mode;
    if (instant.isVoid) {
      counters.void++;
      return;
    }
    if (!instant.isValid || instant.latitude === undefined || instant.longitude === undefined) return;
    if (instant.day !== undefined) clockMs = instant.day * DAY_MS + instant.shownMs;
    else if (clockMs !== undefined) clockMs = nearest(instant.shownMs, clockMs);
    if (clockMs === undefined) {
      counters.undated++;
      return;
    }
    counters.fixes++;
    onFix(fixOf(instant, clockMs, lastMode));
  };

  const instantOf = (timeOfDayMs: number): Instant | undefined => {
    for (const instant of open)
      if (apartMs(instant.timeOfDayMs, timeOfDayMs) < SAME_INSTANT_MS) return instant;
    const gone = closed.find((c) => apartMs(c.timeOfDayMs, timeOfDayMs) < SAME_INSTANT_MS);
    if (gone) {
      counters.late++;
      if (gone.byEnder) unlearn();
      else depth = Math.min(depth + 1, MAX_OPEN);
      return undefined;
    }
    while (open.length >= depth) close(open[0]!, false);
    justEnded = false;
    const instant = newInstant(timeOfDayMs);
    open.push(instant);
    return instant;
  };

  /** A report without a time: of the instant in hand, if it can be. */
  const pushUntimed = (r: Report) => {
    if (current) {
      // A second one of its kind opens a new cycle: the instant in hand was complete.
      if (r.says === 'void' && current.seen[TYPE_INDEX[r.type]]! > 0) close(current, false);
      else merge(current, r);
    } else if (justEnded && r.says !== 'void') {
      counters.late++;
      unlearn();
    }
    justEnded = false;
    if (r.forgetsDate) clockMs = undefined;
  };

  const push = (r: Report) => {
    if (r.type === 'ZDA') {
      if (r.day !== undefined && r.timeOfDayMs !== undefined) clockMs = r.day * DAY_MS + r.timeOfDayMs;
      return;
    }
    if (r.timeOfDayMs === undefined) pushUntimed(r);
    else if (r.type === 'GST' || r.type === 'GBS') {
      const instant = open.find((o) => apartMs(o.timeOfDayMs, r.timeOfDayMs!) < SAME_INSTANT_MS);
      if (!instant) return;
      merge(instant, r);
    } else {
      const instant = instantOf(r.timeOfDayMs);
      if (r.forgetsDate) clockMs = undefined;
      if (!instant) {
        if (r.day !== undefined) clockMs = r.day * DAY_MS + r.timeOfDayMs;
        return;
      }
      current = instant;
      merge(instant, r);
    }
    if (prompt && depth === 1 && current && current.last === ender) close(current, true);
  };

  const flush = () => {
    while (open.length > 0) close(open[0]!, true);
  };
  return { push, flush, counters };
}

function fixOf(i: Instant, at: number, lastMode: number | undefined): Fix {
  const told = i.mode ?? lastMode;
  const mode =
    told === 2 || told === 3 ? told : i.altitudeM !== undefined && (i.satellitesUsed ?? 0) >= 4 ? 3 : 2;
  const accuracyM = i.accuracyM ?? (i.hdop === undefined ? undefined : i.hdop * METRES_PER_HDOP);
  const fix: { -readonly [K in keyof Fix]: Fix[K] } = {
    at,
    latitude: i.latitude!,
    longitude: i.longitude!,
    mode,
  };
  if (i.altitudeM !== undefined && mode === 3) fix.altitudeM = i.altitudeM;
  if (accuracyM !== undefined) fix.accuracyM = accuracyM;
  if (i.hdop !== undefined) fix.hdop = i.hdop;
  if (i.satellitesUsed !== undefined) fix.satellitesUsed = i.satellitesUsed;
  if (i.speedMps !== undefined) fix.speedMps = i.speedMps;
  if (i.courseDeg !== undefined) fix.courseDeg = i.courseDeg;
  if (i.estimated) fix.estimated = true;
  return fix;
}
