import { randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import { headOf } from '../../core/head.ts';
import { bodyOf, jsonSchema, notFound, type RouteDeps } from './deps.ts';

const Look = z.strictObject({ van: z.string().max(31) });
const Message = z.strictObject({ text: z.string().trim().min(1).max(500) });
const Seen = z.strictObject({ episode: z.string().min(1).max(120) });

/** What is now: vans, the live stream, who is watched, alerts seen, a message to the cab. */
export function addLiveRoutes(app: FastifyInstance, deps: RouteDeps): void {
  const { views, clock, live, watch, journal, publish } = deps;
  const tags = ['now'];
  const knownVan = (van: string) => {
    const entry = views.state().vans.get(van);
    if (!entry) throw notFound('van');
    return entry;
  };

  app.get('/api/vans', { config: { role: 'reader' }, schema: { tags } }, () => ({
    ...headOf(views.state(), clock.nowMs()),
    vans: [...views.state().vans.values()].map(({ view }) => view),
  }));
  app.get<{ Params: { van: string } }>(
    '/api/vans/:van',
    { config: { role: 'reader' }, schema: { tags } },
    (request) => knownVan(request.params.van).view,
  );
  app.get('/api/live', { config: { role: 'reader' }, schema: { tags } }, (request, reply) => {
    live.attach(request, reply, request.person!.session);
  });

  app.post(
    '/api/watch',
    { config: { role: 'reader' }, schema: { tags, body: jsonSchema(Look) } },
    (request, reply) => {
      const { van } = bodyOf(Look, request.body);
      knownVan(van);
      watch.look(van);
      journal.note(request.person!.name, van, 'live');
      return reply.code(204).send();
    },
  );

  app.post(
    '/api/alerts/seen',
    { config: { role: 'reader' }, schema: { tags, body: jsonSchema(Seen) } },
    (request, reply) => {
      const { episode } = bodyOf(Seen, request.body);
      const at = new Date(clock.nowMs()).toISOString();
      deps.office
        .prepare(
          'insert into seen values (?, ?, ?) on conflict (episode) do update set at = excluded.at, account = excluded.account',
        )
        .run(episode, at, request.person!.name);
      views.see(episode, at);
      deps.cabTeller.acknowledge(episode);
      return reply.code(204).send();
    },
  );

  app.post<{ Params: { van: string } }>(
    '/api/vans/:van/message',
    { config: { role: 'planner' }, schema: { tags, body: jsonSchema(Message) } },
    (request, reply) => {
      const { van } = request.params;
      knownVan(van);
      const { text } = bodyOf(Message, request.body);
      const message = {
        key: randomUUID(),
        at: new Date(clock.nowMs()).toISOString(),
        text,
        from: request.person!.name,
      };
      publish(van, 'cab', message, false);
      return reply.code(202).send({ key: message.key });
    },
  );
}
