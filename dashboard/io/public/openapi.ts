import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import { PublicCommunes, PublicVisit, PublicVisits } from '../../../visit/publicVisit.ts';
import { ChangesQuery, Insee, Problem, VisitsQuery } from './queries.ts';

/** `/public/v1/openapi.json` (OpenAPI 3.1): made from the schemas that the routes themselves read and answer with. */
const VERSION = '1.0.0';

const schemaOf = (schema: z.ZodType): object => {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { target: 'draft-2020-12', io: 'input' });
  return rest;
};

const JSON_TYPE = 'application/json';
const LANGUAGE = {
  name: 'lang',
  in: 'query',
  schema: { enum: ['fr', 'en'], default: 'fr' },
  description: 'Language of the texts',
};

const queryOf = (schema: z.ZodObject) =>
  Object.entries(schema.shape).map(([name, field]) => ({
    name,
    in: 'query',
    required: false,
    schema: schemaOf((field as z.ZodOptional<z.ZodType>).unwrap()),
  }));
const inPath = (name: string, schema: z.ZodType) => ({
  name,
  in: 'path',
  required: true,
  schema: schemaOf(schema),
});

const answer = (description: string, type: string, schema?: object) => ({
  description,
  content: { [type]: schema ? { schema } : {} },
});
const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const PROBLEM = (description: string) => answer(description, JSON_TYPE, ref('Problem'));

type Get = { summary: string; parameters?: object[]; ok: object; problems?: Record<string, string> };
const get = ({ summary, parameters = [], ok, problems = {} }: Get) => ({
  get: {
    summary,
    parameters,
    responses: {
      200: ok,
      ...Object.fromEntries(Object.entries(problems).map(([code, text]) => [code, PROBLEM(text)])),
      429: { description: 'Too many requests of this address: see Retry-After' },
    },
  },
});

/** A 304 has no body; every cached answer may be one. */
function cacheable(path: ReturnType<typeof get>) {
  Object.assign(path.get.responses, { 304: { description: 'As named by If-None-Match' } });
  return path;
}

const ofCommune = [inPath('insee', Insee), LANGUAGE];

export const openApiOf = (origin: string) => ({
  openapi: '3.1.0',
  info: {
    title: 'Tournée: where the mobile agency is',
    version: VERSION,
    description:
      'Planned visits and their live state. No key, no account; open to every origin. Fields may be added under /public/v1, never changed or removed.',
  },
  servers: [{ url: origin }],
  paths: {
    '/public/v1/visits': cacheable(
      get({
        summary: 'Planned visits and their live state, from today on',
        parameters: queryOf(VisitsQuery),
        ok: answer('Visits in order of their windows', JSON_TYPE, ref('PublicVisits')),
        problems: { 400: 'What was expected' },
      }),
    ),
    '/public/v1/visits/{id}': cacheable(
      get({
        summary: 'One visit',
        parameters: [inPath('id', z.string())],
        ok: answer('The visit', JSON_TYPE, ref('PublicVisit')),
        problems: { 404: 'No such visit' },
      }),
    ),
    '/public/v1/communes': cacheable(
      get({
        summary: 'Communes where the agency stops',
        ok: answer('Communes with their stops', JSON_TYPE, ref('PublicCommunes')),
      }),
    ),
    '/public/v1/changes': get({
      summary:
        'Server-sent events: `visit` (a PublicVisit said otherwise), `beat` each 20 s, `reset` (ask again), `hello`',
      parameters: [
        ...queryOf(ChangesQuery),
        { name: 'Last-Event-ID', in: 'header', schema: { type: 'string', maxLength: 40 } },
      ],
      ok: answer('A line that stays open', 'text/event-stream'),
      problems: { 400: 'What was expected', 503: 'No room: ask /public/v1/visits each 30 s' },
    }),
    '/public/v1/communes/{insee}/visits.ics': cacheable(
      get({
        summary: "A commune's visits as a calendar to subscribe to (RFC 5545)",
        parameters: ofCommune,
        ok: answer('The calendar', 'text/calendar'),
        problems: { 404: 'No such commune' },
      }),
    ),
    '/public/v1/communes/{insee}/visits.atom': cacheable(
      get({
        summary: "A commune's statements as a feed (RFC 4287)",
        parameters: ofCommune,
        ok: answer('The feed', 'application/atom+xml'),
        problems: { 404: 'No such commune' },
      }),
    ),
    '/public/v1/gtfs.zip': cacheable(
      get({ summary: 'The plan as GTFS', ok: answer('The feed', 'application/zip') }),
    ),
    '/public/v1/gtfs-rt.pb': cacheable(
      get({
        summary: 'What is live as GTFS-Realtime: trip updates and alerts',
        ok: answer('The feed', 'application/x-protobuf'),
      }),
    ),
    '/public/v1/schema/{name}': get({
      summary: 'JSON Schema of an answer',
      parameters: [inPath('name', z.enum(['visits.json', 'visit.json', 'communes.json']))],
      ok: answer('The schema', 'application/schema+json'),
      problems: { 404: 'No such schema' },
    }),
  },
  components: {
    schemas: {
      PublicVisit: schemaOf(PublicVisit),
      PublicVisits: schemaOf(PublicVisits),
      PublicCommunes: schemaOf(PublicCommunes),
      Problem: schemaOf(Problem),
    },
  },
});

export function addOpenApi(app: FastifyInstance, origin: string): void {
  const text = JSON.stringify(openApiOf(origin));
  app.get('/public/v1/openapi.json', { schema: { hide: true } }, (_request, reply) =>
    reply.type('application/json; charset=utf-8').header('cache-control', 'public, max-age=3600').send(text),
  );
}
