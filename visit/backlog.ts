import type { VisitFold } from './fold.ts';
import type { Known } from './halt.ts';
import { endM, STAY_MS, splitHoles } from './hole.ts';
import { beyondM } from './place.ts';
import { type Turn, tell } from './turn.ts';

/**
 * Positions that come after their time. They never change what was true on arrival; they close holes, and where they
 * show a visit that nobody could know of, the record is corrected with the old statement beside the new one.
 */
export function takeLate(turn: Turn, fix: Known): void {
  turn.fold = { ...turn.fold, visits: turn.fold.visits.map((visit) => afterLate(turn, visit, fix)) };
}

function afterLate(turn: Turn, visit: VisitFold, fix: Known): VisitFold {
  const { plan, place } = visit;
  if (fix.at < plan.watchFromMs || fix.at >= plan.watchToMs || visit.state === 'cancelled') return visit;
  const seen: VisitFold = {
    ...visit,
    holes: splitHoles(visit.holes, fix.at, endM(place, fix), plan),
  };
  const isInside = !fix.moving && beyondM(place, fix) <= turn.settings.toleranceM;
  if (!isInside || fix.at < plan.fromMs || fix.at >= plan.toMs) return seen;
  const { fromMs = fix.at, toMs = fix.at } = visit.backlog ?? {};
  const backlog = { fromMs: Math.min(fromMs, fix.at), toMs: Math.max(toMs, fix.at) };
  const next: VisitFold = { ...seen, backlog };
  if (backlog.toMs - backlog.fromMs < STAY_MS || visit.held || visit.state === 'on_site') return next;
  return corrected(turn, next, backlog);
}

/** The van was there while nobody could know: held, and left unless it still stands there. */
function corrected(turn: Turn, visit: VisitFold, stay: { fromMs: number; toMs: number }): VisitFold {
  const { since, sinceErrorMs, ...rest } = visit;
  const next: VisitFold = { ...rest, held: true, since: stay.fromMs, leftAt: stay.toMs };
  if (visit.state === 'approaching') return next;
  return tell(turn, next, 'left', { corrects: visit.state });
}
