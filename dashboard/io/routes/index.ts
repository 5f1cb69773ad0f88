import type { FastifyInstance } from 'fastify';
import { addAccountingRoutes } from './accounting.ts';
import { addAgendaRoutes } from './agenda.ts';
import { addAlertRoutes } from './alerts.ts';
import { addDayRoutes } from './days.ts';
import type { RouteDeps } from './deps.ts';
import { addFleetRoutes } from './fleet.ts';
import { addLiveRoutes } from './live.ts';
import { addMetricsRoute } from './metrics.ts';
import { addNoticeRoutes } from './notices.ts';
import { addPeopleRoutes } from './people.ts';
import { addPrivacyRoutes } from './privacy.ts';
import { addSessionRoutes } from './session.ts';
import { addVisitRoutes } from './visits.ts';
import { addWebhookRoutes } from './webhooks.ts';

/** The staff's JSON API; one file a subject. */
export function addRoutes(app: FastifyInstance, deps: RouteDeps): void {
  app.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
    const status = error.statusCode ?? 500;
    if (status >= 500) deps.log.error({ error: error.stack }, 'request failed');
    return reply.code(status).send({ error: status >= 500 ? 'internal error' : error.message });
  });
  addSessionRoutes(app, deps);
  addLiveRoutes(app, deps);
  addVisitRoutes(app, deps);
  addAgendaRoutes(app, deps);
  addAlertRoutes(app, deps);
  addDayRoutes(app, deps);
  addAccountingRoutes(app, deps);
  addFleetRoutes(app, deps);
  addPeopleRoutes(app, deps);
  addPrivacyRoutes(app, deps);
  addWebhookRoutes(app, deps);
  addNoticeRoutes(app, deps);
  addMetricsRoute(app, deps);
  app.get('/api/docs', { config: { role: 'reader' }, schema: { hide: true } }, () => app.swagger());
}
