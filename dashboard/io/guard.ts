import { timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isLoopback } from '../config.ts';
import { type Auth, atLeast, type Person, type Role } from './auth.ts';

/**
 * Who may call what: every route under /api names the role that it needs (`config: { role }`), `open` for the few
 * before the login. A write needs the page's own origin and the session's token (CSRF).
 */
export type Access = Role | 'open';

declare module 'fastify' {
  interface FastifyContextConfig {
    role?: Access;
    /** Read by machines that cannot log in from another loopback program: no session needed under `auth: none`. */
    bearer?: boolean;
  }
  interface FastifyRequest {
    person?: Person & { readonly session: string; readonly csrf: string };
  }
}

export type Guard = {
  /** The cookie's name and options; `__Host-` where the connection is secure. */
  setCookie(request: FastifyRequest, reply: FastifyReply, value: string): void;
  cookieOf(request: FastifyRequest): string | undefined;
  clearCookie(request: FastifyRequest, reply: FastifyReply): void;
};

export type GuardDeps = {
  readonly auth: Auth;
  readonly mode: 'none' | 'password';
  /** Under `auth: none`: the page's token of this run. */
  readonly openCsrf: string;
  readonly listen: string;
};

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);
const nameOf = (request: FastifyRequest) => (request.protocol === 'https' ? '__Host-tournee' : 'tournee');

export function addGuard(app: FastifyInstance, deps: GuardDeps): Guard {
  app.addHook('onRequest', async (request, reply) => {
    // A page elsewhere that rebinds its name to 127.0.0.1 must not find an open depot.
    if (deps.mode === 'none' && isLoopback(deps.listen) && !isLoopback(`http://${request.host}`))
      return reply.code(421).send({ error: 'this depot answers on loopback only' });
    const needed = request.routeOptions.config.role;
    if (needed === undefined) {
      if (request.url.startsWith('/api/') && request.routeOptions.url)
        throw new Error('route without a role');
      return;
    }
    // What the staff sees is for nobody's cache.
    reply.header('cache-control', 'no-store');
    const person = personOf(request, deps, guard);
    if (person) request.person = person;
    if (needed !== 'open' && !person) return reply.code(401).send({ error: 'not logged in' });
    if (needed !== 'open' && !atLeast(person!.role, needed))
      return reply.code(403).send({ error: `needs the role ${needed}` });
    if (!SAFE.has(request.method) && !isOwnWrite(request, needed))
      return reply.code(403).send({ error: 'cross-site' });
  });

  const guard: Guard = {
    setCookie: (request, reply, value) =>
      void reply.setCookie(nameOf(request), value, {
        signed: true,
        httpOnly: true,
        sameSite: 'lax',
        path: '/',
        secure: request.protocol === 'https',
      }),
    clearCookie: (request, reply) => void reply.clearCookie(nameOf(request), { path: '/' }),
    cookieOf(request) {
      const raw = request.cookies[nameOf(request)];
      const read = raw === undefined ? undefined : request.unsignCookie(raw);
      return read?.valid ? (read.value ?? undefined) : undefined;
    },
  };
  return guard;
}

function personOf(
  request: FastifyRequest,
  deps: GuardDeps,
  guard: Guard,
): FastifyRequest['person'] | undefined {
  const bearer = /^Bearer ([\w-]{20,100})$/.exec(request.headers.authorization ?? '')?.[1];
  if (bearer) {
    const person = deps.auth.byToken(bearer);
    return person && { ...person, session: `token ${person.name}`, csrf: '' };
  }
  if (deps.mode === 'none')
    return { name: 'local', role: 'administrator', session: 'local', csrf: deps.openCsrf };
  const cookie = guard.cookieOf(request);
  const session = cookie === undefined ? undefined : deps.auth.session(cookie);
  return session && { name: session.name, role: session.role, session: session.id, csrf: session.csrf };
}

/** Same origin by the browser's own word, and the token that only the page can read; a bearer is no browser. */
function isOwnWrite(request: FastifyRequest, needed: Access): boolean {
  if (request.headers.authorization) return true;
  const site = request.headers['sec-fetch-site'];
  const { origin } = request.headers;
  if (site !== undefined && site !== 'same-origin') return false;
  if (site === undefined && origin !== undefined && origin !== `${request.protocol}://${request.host}`)
    return false;
  if (needed === 'open') return true;
  const sent = Buffer.from(String(request.headers['x-csrf'] ?? ''));
  const expected = Buffer.from(request.person?.csrf ?? '');
  return sent.length > 0 && sent.length === expected.length && timingSafeEqual(sent, expected);
}
