import type { Freshness, VanView, VisitView } from './vanView.ts';

/** What other software is told: changes, not states. Neither a position nor a person is in it. */
export type Happening =
  | {
      readonly event: 'visit';
      readonly van: string;
      readonly at: string;
      readonly visit: Pick<
        VisitView,
        'id' | 'stop' | 'name' | 'commune' | 'date' | 'state' | 'source' | 'statement'
      > & {
        readonly open?: boolean;
      };
    }
  | {
      readonly event: 'alert';
      readonly van: string;
      readonly at: string;
      readonly change: 'raised' | 'changed' | 'cleared';
      readonly alert: { readonly episode: string; readonly alert: string; readonly severity: string };
    }
  | { readonly event: 'van'; readonly van: string; readonly at: string; readonly freshness: Freshness };

export function happenings(before: VanView, after: VanView): Happening[] {
  const at = after.heardAt ?? '';
  const { van } = after;
  const found: Happening[] = [];
  if (before.freshness !== after.freshness) found.push({ event: 'van', van, at, freshness: after.freshness });
  for (const visit of after.visits) {
    const held = before.visits.find((v) => v.id === visit.id);
    if (held && (held.state !== visit.state || held.open !== visit.open)) found.push(visitTold(visit));
  }
  for (const { episode, alert, severity, at: alertAt } of after.alerts) {
    const held = before.alerts.find((a) => a.episode === episode);
    if (held?.severity === severity) continue;
    const change = held ? 'changed' : 'raised';
    found.push({ event: 'alert', van, at: alertAt ?? at, change, alert: { episode, alert, severity } });
  }
  for (const { episode, alert, severity } of before.alerts)
    if (!after.alerts.some((a) => a.episode === episode))
      found.push({ event: 'alert', van, at, change: 'cleared', alert: { episode, alert, severity } });
  return found;
}

function visitTold(visit: VisitView): Happening {
  const { id, stop, name, commune, date, state, source, statement, open, van, at } = visit;
  const told = { id, stop, name, commune, date, state, source, statement };
  return { event: 'visit', van, at, visit: open === undefined ? told : { ...told, open } };
}
