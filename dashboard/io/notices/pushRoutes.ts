import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import type { Clock } from '../../../runtime/clock.ts';
import { problem } from '../public/api.ts';
import type { NoticeStore } from './noticeStore.ts';
import { isAllowedEndpoint, PushAddress } from './webPush.ts';

/** `/public/v1/push/subscriptions`: asked for and taken back by the browser that holds the subscription. */
const Asked = PushAddress.extend({
  commune: z.string().regex(/^(\d{2}|2[AB])\d{3}$/),
  language: z.enum(['fr', 'en']),
});

const MAX_BODY_BYTES = 4096;
/** New subscriptions of one address in an hour (campaigns H16). */
const NEW_AN_HOUR = 3;
const HOUR_MS = 3_600_000;

export function addPushRoutes(
  app: FastifyInstance,
  deps: { store: NoticeStore; hosts: readonly string[]; clock: Clock },
): { stop(): void } {
  const { store, hosts, clock } = deps;
  const made = new Map<string, number>();
  const stop = clock.every(HOUR_MS, () => made.clear());
  const options = { bodyLimit: MAX_BODY_BYTES, schema: { tags: ['public'] } };

  app.post('/public/v1/push/subscriptions', options, (request, reply) => {
    const asked = Asked.safeParse(request.body);
    if (!asked.success) return problem(reply, 400, 'expected a push subscription, a commune and a language');
    const { endpoint, keys, commune, language } = asked.data;
    if (!isAllowedEndpoint(endpoint, hosts)) return problem(reply, 400, 'not a known push service');
    const count = made.get(request.ip) ?? 0;
    if (count >= NEW_AN_HOUR || made.size > 50_000)
      return problem(reply.header('retry-after', '3600'), 429, 'too many');
    made.set(request.ip, count + 1);
    const address = JSON.stringify({ endpoint, keys });
    if (!store.add('push', endpoint, address, commune, language, clock.nowMs()))
      return problem(reply, 409, 'no room for another commune');
    return reply.code(201).header('cache-control', 'no-store').send({});
  });

  /** Knowing the endpoint is the right to take it back: only the browser and its push service know it. */
  app.delete('/public/v1/push/subscriptions', options, (request, reply) => {
    const asked = Asked.pick({ endpoint: true })
      .extend({ commune: Asked.shape.commune.optional() })
      .safeParse(request.body);
    if (!asked.success) return problem(reply, 400, 'expected a push subscription');
    store.remove('push', asked.data.endpoint, asked.data.commune);
    return reply.code(204).send();
  });
  return { stop };
}
