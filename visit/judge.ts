import { hasArrived, judgeAbsent } from './absent.ts';
import type { PresenceFold, VisitFold } from './fold.ts';
import type { Known } from './halt.ts';
import { judgePresent, leave } from './present.ts';
import { isAtPlace, isSlowInside, nearness } from './stand.ts';
import { mayClaim, type Turn, tell } from './turn.ts';

/** Every watched visit is judged on every input: which one the van may be at, and what is said of each. */

const FORGET_MS = 24 * 3_600_000;

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
  if (claim && claim.state !== 'on_site' && hasArrived(turn, claim)) supersede(turn, claim);
  judgeAll(turn, (visit) => visit.state !== 'on_site', fix, claim?.plan.id);
  forget(turn);
}

/** The van is at one place: arriving at `claim` is leaving the visit that it was on site for. */
export function supersede(turn: Turn, claim: VisitFold): void {
  const leftAt = turn.fold.halt?.since ?? turn.at;
  const visits = turn.fold.visits.map((visit) =>
    visit.state === 'on_site' && visit.plan.id !== claim.plan.id
      ? leave(turn, visit, leftAt, { handedOn: true })
      : visit,
  );
  turn.fold = { ...turn.fold, visits };
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
