import type { FastifyInstance } from 'fastify';
import type { RowOf } from '../../../protocol/rows.ts';
import type { AlertView } from '../../core/vanView.ts';
import type { RouteDeps } from './deps.ts';

const DAY_MS = 86_400_000;
const MAX_DAYS = 60;

/** Episodes open now, and those of the last days with their end. */
export function addAlertRoutes(app: FastifyInstance, deps: RouteDeps): void {
  const { views, store, clock } = deps;
  app.get<{ Querystring: { days?: string } }>(
    '/api/alerts',
    { config: { role: 'reader' }, schema: { tags: ['alerts'] } },
    async (request) => {
      const days = Math.min(MAX_DAYS, Math.max(1, Number(request.query.days) || 7));
      const fromMs = clock.nowMs() - days * DAY_MS;
      const open: (AlertView & { readonly van: string })[] = [];
      const past: { van: string; row: RowOf<'alert'> }[] = [];
      for (const [van, { view }] of views.state().vans) {
        open.push(...view.alerts.map((alert) => ({ van, ...alert })));
        const rows = await store.rows({ van, kinds: ['alert'], fromMs, newestFirst: true, limit: 200 });
        past.push(...rows.map(({ row }) => ({ van, row: row as RowOf<'alert'> })));
      }
      const history = past.sort((a, b) => ((a.row.at ?? '') < (b.row.at ?? '') ? 1 : -1)).slice(0, 1000);
      return { open, history: history.map(({ van, row }) => ({ van, ...row })) };
    },
  );
}
