import { readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import { ConfigError } from '../../../runtime/configFile.ts';
import { compressed, sendCompressed } from '../../../runtime/pageAssets.ts';
import { MIN_PASSWORD } from '../auth.ts';
import { bodyOf, jsonSchema, type RouteDeps } from './deps.ts';

const Name = z.string().trim().min(1).max(60);
const Password = z.string().min(MIN_PASSWORD).max(200);
const Login = z.strictObject({ name: Name, password: z.string().min(1).max(200) });
const Setup = z.strictObject({ code: z.string().min(1).max(40), name: Name, password: Password });

export function addSessionRoutes(app: FastifyInstance, deps: RouteDeps): void {
  const { auth, guard, config, fleet } = deps;

  app.get('/api/session', { config: { role: 'open' }, schema: { tags: ['session'] } }, (request) => ({
    auth: config.auth,
    setup: config.auth === 'password' && !auth.hasAccounts(),
    ...(request.person
      ? { name: request.person.name, role: request.person.role, csrf: request.person.csrf }
      : {}),
    vans: request.person ? fleet.list().map(({ id, name }) => ({ id, name })) : [],
    ...(request.person && config.basemap
      ? {
          basemap: {
            raster: config.basemap.raster,
            attribution: config.basemap.attribution,
            ...(config.basemap.geojson ? { geojson: '/api/basemap.geojson' } : {}),
          },
        }
      : {}),
  }));

  const { geojson } = config.basemap ?? {};
  if (geojson) {
    const features = compressed(readBasemap(geojson));
    app.get(
      '/api/basemap.geojson',
      { config: { role: 'reader' }, schema: { hide: true } },
      (request, reply) => {
        reply.type('application/geo+json').header('cache-control', 'private, max-age=3600');
        return sendCompressed(request, reply, features);
      },
    );
  }

  app.post(
    '/api/login',
    { config: { role: 'open' }, schema: { tags: ['session'], body: jsonSchema(Login) } },
    async (request, reply) => {
      const { name, password } = bodyOf(Login, request.body);
      const outcome = await auth.login(name, password, request.ip);
      if (outcome === 'refused' || outcome === 'locked') return reply.code(401).send({ error: 'refused' });
      guard.setCookie(request, reply, outcome.cookie);
      return { csrf: outcome.csrf };
    },
  );

  app.post('/api/logout', { config: { role: 'reader' }, schema: { tags: ['session'] } }, (request, reply) => {
    const cookie = guard.cookieOf(request);
    if (cookie !== undefined) auth.logout(cookie);
    guard.clearCookie(request, reply);
    return reply.code(204).send();
  });

  app.post(
    '/api/setup',
    { config: { role: 'open' }, schema: { tags: ['session'], body: jsonSchema(Setup) } },
    async (request, reply) => {
      const { code, name, password } = bodyOf(Setup, request.body);
      if (auth.hasAccounts() || deps.setupCode === undefined || code !== deps.setupCode)
        return reply.code(403).send({ error: 'refused' });
      await auth.setAccount(name, 'administrator', password);
      return reply.code(201).send({ name });
    },
  );
}

/** Read once; throws ConfigError for a file that is not GeoJSON. */
function readBasemap(path: string): Buffer {
  try {
    const bytes = readFileSync(path);
    const { type } = JSON.parse(bytes.toString('utf8')) as { type?: unknown };
    if (typeof type === 'string') return bytes;
  } catch {
    // Told below: whether it is missing or broken, the operator looks at the same key.
  }
  throw new ConfigError(path, [{ path: 'basemap.geojson', expected: 'a readable GeoJSON file', got: path }]);
}
