import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import { VanId } from '../../../protocol/van.ts';
import { localDate } from '../../../visit/format.ts';
import { bodyOf, jsonSchema, notFound, type RouteDeps } from './deps.ts';

const Enrol = z.strictObject({ id: VanId, name: z.string().trim().min(1).max(60) });
type ById = { Params: { van: string } };

/** Vans and their credentials: a secret leaves in one answer and never again. */
export function addFleetRoutes(app: FastifyInstance, { fleet, agenda, clock, log }: RouteDeps): void {
  const tags = ['fleet'];
  const admin = { config: { role: 'administrator' as const }, schema: { tags } };
  const refuse = (error: string) => Object.assign(new Error(error), { statusCode: 409 });
  const known = (van: string) => {
    if (!fleet.ids.includes(van)) throw notFound('van');
    if (!fleet.isOurs) throw refuse('the broker outside keeps the credentials');
    return van;
  };

  app.get('/api/fleet', { config: { role: 'reader' }, schema: { tags } }, () => ({
    ours: fleet.isOurs,
    vans: fleet.list(),
  }));
  app.post(
    '/api/fleet',
    { config: { role: 'administrator' }, schema: { tags, body: jsonSchema(Enrol) } },
    (request, reply) => {
      const { id, name } = bodyOf(Enrol, request.body);
      if (!fleet.isOurs) throw refuse('the broker outside keeps the credentials');
      const held = agenda.current();
      const today = held && localDate(clock.nowMs(), held.timezone);
      // With two vans a visit without one belongs to nobody, and tenants would read nothing of it.
      if (fleet.ids.length === 1 && held?.visits.some((visit) => !visit.van && visit.date >= today!))
        throw refuse('name the van of each coming visit first: with two, one without belongs to nobody');
      const secret = fleet.enrol(id, name, request.person!.name);
      if (secret === undefined) throw refuse('this van is known');
      log.info({ van: id, by: request.person!.name }, 'van enrolled');
      return reply.code(201).send({ id, secret });
    },
  );
  app.post<ById>('/api/fleet/:van/secret', admin, (request, reply) => {
    const van = known(request.params.van);
    log.info({ van, by: request.person!.name }, 'secret of van renewed');
    return reply.code(201).send({ id: van, secret: fleet.renew(van, request.person!.name) });
  });
  app.post<ById>('/api/fleet/:van/revoke', admin, (request, reply) => {
    const van = known(request.params.van);
    fleet.revoke(van, request.person!.name);
    log.warn({ van, by: request.person!.name }, 'van revoked');
    return reply.code(204).send();
  });
}
