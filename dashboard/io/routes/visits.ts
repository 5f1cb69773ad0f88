import { randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import { CorrectionRequest, OfficeActRequest, type OfficeWord } from '../../core/office.ts';
import { bodyOf, jsonSchema, notFound, type RouteDeps } from './deps.ts';

const Correct = CorrectionRequest.omit({ visit: true });
const Tell = OfficeActRequest.omit({ visit: true });
const Withdraw = z.strictObject({ reason: z.string().trim().min(3).max(200) });
type ById = { Params: { id: string } };

/** A person overrules a visit, or tells for the crew; both words stay. */
export function addVisitRoutes(app: FastifyInstance, deps: RouteDeps): void {
  const { views, clock, office } = deps;
  const tags = ['visits'];
  const insert = office.prepare('insert into words (visit, at, text) values (?, ?, ?)');
  const hasKey = office.prepare("select 1 from words where visit = ? and json_extract(text, '$.key') = ?");
  const now = () => new Date(clock.nowMs()).toISOString();
  const knownVisit = (id: string) => {
    if (!views.state().plan?.byId.has(id)) throw notFound('visit');
  };
  const write = (word: OfficeWord) => {
    insert.run(word.visit, word.at, JSON.stringify(word));
    views.tell(word);
    return word;
  };

  app.post<ById>(
    '/api/visits/:id/corrections',
    { config: { role: 'planner' }, schema: { tags, body: jsonSchema(Correct) } },
    (request, reply) => {
      const visit = request.params.id;
      knownVisit(visit);
      const correction = bodyOf(Correct, request.body);
      const written = { by: request.person!.name, at: now(), id: randomUUID() };
      return reply.code(201).send(write({ kind: 'correction', visit, ...correction, ...written }));
    },
  );

  app.post<{ Params: { id: string; correction: string } }>(
    '/api/visits/:id/corrections/:correction/withdraw',
    { config: { role: 'planner' }, schema: { tags, body: jsonSchema(Withdraw) } },
    (request, reply) => {
      const { id: visit, correction: withdraws } = request.params;
      const held = views
        .state()
        .words.get(visit)
        ?.find((w) => w.kind === 'correction' && w.id === withdraws);
      if (held?.kind !== 'correction') throw notFound('correction');
      const { reason } = bodyOf(Withdraw, request.body);
      const written = { by: request.person!.name, at: now(), id: randomUUID() };
      const word = { kind: 'correction', visit, state: held.state, reason, withdraws, ...written } as const;
      return reply.code(201).send(write(word));
    },
  );

  app.post<ById>(
    '/api/visits/:id/acts',
    { config: { role: 'planner' }, schema: { tags, body: jsonSchema(Tell) } },
    (request, reply) => {
      const visit = request.params.id;
      knownVisit(visit);
      const act = bodyOf(Tell, request.body);
      if (hasKey.get(visit, act.key)) return reply.code(200).send({ repeated: true });
      return reply.code(201).send(write({ kind: 'act', visit, ...act, by: request.person!.name, at: now() }));
    },
  );
}
