import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import * as z from 'zod';
import { isoOf } from '../../../protocol/time.ts';
import type { Clock } from '../../../runtime/clock.ts';
import { localDate } from '../../../visit/format.ts';
import { type PublicCommune, PublicCommunes, PublicVisit, PublicVisits } from '../../../visit/publicVisit.ts';
import { communeOf } from '../../core/communes.ts';
import type { Told } from '../../core/publicBoard.ts';
import { give, makeAnswers } from './answers.ts';
import type { Changes } from './changes.ts';
import type { LivingBoard } from './livingBoard.ts';
import { ChangesQuery, VisitsQuery } from './queries.ts';

/** `/public/v1`: the same facts as JSON, for the landlord's own application, the communes' sites and anyone. */
const JSON_TYPE = 'application/json; charset=utf-8';
/** Bodies carry the time at which they were made; the answer stays the same while nothing else changes. */
const BODY_AGE_MS = 5000;

/** JSON Schema as Fastify and OpenAPI read it. */
const schemaOf = (schema: z.ZodType): object => {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { target: 'draft-7', io: 'input' });
  return rest;
};

export const SCHEMAS = {
  'visits.json': schemaOf(PublicVisits),
  'visit.json': schemaOf(PublicVisit),
  'communes.json': schemaOf(PublicCommunes),
} as const;

export function addApi(
  app: FastifyInstance,
  board: LivingBoard,
  changes: Changes,
  clock: Clock,
  timezone: string,
): void {
  const answers = makeAnswers(BODY_AGE_MS);
  const tags = ['public'];

  app.get(
    '/public/v1/visits',
    {
      // The schema is for the papers: `read` checks, and answers in its own words.
      validatorCompiler: () => () => true,
      schema: {
        tags,
        summary: 'Planned visits and their live state',
        querystring: schemaOf(VisitsQuery),
        response: { 200: schemaOf(PublicVisits) },
      },
    },
    (request, reply) => {
      const query = read(VisitsQuery, request, reply);
      if (!query) return reply;
      const now = clock.nowMs();
      const from = query.from ?? localDate(now, timezone);
      const { commune = '', to = '' } = query;
      const answer = answers.of(`${commune} ${from} ${to}`, `${board.version(query.commune)}`, now, () => {
        const { visits, byCommune } = board.current();
        const own = query.commune ? (byCommune.get(query.commune) ?? []) : visits;
        const inRange = own.filter(({ facts }) => facts.date >= from && (to === '' || facts.date <= to));
        const list = inRange.map((told) => told.json);
        return {
          body: JSON.stringify({ at: isoOf(now), visits: list }),
          type: JSON_TYPE,
          mark: JSON.stringify(list),
        };
      });
      return give(request, reply, answer);
    },
  );

  app.get<{ Params: { id: string } }>(
    '/public/v1/visits/:id',
    { schema: { tags, summary: 'One visit', response: { 200: schemaOf(PublicVisit) } } },
    (request, reply) => {
      const told = board.current().byId.get(request.params.id);
      if (!told) return problem(reply, 404, 'no such visit');
      const version = `${told.mark.length}${told.json.at}${board.version(told.facts.commune)}`;
      return give(
        request,
        reply,
        answers.of(`visit ${told.facts.id}`, version, clock.nowMs(), () => ({
          body: JSON.stringify(told.json),
          type: JSON_TYPE,
        })),
      );
    },
  );

  app.get(
    '/public/v1/communes',
    {
      schema: {
        tags,
        summary: 'Communes where the agency stops, with their stops',
        response: { 200: schemaOf(PublicCommunes) },
      },
    },
    (request, reply) => {
      const answer = answers.of('communes', `${board.version()}`, clock.nowMs(), () => ({
        body: JSON.stringify({ communes: communesOf(board.current().byCommune) }),
        type: JSON_TYPE,
      }));
      return give(request, reply, answer, 'public, max-age=60');
    },
  );

  app.get(
    '/public/v1/changes',
    {
      // A HEAD would open a line that nobody reads.
      exposeHeadRoute: false,
      schema: { tags, summary: 'Server-sent events: hello, visit, beat, reset' },
    },
    (request, reply) => {
      const query = read(ChangesQuery, request, reply);
      if (!query) return reply;
      const header = request.headers['last-event-id'];
      const lastId = typeof header === 'string' ? header : query.lastEventId;
      reply.hijack();
      const isOpen = changes.open(reply.raw, {
        ip: request.ip,
        ...(query.commune === undefined ? {} : { commune: query.commune }),
        ...(lastId === undefined ? {} : { lastId: lastId.slice(0, 40) }),
      });
      if (!isOpen)
        reply.raw
          .writeHead(503, {
            'retry-after': '30',
            'content-type': JSON_TYPE,
            'access-control-allow-origin': '*',
          })
          .end('{"error":"too many listeners: ask /public/v1/visits each 30 s"}');
    },
  );

  app.get<{ Params: { name: string } }>(
    '/public/v1/schema/:name',
    { schema: { tags, summary: 'JSON Schema of an answer' } },
    (request, reply) => {
      const schema = SCHEMAS[request.params.name as keyof typeof SCHEMAS];
      if (!Object.hasOwn(SCHEMAS, request.params.name)) return problem(reply, 404, 'no such schema');
      return reply
        .type('application/schema+json')
        .header('cache-control', 'public, max-age=3600')
        .send(schema);
    },
  );
}

/** The query, or the answer 400 that says what was expected. */
function read<S extends z.ZodType>(
  schema: S,
  request: FastifyRequest,
  reply: FastifyReply,
): z.output<S> | undefined {
  const result = schema.safeParse(request.query);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  problem(reply, 400, `${issue.path.join('.')}: ${issue.message}`);
  return undefined;
}

export const problem = (reply: FastifyReply, code: number, error: string): FastifyReply =>
  reply.code(code).type(JSON_TYPE).header('cache-control', 'no-store').send({ error });

function communesOf(byCommune: ReadonlyMap<string, readonly Told[]>): PublicCommune[] {
  return [...byCommune]
    .map(([insee, visits]): PublicCommune => {
      const known = communeOf(insee);
      const stops = new Map(visits.map(({ facts }) => [facts.stop, facts]));
      return {
        insee,
        name: known?.name ?? visits[0]!.facts.name,
        postcodes: [...(known?.postcodes ?? [])],
        stops: [...stops.values()].map(({ stop, name, lat, lon, address, access, services }) => ({
          id: stop,
          name,
          lat,
          lon,
          ...(address === undefined ? {} : { address }),
          ...(access === undefined ? {} : { access }),
          ...(services === undefined ? {} : { services: [...services] }),
        })),
      };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
