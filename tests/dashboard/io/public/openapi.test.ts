import { createRequire } from 'node:module';
import { afterEach, describe, expect, it } from 'vitest';
import { at, factsOf, gps } from '../../../parts/publicFacts.ts';
import { publicServer } from '../../../parts/publicServer.ts';

type Validate = ((value: unknown) => boolean) & { errors?: unknown };
type Ajv = new (options: object) => { compile(schema: object): Validate };
// Fastify's own, so no dependency more.
const inFastify = createRequire(createRequire(import.meta.url).resolve('fastify'));
const { default: Ajv } = createRequire(inFastify.resolve('@fastify/ajv-compiler'))('ajv/dist/2020') as {
  default: Ajv;
};

let open: Awaited<ReturnType<typeof publicServer>> | undefined;
afterEach(async () => {
  await open?.app.close();
});

const serve = async () => {
  open = await publicServer(
    [
      factsOf({
        address: 'Place de la Mairie',
        services: ['Loyer'],
        heardMs: at('09:40'),
        ...gps({ state: 'on_site', open: true, arrivedMs: at('09:24'), atMs: at('09:24') }),
      }),
      factsOf({ id: 'v2', date: '2026-12-29' }),
    ],
    at('09:40'),
  );
  return open.app;
};

describe('/public/v1/openapi.json', () => {
  it('names every public route that is read, and no other', async () => {
    const app = await serve();
    const { paths, openapi } = (await app.inject('/public/v1/openapi.json')).json();
    expect(openapi).toBe('3.1.0');
    const routes = open!.routes
      .flatMap((route) => /^GET (\/public\/v1\/\S+)$/.exec(route)?.[1] ?? [])
      .map((path) => path.replace(/:(\w+)/g, '{$1}'))
      .filter((path) => path !== '/public/v1/openapi.json');
    expect(routes.sort()).toEqual(Object.keys(paths).sort());
  });

  it('describes what is answered', async () => {
    const app = await serve();
    const api = (await app.inject('/public/v1/openapi.json')).json();
    const ajv = new Ajv({ strict: false, validateFormats: false });
    const asked = [
      ['/public/v1/visits', '/public/v1/visits', 200],
      ['/public/v1/visits/{id}', '/public/v1/visits/v1', 200],
      ['/public/v1/visits/{id}', '/public/v1/visits/nope', 404],
      ['/public/v1/communes', '/public/v1/communes', 200],
      ['/public/v1/visits', '/public/v1/visits?commune=x', 400],
      ['/public/v1/communes/{insee}/visits.ics', '/public/v1/communes/99999/visits.ics', 404],
    ] as const;
    for (const [path, url, code] of asked) {
      const answer = await app.inject(url);
      expect(answer.statusCode, url).toBe(code);
      const { $ref } = api.paths[path].get.responses[code].content['application/json'].schema;
      const validate = ajv.compile(api.components.schemas[$ref.split('/').at(-1)]);
      expect(validate(answer.json()), `${url}: ${JSON.stringify(validate.errors)}`).toBe(true);
      expect(validate({ ...(answer.json() as object), private: 1 }), url).toBe(false);
    }
  });

  it('gives each answer the type that it promises', async () => {
    const app = await serve();
    const api = (await app.inject('/public/v1/openapi.json')).json();
    for (const [path, { get }] of Object.entries<{ get: { responses: Record<string, { content: object }> } }>(
      api.paths,
    )) {
      if (path === '/public/v1/changes') continue;
      const url = path.replace('{insee}', '37130').replace('{id}', 'v1').replace('{name}', 'visits.json');
      const answer = await app.inject(url);
      expect([url, answer.statusCode]).toEqual([url, 200]);
      expect(Object.keys(get.responses[200]!.content)).toEqual([
        String(answer.headers['content-type']).split(';')[0],
      ]);
    }
  });
});

describe('an address that does not exist', () => {
  it.each([
    ['/nulle-part', 'text/html; charset=utf-8', "Cette page n'existe pas"],
    ['/nulle-part?lang=en', 'text/html; charset=utf-8', 'This page does not exist'],
    ['/c', 'text/html; charset=utf-8', "Cette page n'existe pas"],
    ['/%2e%2e/etc/passwd', 'text/html; charset=utf-8', "Cette page n'existe pas"],
    ['/public/v1/nothing', 'application/json; charset=utf-8', 'no such address'],
    ['/api/nothing', 'application/json; charset=utf-8', 'no such address'],
  ])('%s is told in words, or as JSON to machines', async (url, type, words) => {
    const answer = await (await serve()).inject(url);
    expect([answer.statusCode, answer.headers['content-type']]).toEqual([404, type]);
    expect(answer.body.replaceAll('&#39;', "'")).toContain(words);
    expect(answer.headers['x-content-type-options']).toBe('nosniff');
  });
});
