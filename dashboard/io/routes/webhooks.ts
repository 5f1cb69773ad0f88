import type { FastifyInstance } from 'fastify';
import { notFound, type RouteDeps } from './deps.ts';

/** Outgoing calls: how they go, and a try. */
export function addWebhookRoutes(app: FastifyInstance, { webhooks }: RouteDeps): void {
  app.get('/api/webhooks', { config: { role: 'reader' }, schema: { tags: ['webhooks'] } }, () => ({
    webhooks: webhooks.list(),
  }));
  app.post<{ Params: { n: string } }>(
    '/api/webhooks/:n/test',
    { config: { role: 'administrator' }, schema: { tags: ['webhooks'] } },
    (request, reply) => {
      if (!webhooks.test(Number(request.params.n))) throw notFound('webhook');
      return reply.code(202).send({});
    },
  );
}
