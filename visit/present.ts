import { engineAt } from './engineOff.ts';
import type { PresenceFold, VisitFold } from './fold.ts';
import type { Known } from './halt.ts';
import { departure } from './stand.ts';
import { heldMs, type Turn, tell } from './turn.ts';

/** A visit that the van is on site for: until when, and is the agency open? */

/** The proxy for «open» without the driver's word: on site in the window with the engine off for so long. */
export const OPEN_PROXY_MS = 180_000;
/** A stay that teaches a parking place. */
const LEARN_MS = 10 * 60_000;
const LEARN_WAY_MS = 4 * 3_600_000;

export function judgePresent(turn: Turn, visit: VisitFold, fix: Known | undefined): VisitFold {
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
