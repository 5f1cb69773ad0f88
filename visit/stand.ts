import type { Place } from '../protocol/geo.ts';
import { engineAt } from './engineOff.ts';
import type { PresenceFold, VisitFold } from './fold.ts';
import { fixSigmaM, type Halt, haltSigmaM, type Known, sigmaOf } from './halt.ts';
import { apartM, beyondM } from './place.ts';
import type { PresenceSettings } from './presenceSettings.ts';
import { type Spot, spotAt } from './travel.ts';

/** Where the van stands against one visit: is it the place, how long must it stand, and has it left? */

/** A halt seen to this short of its dwell is trusted to the end of it while nothing contradicts: 30 s receivers. */
const UNSEEN_MS = 35_000;
/** A settled van is kept once a minute. */
const FRESH_MS = 75_000;

/**
 * How far beyond the edge a halt may lie to count: so that the next street, `neighbourM` beyond, is excluded by 2.5
 * sigma; after ten minutes of averaging, by 1.5.
 */
export function limitM(fold: PresenceFold, halt: Halt, settings: PresenceSettings): number {
  const doubtMs = isSwitchedOff(fold, settings) ? settings.doubtEngineOffMs : settings.doubtMs;
  const sigmas = halt.at - halt.watchedFrom >= doubtMs ? 1.5 : 2.5;
  return Math.min(settings.toleranceM, settings.neighbourM - sigmas * haltSigmaM(halt));
}

export const isAtPlace = (
  fold: PresenceFold,
  halt: Halt,
  visit: VisitFold,
  settings: PresenceSettings,
): boolean => beyondM(visit.place, halt) <= limitM(fold, halt, settings);

/** Engine off as evidence of arrival: not on a start-stop van. */
const isSwitchedOff = (fold: PresenceFold, settings: PresenceSettings): boolean =>
  !fold.startStop && engineAt(fold.engine, fold.at ?? 0, settings).word === 'off';

/** The halt that is asked for, and what shortens it. */
export type Need = {
  readonly ms: number;
  readonly by: 'gps' | 'engine_off' | 'engine_on' | 'learnt';
  readonly spot?: Spot;
};

export function needOf(fold: PresenceFold, visit: VisitFold, halt: Halt, settings: PresenceSettings): Need {
  const engine = engineAt(fold.engine, fold.at ?? 0, settings);
  const { dwellMs, engineOnFactor } = settings;
  const needs: Need[] = [
    engine.word === 'on' ? { ms: dwellMs * engineOnFactor, by: 'engine_on' } : { ms: dwellMs, by: 'gps' },
  ];
  if (isSwitchedOff(fold, settings)) needs.push({ ms: settings.dwellEngineOffMs, by: 'engine_off' });
  const spot = isStopAndGo(fold, halt) ? undefined : spotAt(fold.memory, visit.plan.stop, halt);
  if (spot) needs.push({ ms: settings.dwellLearntMs, by: 'learnt', spot });
  return needs.reduce((least, need) => (need.ms < least.ms ? need : least));
}

/** Another halt just before this one: a queue, in which a known spot proves nothing. */
const QUEUE_MS = 120_000;
const isStopAndGo = ({ previous }: PresenceFold, halt: Halt): boolean =>
  previous !== undefined && halt.from - previous.at < QUEUE_MS;

/** Has the halt been watched for `needMs`? */
export const isWatched = (halt: Halt, needMs: number, at: number): boolean =>
  at - halt.watchedFrom >= needMs &&
  at - halt.at <= FRESH_MS &&
  halt.at - halt.watchedFrom >= needMs - UNSEEN_MS;

/** Slow inside the tolerance: the soft word. */
export const isSlowInside = (visit: VisitFold, fix: Known, settings: PresenceSettings): boolean =>
  !fix.moving && beyondM(visit.place, fix) <= settings.toleranceM + Math.min(20, sigmaOf(fix.accuracyM));

/** The whole error circle is out of the surroundings: nothing of an approach is left. */
export const isGone = (visit: VisitFold, fix: Known, settings: PresenceSettings): boolean =>
  beyondM(visit.place, fix) - 2 * sigmaOf(fix.accuracyM) > settings.toleranceM + (fix.moving ? 0 : 40);

/** Beyond the edge by this and a sigma and a half, moving: it has left. */
const EXIT_M = 8;
/** At rest outside for so long, with three sigma to spare, or so far that nothing else explains it. */
const REST_OUTSIDE_MS = 60_000;
const FAR_M = 300;
/** A receiver this slow shows no shuffle, only departures: moving, and this far from where the van stood. */
const SLOW_RECEIVER_MS = 10_000;
const DRIVEN_M = 30;

/** What a van that brakes hard still needs to stand, from how fast it has come outward; deciding before it is over. */
function stoppingM(visit: VisitFold, fix: Known, earlier: Known | undefined): number {
  if (!earlier?.moving || fix.at - earlier.at > OUTWARD_MS) return 0;
  const wayM = beyondM(visit.place, fix) - beyondM(visit.place, earlier);
  const outwardMps = (1000 * wayM) / (fix.at - earlier.at);
  return outwardMps <= 0 ? 0 : outwardMps ** 2 / (2 * HARD_BRAKING_MPS2);
}
const OUTWARD_MS = 4000;
const DENSE_MS = 3000;
const HARD_BRAKING_MPS2 = 4;

/** On site until now: what a fix says. */
export function departure(
  visit: VisitFold,
  fix: Known,
  { before, earlier, halt, rested }: PresenceFold,
  settings: PresenceSettings,
): { left: boolean; outsideSince?: number } {
  const beyond = beyondM(visit.place, fix);
  const sigma = Math.max(sigmaOf(fix.accuracyM), halt && halt.fixes > 5 ? fixSigmaM(halt) : 0);
  if (fix.moving) {
    // One moving fix of a receiver that has one a second may be noise.
    if (before && !before.moving && fix.at - before.at <= DENSE_MS) return { left: false };
    const isSlow = before !== undefined && fix.at - before.at >= SLOW_RECEIVER_MS;
    const isDriven = isSlow && rested !== undefined && apartM(rested, fix) > DRIVEN_M + 3 * sigma;
    const rolledOutM = beyond + stoppingM(visit, fix, earlier);
    return { left: isDriven || rolledOutM > EXIT_M + 1.5 * sigma };
  }
  if (beyond <= settings.neighbourM + 3 * sigma) return { left: false };
  const outsideSince = visit.outsideSince ?? fix.at;
  const restedMs = fix.at - outsideSince;
  return { left: restedMs >= REST_OUTSIDE_MS || (restedMs > 0 && beyond > FAR_M + 3 * sigma), outsideSince };
}

/** Share of the way from centre to edge: smaller is nearer. */
export const nearness = (visit: VisitFold, at: Place): number => {
  const { radiusM } = visit.place;
  return (beyondM(visit.place, at) + radiusM) / radiusM;
};
