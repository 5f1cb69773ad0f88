import type { PresenceState } from '../protocol/presence.ts';
import { engineAt, engineNextAt } from './engineOff.ts';
import type { PresenceFold, VisitFold } from './fold.ts';
import type { Known } from './halt.ts';
import { couldHide, endM } from './hole.ts';
import type { PresenceChange } from './presenceChange.ts';
import type { PresenceSettings } from './presenceSettings.ts';
import { departure, isAtPlace, isGone, isSlowInside, isWatched, nearness, needOf } from './stand.ts';
import { expectedByWay, type Learnt } from './travel.ts';
import { changeOf } from './witness.ts';

/** A step under way. */
export type Turn = {
  fold: PresenceFold;
  readonly at: number;
  readonly settings: PresenceSettings;
  readonly changes: PresenceChange[];
  readonly learnt: Learnt[];
};

/** The proxy for «open» without the driver's word: on site in the window with the engine off for so long. */
const OPEN_PROXY_MS = 180_000;
/** A stay that teaches a parking place. */
const LEARN_MS = 10 * 60_000;
const LEARN_WAY_MS = 4 * 3_600_000;
const FORGET_MS = 24 * 3_600_000;

const unseenMs = ({ seenAt, startedAt }: PresenceFold, at: number): number =>
  at - Math.max(seenAt ?? 0, startedAt ?? 0);

const mayClaim = (visit: VisitFold, at: number): boolean =>
  visit.state !== 'cancelled' &&
  at >= visit.plan.watchFromMs &&
  at < visit.plan.watchToMs &&
  (at < visit.plan.toMs || visit.state === 'approaching' || visit.state === 'on_site');

/** The one visit that the van may be at: the one it is on site for, else the nearest by the share of its radius. */
function claimant({ fold, at, settings }: Turn): VisitFold | undefined {
  const { fix, halt, visits } = fold;
  if (!fix) return undefined;
  const stands = halt ?? fix;
  let best: VisitFold | undefined;
  for (const visit of visits) {
    if (!mayClaim(visit, at)) continue;
    const isHere = (halt && isAtPlace(fold, halt, visit, settings)) || isSlowInside(visit, fix, settings);
    if (isHere && (!best || nearness(visit, stands) < nearness(best, stands))) best = visit;
  }
  return best;
}

/** Judges every watched visit; `fix` is the position that has just come, when one has. */
export function judge(turn: Turn, fix?: Known): void {
  takeUp(turn);
  // One visit at a time: who has left makes room before another is arrived at.
  judgeAll(turn, (visit) => visit.state === 'on_site', fix, undefined);
  const claim = claimant(turn);
  judgeAll(turn, (visit) => visit.state !== 'on_site', fix, claim?.plan.id);
  forget(turn);
}

function judgeAll(
  turn: Turn,
  which: (visit: VisitFold) => boolean,
  fix: Known | undefined,
  claim: string | undefined,
): void {
  const { visits } = turn.fold;
  const next = visits.map((visit) => {
    if (!which(visit)) return visit;
    return visit.state === 'on_site'
      ? judgePresent(turn, visit, fix)
      : judgeAbsent(turn, visit, fix, visit.plan.id === claim);
  });
  if (next.some((visit, i) => visit !== visits[i])) turn.fold = { ...turn.fold, visits: next };
}

/** Visits whose time to be watched has come. */
function takeUp(turn: Turn): void {
  const { at } = turn;
  while (turn.fold.next < turn.fold.plan.length) {
    const plan = turn.fold.plan[turn.fold.next]!;
    if (plan.watchFromMs > at) return;
    const isKnown = turn.fold.visits.some((visit) => visit.plan.id === plan.id);
    const fold: PresenceFold = { ...turn.fold, next: turn.fold.next + 1 };
    turn.fold = isKnown || plan.toMs <= at ? fold : { ...fold, visits: [...fold.visits, begun(turn, plan)] };
  }
}

/** A visit as it begins to be watched. */
export function begun(turn: Turn, plan: VisitFold['plan']): VisitFold {
  const visit: VisitFold = {
    plan,
    place: plan.place,
    ...(plan.movedTo ? { movedTo: plan.movedTo } : {}),
    state: 'planned',
    stateAt: turn.at,
    held: false,
    spent: false,
    holes: [],
  };
  return plan.cancelled === undefined
    ? visit
    : tell(turn, visit, 'cancelled', { source: 'plan', reason: plan.cancelled });
}

function forget(turn: Turn): void {
  const { visits } = turn.fold;
  const kept = visits.filter((v) => v.state === 'on_site' || turn.at < v.plan.toMs + FORGET_MS);
  if (kept.length < visits.length) turn.fold = { ...turn.fold, visits: kept };
}

/** The visit in a new state (or with a new property), told. */
export function tell(
  turn: Turn,
  visit: VisitFold,
  state: PresenceState,
  evidence: Readonly<Record<string, unknown>> = {},
): VisitFold {
  const next: VisitFold = { ...visit, state, stateAt: state === visit.state ? visit.stateAt : turn.at };
  turn.changes.push(changeOf(turn, visit, next, evidence));
  return next;
}

// ── on site ──────────────────────────────────────────────────────────────────────────────────────────────────
function judgePresent(turn: Turn, visit: VisitFold, fix: Known | undefined): VisitFold {
  const { at, fold, settings } = turn;
  if (at >= visit.plan.watchToMs) return leave(turn, visit, visit.plan.watchToMs, { handedOn: true });
  if (fix) {
    const { left, outsideSince } = departure(visit, fix, fold, settings);
    if (left) return leave(turn, visit, departedAt(fold, fix));
    if (outsideSince !== visit.outsideSince) return withOpen(turn, withOutside(visit, outsideSince));
  }
  if (at - Math.max(fold.seenAt ?? 0, visit.act?.at ?? 0, fold.startedAt ?? 0) >= heldMs(turn))
    return tell(turn, closedWith(visit), 'unknown');
  return withOpen(turn, visit);
}

/** How long presence is believed without a position: hardly at all of a van that was rolling when it was last seen. */
function heldMs({ fold, at, settings }: Turn): number {
  if (engineAt(fold.engine, at, settings).word === 'off' && !fold.startStop) return settings.heldEngineOffMs;
  return fold.rolling ? settings.unknownMs : settings.heldMs;
}

/** When it set off: the first moving fix of this roll; in a gap, somewhere within. */
const departedAt = ({ rolling, gap }: PresenceFold, fix: Known): number =>
  gap && gap.toMs === fix.at ? Math.round((gap.fromMs + gap.toMs) / 2) : (rolling?.since ?? fix.at);

function withOutside(visit: VisitFold, outsideSince: number | undefined): VisitFold {
  const { outsideSince: _, ...rest } = visit;
  return outsideSince === undefined ? rest : { ...rest, outsideSince };
}

function closedWith(visit: VisitFold): VisitFold {
  const { open, openBy, ...rest } = withOutside(visit, undefined);
  return open === undefined ? rest : { ...rest, open: false };
}

export function leave(turn: Turn, visit: VisitFold, leftAt: number, evidence = {}): VisitFold {
  const { since, spot, plan } = visit;
  const { lastLeft } = turn.fold;
  if (since !== undefined && spot && leftAt - since >= LEARN_MS) {
    const wayMs = lastLeft ? since - lastLeft.at : Number.POSITIVE_INFINITY;
    const knowsWay = lastLeft && lastLeft.stop !== plan.stop && wayMs > 0 && wayMs < LEARN_WAY_MS;
    turn.learnt.push({
      stop: plan.stop,
      spot,
      ...(knowsWay ? { from: lastLeft.stop, travelS: Math.round(wayMs / 1000) } : {}),
    });
  }
  turn.fold = { ...turn.fold, lastLeft: { stop: plan.stop, at: leftAt } };
  return tell(turn, { ...closedWith(visit), leftAt, spent: false }, 'left', evidence);
}

/** The property «open», by the driver's act or by the proxy. */
function withOpen(turn: Turn, before: VisitFold): VisitFold {
  const { at } = turn;
  const { fromMs, toMs } = before.plan;
  const inWindow = at >= fromMs && at < toMs;
  const visit = inWindow && !before.held ? { ...before, held: true } : before;
  if (visit.openBy === 'crew') return visit;
  const engine = engineAt(turn.fold.engine, at, turn.settings);
  const isOff = engine.word === 'off' && !turn.fold.startStop && !turn.settings.startStop;
  const offSince = Math.max(engine.since ?? 0, visit.stateAt, fromMs);
  const open = inWindow && isOff && at - offSince >= OPEN_PROXY_MS;
  if (open === (visit.open ?? false)) return visit;
  const next: VisitFold = { ...visit, open, openBy: 'engine' };
  return tell(turn, next, 'on_site');
}

// ── not on site ──────────────────────────────────────────────────────────────────────────────────────────────
function judgeAbsent(turn: Turn, before: VisitFold, fix: Known | undefined, isClaimant: boolean): VisitFold {
  const { at, fold, settings } = turn;
  if (before.state === 'cancelled') return before;
  const visit = fix && before.spent && isGone(before, fix, settings) ? { ...before, spent: false } : before;
  if (isClaimant && fold.halt && isAtPlace(fold, fold.halt, visit, settings)) {
    const need = needOf(fold, visit, fold.halt, settings);
    if (isWatched(fold.halt, need.ms, at)) return arrive(turn, visit);
  }
  if (visit.state === 'approaching') return judgeApproach(turn, visit, fix);
  if (isClaimant && !visit.spent && fold.fix && unseenMs(fold, at) < settings.unknownMs)
    return tell(turn, visit, 'approaching');
  return withWord(turn, visit);
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

// ── when next? ───────────────────────────────────────────────────────────────────────────────────────────────
/** The earliest later moment at which something may change though nothing comes. */
export function nextAtOf(turn: Turn): number | undefined {
  const { fold, at, settings } = turn;
  let next = Number.POSITIVE_INFINITY;
  const consider = (due: number | undefined) => {
    if (due !== undefined && due > at && due < next) next = due;
  };
  consider(fold.plan[fold.next]?.watchFromMs);
  consider(engineNextAt(fold.engine, settings));
  const seen = Math.max(fold.seenAt ?? 0, fold.startedAt ?? 0);
  const engine = engineAt(fold.engine, at, settings);
  for (const visit of fold.visits) {
    const { fromMs, toMs, watchToMs } = visit.plan;
    if (visit.state === 'cancelled' || visit.state === 'missed') continue;
    consider(fromMs);
    consider(toMs);
    consider(watchToMs);
    if (visit.state === 'on_site') {
      consider(Math.max(seen, visit.act?.at ?? 0) + heldMs(turn));
      if (engine.word === 'off') consider(Math.max(engine.since ?? 0, visit.stateAt, fromMs) + OPEN_PROXY_MS);
      continue;
    }
    if (at >= toMs && visit.state !== 'approaching') continue;
    consider(fromMs + settings.lateMs);
    consider(seen + settings.unknownMs);
    consider(visit.crewLate?.toMs);
    consider(foreseenLateAt(turn, visit));
    if (visit.state === 'approaching') consider(visit.stateAt + settings.approachingMs);
    if (fold.halt && mayClaim(visit, at))
      consider(fold.halt.watchedFrom + needOf(fold, visit, fold.halt, settings).ms);
  }
  return next === Number.POSITIVE_INFINITY ? undefined : next;
}
