import type { FastifyInstance } from 'fastify';
import type { AlertView } from '../../core/vanView.ts';
import type { RouteDeps } from './deps.ts';

type AlertOfVan = AlertView & { readonly van: string };
const MAX_PAST = 1000;

/** Episodes open now, and the last ones that are over, the newest first; from the views, which hold both. */
export function addAlertRoutes(app: FastifyInstance, { views }: RouteDeps): void {
  app.get('/api/alerts', { config: { role: 'reader' }, schema: { tags: ['alerts'] } }, () => {
    const open: AlertOfVan[] = [];
    const past: AlertOfVan[] = [];
    for (const [van, { view, state }] of views.state().vans) {
      open.push(...view.alerts.map((alert) => ({ van, ...alert })));
      for (const alert of state.alerts.values()) if (alert.clearedAt) past.push({ van, ...alert });
    }
    past.sort((a, b) => (a.clearedAt! < b.clearedAt! ? 1 : -1));
    return { open, history: past.slice(0, MAX_PAST) };
  });
}
