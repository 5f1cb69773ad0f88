import type { Place } from '../protocol/geo.ts';
import { apartM } from './place.ts';
import type { FixInput } from './presenceInput.ts';

/**
 * A halt: where the van stands, how surely, and since when. Position errors forget in minutes, so that the mean of a
 * minute of fixes is hardly better than one of them: its error shrinks with time, not with their number.
 */
export type Halt = Place & {
  /** Believed moment of halting, and how far it may be off. */
  readonly since: number;
  readonly sinceErrorMs: number;
  /** From when on the halt was watched: what a dwell counts from. */
  readonly watchedFrom: number;
  /** First fix at rest of this halt itself, whatever a shuffle before it counts for. */
  readonly from: number;
  /** Newest fix at rest. */
  readonly at: number;
  readonly fixes: number;
  /** Weight of the mean (seconds, more for accurate fixes), and mean square of the distances from it. */
  readonly weight: number;
  readonly square: number;
  /** Mean of the receiver's own estimate. */
  readonly accuracyM: number;
};

/** The newest fixes, as far as a halt's beginning needs them. */
export type Known = Place & {
  readonly at: number;
  readonly moving: boolean;
  readonly accuracyM: number;
  readonly satellitesUsed?: number;
};

const UNKNOWN_ACCURACY_M = 8;
export const knownOf = (fix: FixInput): Known => ({
  at: fix.at,
  latitude: fix.latitude,
  longitude: fix.longitude,
  moving: fix.moving,
  accuracyM: fix.accuracyM ?? UNKNOWN_ACCURACY_M,
  ...(fix.satellitesUsed === undefined ? {} : { satellitesUsed: fix.satellitesUsed }),
});

/** One sigma of an axis from a receiver's radius; no receiver is better than 3 m in a street. */
export const sigmaOf = (accuracyM: number): number => Math.max(3, 0.7 * accuracyM);

/** The correlation time of position errors (facts/presence.md §4: 2-3 min). */
const FORGETS_MS = 150_000;
/** Within one correlation time the scatter shows about half of the error. */
const SCATTER_SHOWS = 0.5;

/** Root mean square distance of the fixes from their mean, metres. */
export const spreadM = (halt: Halt): number => Math.sqrt(halt.square);

/** One sigma of a single fix of this halt: the receiver's word, or what the scatter shows when that is worse. */
export const fixSigmaM = (halt: Halt): number =>
  Math.max(sigmaOf(halt.accuracyM), spreadM(halt) / Math.SQRT2 / SCATTER_SHOWS);

/** One sigma of the halt's mean. */
export const haltSigmaM = (halt: Halt): number =>
  fixSigmaM(halt) / Math.sqrt(1 + (halt.at - halt.watchedFrom) / (2 * FORGETS_MS));

/** Fixes further apart than this leave room for a move between them. */
const WATCHED_MS = 35_000;
const DENSE_MS = 3000;
/** A settled van is seen once a minute: a fix weighs as the time it stands for, up to that. */
const WEIGHT_MAX_S = 60;
/** A fix of this accuracy or better has full weight; a worse one counts by its variance (a cold start drifts in). */
const FULL_WEIGHT_M = 8;
/** The mean forgets: an error of the first minutes must not stay for the day. */
const MEMORY_S = 600;
/** A shift of the mean that error alone does not explain, beside three sigma. */
const SHIFT_M = 30;
/** One moving fix is noise; a van that rolls is seen twice and gets somewhere. */
const ROLL_M = 3;
const ROLL_MS = 1500;
const BRAKING_MPS2 = 1.5;

/** When did the van halt that is first seen at rest in `fix`? From the way it still had and the speed it came with. */
function haltedAt(fix: Known, before: Known | undefined, earlier: Known | undefined): [number, number] {
  if (!before) return [fix.at, 0];
  const gapMs = fix.at - before.at;
  if (gapMs <= DENSE_MS) return [fix.at, 2000];
  const middle: [number, number] = [fix.at - gapMs / 2, gapMs / 2];
  if (!before.moving || !earlier || before.at - earlier.at > WATCHED_MS) return middle;
  const speedMps = apartM(earlier, before) / ((before.at - earlier.at) / 1000);
  if (speedMps < 2) return middle;
  const wayS = apartM(before, fix) / speedMps;
  const at = before.at + 1000 * (wayS + speedMps / (2 * BRAKING_MPS2));
  return at >= fix.at ? [fix.at, 2000] : [Math.round(at), Math.round(2000 + 250 * wayS)];
}

function begun(fix: Known, before: Known | undefined, earlier: Known | undefined): Halt {
  const [since, sinceErrorMs] = haltedAt(fix, before, earlier);
  const isWatched = before !== undefined && fix.at - before.at <= WATCHED_MS;
  return {
    latitude: fix.latitude,
    longitude: fix.longitude,
    since,
    sinceErrorMs,
    watchedFrom: isWatched ? since : fix.at,
    from: fix.at,
    at: fix.at,
    fixes: 1,
    weight: weightOf(fix),
    square: 0,
    accuracyM: fix.accuracyM,
  };
}

const weightOf = (fix: Known): number => Math.min(1, (FULL_WEIGHT_M / fix.accuracyM) ** 2);

function extended(halt: Halt, fix: Known): Halt {
  const w = weightOf(fix) * Math.max(1, Math.min(WEIGHT_MAX_S, (fix.at - halt.at) / 1000));
  const weight = Math.min(MEMORY_S, halt.weight + w);
  const share = Math.min(1, w / weight);
  const apart = apartM(halt, fix);
  return {
    ...halt,
    latitude: halt.latitude + (fix.latitude - halt.latitude) * share,
    longitude: halt.longitude + (fix.longitude - halt.longitude) * share,
    at: fix.at,
    fixes: halt.fixes + 1,
    weight,
    square: (1 - share) * (halt.square + share * apart * apart),
    accuracyM: halt.accuracyM + (fix.accuracyM - halt.accuracyM) * share,
  };
}

/** Since when, and from where, every fix has moved. */
export type Rolling = Place & { readonly since: number };

/** What the halt before this one was, and how the van came from there. */
export type Way = {
  readonly before?: Known | undefined;
  readonly earlier?: Known | undefined;
  readonly rolling?: Rolling | undefined;
  readonly rested?: Halt | undefined;
};

/** A van that looks for its spot: after such a halt, so little a way in so little time, it has arrived already. */
const SHUFFLE_AFTER_MS = 60_000;
const SHUFFLE_M = 40;
const SHUFFLE_MS = 30_000;
/** Of the first halt's length, what counts for the second; not more than this, or a jam would add up. */
const SHUFFLE_SHARE = 1 / 2;
const SHUFFLE_MAX_MS = 45_000;

function shuffled(halt: Halt, rested: Halt | undefined): Halt {
  if (!rested || halt.since - rested.at > SHUFFLE_MS || apartM(rested, halt) > SHUFFLE_M) return halt;
  const restedMs = rested.at - rested.from;
  const isSecond = rested.from - rested.watchedFrom > DENSE_MS;
  if (restedMs < SHUFFLE_AFTER_MS || isSecond) return halt;
  const creditMs = Math.round(Math.min(SHUFFLE_MAX_MS, SHUFFLE_SHARE * restedMs));
  const { since, sinceErrorMs } = rested;
  return { ...halt, since, sinceErrorMs, watchedFrom: halt.watchedFrom - creditMs };
}

/** The halt after a fix. */
export function haltAfter(halt: Halt | undefined, fix: Known, way: Way): Halt | undefined {
  const { before, earlier, rolling, rested } = way;
  if (fix.moving) {
    if (!halt) return undefined;
    const rolledMs = rolling ? fix.at - rolling.since : 0;
    const wayM = rolling ? apartM(rolling, fix) : 0;
    const isRolling = (rolledMs >= ROLL_MS && wayM > ROLL_M) || apartM(halt, fix) > SHIFT_M + fixSigmaM(halt);
    return isRolling ? undefined : halt;
  }
  if (!halt) return shuffled(begun(fix, before, earlier), rested);
  return apartM(halt, fix) > SHIFT_M + 3 * fixSigmaM(halt)
    ? begun(fix, before, earlier)
    : extended(halt, fix);
}
