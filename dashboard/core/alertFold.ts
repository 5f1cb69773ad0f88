import type { RowOf } from '../../protocol/rows.ts';
import { isoOf } from '../../protocol/time.ts';
import type { AlertView } from './vanView.ts';

/** Open episodes and the last closed ones; a van that raises without end pushes its oldest closed one out first. */
const MAX_EPISODES = 100;
const ORDER = ['critical', 'warning', 'notice'] as const;

export function foldAlert(
  alerts: ReadonlyMap<string, AlertView>,
  row: RowOf<'alert'>,
  receivedMs: number,
): ReadonlyMap<string, AlertView> {
  const held = alerts.get(row.episode);
  const at = row.at ?? isoOf(receivedMs);
  const { acknowledged, since, ...before } = held ?? {};
  const next: AlertView = {
    ...before,
    episode: row.episode,
    alert: row.alert,
    severity: row.severity,
    values: row.values,
    since: since ?? at,
    at,
    // A worse one asks to be seen again.
    ...(row.change === 'acknowledged' || (acknowledged && row.change !== 'worsened')
      ? { acknowledged: true }
      : {}),
    ...(row.change === 'cleared' ? { clearedAt: at } : {}),
  };
  const after = new Map(alerts);
  after.delete(row.episode);
  after.set(row.episode, next);
  if (after.size > MAX_EPISODES) after.delete(oldest(after));
  return after;
}

function oldest(alerts: ReadonlyMap<string, AlertView>): string {
  for (const [episode, alert] of alerts) if (alert.clearedAt) return episode;
  return alerts.keys().next().value!;
}

const rank = (alert: AlertView) => (alert.acknowledged ? 10 : 0) + ORDER.indexOf(alert.severity);

/** Open episodes, the worst first; seen ones after those that nobody has seen. `seen`: episode → ISO time. */
export function openAlerts(alerts: readonly AlertView[], seen: ReadonlyMap<string, string>): AlertView[] {
  return alerts
    .filter((alert) => !alert.clearedAt)
    .map((alert) =>
      (seen.get(alert.episode) ?? '') >= (alert.at ?? '~') ? { ...alert, acknowledged: true } : alert,
    )
    .sort((a, b) => rank(a) - rank(b) || ((a.since ?? '') < (b.since ?? '') ? -1 : 1));
}
