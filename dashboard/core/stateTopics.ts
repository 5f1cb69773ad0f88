import { present } from './present.ts';
import type { VanView, VisitView } from './vanView.ts';

/**
 * The public state topics `state/{visit,power,link}` (DESIGN §4): retained JSON for Home Assistant, Node-RED and the
 * like, made from the views, so that silence becomes `unknown`. No position, no driver. Each has `at` and `source`.
 */
export type StatePayloads = {
  readonly 'state/visit'?: object;
  readonly 'state/power'?: object;
  readonly 'state/link'?: object;
};

export function statePayloads(view: VanView, nowIso: string): StatePayloads {
  const heard = view.freshness === 'fresh';
  const visit = currentVisit(view.visits, nowIso);
  return {
    'state/visit': visit
      ? visitPayload(visit, nowIso)
      : { state: 'none', source: 'plan', at: view.heardAt ?? nowIso },
    ...(view.power ? { 'state/power': { ...view.power, known: heard, source: 'van' } } : {}),
    'state/link': {
      state: heard ? (view.link?.state ?? 'unknown') : view.freshness === 'off_duty' ? 'off_duty' : 'unknown',
      ...(heard ? present('technology', view.link?.technology) : {}),
      ...(heard ? present('operator', view.link?.operator) : {}),
      ...present('backlogRows', view.backlog?.rows),
      source: 'van',
      at: view.heardAt ?? nowIso,
    },
  };
}

function visitPayload(visit: VisitView, nowIso: string): object {
  return {
    visit: visit.id,
    stop: visit.stop,
    name: visit.name,
    commune: visit.commune,
    state: visit.state,
    ...present('open', visit.open),
    ...present('arrivedAt', visit.arrivedAt),
    ...present('expectedFrom', visit.expectedFrom),
    ...present('expectedTo', visit.expectedTo),
    from: visit.fromAt,
    to: visit.toAt,
    statement: visit.statement,
    source: visit.source,
    // «Heard at» moves with each message and would republish for nothing: the settled news only.
    at: visit.state === 'unknown' ? visit.at : (visit.byVan?.at ?? visit.at ?? nowIso),
  };
}

const RUNNING = new Set(['approaching', 'on_site']);

/** The one going on, else the next one, else the last of the day. */
export function currentVisit(visits: readonly VisitView[], nowIso: string): VisitView | undefined {
  return (
    visits.find((v) => RUNNING.has(v.state)) ??
    visits.find((v) => v.toAt > nowIso && v.state !== 'cancelled' && v.state !== 'left') ??
    visits.at(-1)
  );
}
