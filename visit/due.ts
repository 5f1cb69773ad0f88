import { foreseenLateAt } from './absent.ts';
import { engineAt, engineNextAt } from './engineOff.ts';
import { OPEN_PROXY_MS } from './present.ts';
import { needOf } from './stand.ts';
import { heldMs, mayClaim, type Turn } from './turn.ts';

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
