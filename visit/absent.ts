import type { PresenceState } from '../protocol/presence.ts';
import type { PresenceFold, VisitFold } from './fold.ts';
import type { Known } from './halt.ts';
import { couldHide, endM } from './hole.ts';
import { isAtPlace, isGone, isWatched, needOf } from './stand.ts';
import { expectedByWay } from './travel.ts';
import { type Turn, tell, unseenMs } from './turn.ts';

/** A visit that the van is not on site for: has it arrived, is it near, and what is said of it otherwise? */

export function judgeAbsent(
  turn: Turn,
  before: VisitFold,
  fix: Known | undefined,
  isClaimant: boolean,
): VisitFold {
  const { at, fold, settings } = turn;
  if (before.state === 'cancelled') return before;
  const visit = fix && before.spent && isGone(before, fix, settings) ? { ...before, spent: false } : before;
  if (isClaimant && hasArrived(turn, visit)) return arrive(turn, visit);
  if (visit.state === 'approaching') return judgeApproach(turn, visit, fix);
  if (isClaimant && !visit.spent && fold.fix && unseenMs(fold, at) < settings.unknownMs)
    return tell(turn, visit, 'approaching');
  return withWord(turn, visit);
}

/** The van has halted at the place, for long enough. */
export function hasArrived({ fold, at, settings }: Turn, visit: VisitFold): boolean {
  const { halt } = fold;
  if (!halt || !isAtPlace(fold, halt, visit, settings)) return false;
  return isWatched(halt, needOf(fold, visit, halt, settings).ms, at);
}

function arrive(turn: Turn, visit: VisitFold): VisitFold {
  const { at, fold } = turn;
  const { halt } = fold;
  const { leftAt, ...rest } = visit;
  const inWindow = at >= visit.plan.fromMs && at < visit.plan.toMs;
  return tell(
    turn,
    {
      ...rest,
      ...(halt
        ? {
            since: halt.since,
            sinceErrorMs: halt.sinceErrorMs,
            spot: { latitude: round6(halt.latitude), longitude: round6(halt.longitude) },
          }
        : {}),
      held: visit.held || inWindow,
      spent: false,
      ...(inWindow ? {} : { open: false }),
    },
    'on_site',
  );
}
const round6 = (value: number) => Math.round(value * 1e6) / 1e6;

function judgeApproach(turn: Turn, visit: VisitFold, fix: Known | undefined): VisitFold {
  const { at, fold, settings } = turn;
  if (unseenMs(fold, at) >= settings.unknownMs) return withWord(turn, visit);
  if (fix && isGone(visit, fix, settings)) return withWord(turn, visit);
  if (at - visit.stateAt >= settings.approachingMs || at >= visit.plan.watchToMs)
    return withWord(turn, { ...visit, spent: true });
  return visit;
}

function withWord(turn: Turn, visit: VisitFold): VisitFold {
  const word = wordOf(turn, visit);
  return word === visit.state ? visit : tell(turn, visit, word);
}

/** What is said of a visit that the van is neither at nor near. */
export function wordOf(turn: Turn, visit: VisitFold): PresenceState {
  const { at, fold, settings } = turn;
  const { fromMs, toMs } = visit.plan;
  if (at >= toMs) {
    if (visit.held) return 'left';
    return isElsewhere(fold, visit, at) ? 'missed' : 'unknown';
  }
  if (visit.crewLate && at < visit.crewLate.toMs) return 'late';
  if (unseenMs(fold, at) >= settings.unknownMs) return 'unknown';
  const isDue = at >= fromMs + settings.lateMs;
  if (visit.leftAt !== undefined && (visit.held || !isDue)) return 'left';
  if (isDue || visit.crewLate) return 'late';
  if (visit.movedTo && visit.act?.act === 'moved') return 'moved';
  const lateAt = foreseenLateAt(turn, visit);
  return lateAt !== undefined && at >= lateAt ? 'late' : 'planned';
}

/** The window is over and no hole is left in which the van could have come, stayed and gone. */
function isElsewhere(fold: PresenceFold, visit: VisitFold, at: number): boolean {
  if (fold.seenAt === undefined || visit.holes.length > 0) return false;
  const tail = { fromMs: fold.seenAt, toMs: at, fromM: endM(visit.place, fold.fix), toM: 0 };
  return !couldHide(tail, visit.plan);
}

/** When the times learnt make it sure, before the window, that the van comes late; it may still stand elsewhere. */
export function foreseenLateAt(turn: Turn, visit: VisitFold): number | undefined {
  const { fold, at, settings } = turn;
  const present = fold.visits.find((other) => other.state === 'on_site');
  const from = present?.plan.stop ?? fold.lastLeft?.stop;
  if (from === undefined || from === visit.plan.stop) return undefined;
  const departMs = present ? at : (fold.lastLeft?.at ?? at);
  const expected = expectedByWay(fold.memory, from, visit.plan.stop, departMs);
  if (!expected) return undefined;
  const sparedMs = visit.plan.fromMs + settings.lateMs - expected.fromMs;
  if (sparedMs <= 0) return at;
  return present ? at + sparedMs : undefined;
}
