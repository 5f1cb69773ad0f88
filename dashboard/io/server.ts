import { randomBytes } from 'node:crypto';
import cookie from '@fastify/cookie';
import helmet from '@fastify/helmet';
import swagger from '@fastify/swagger';
import fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import type { Clock } from '../../runtime/clock.ts';
import { ConfigError } from '../../runtime/configFile.ts';
import type { Part } from '../../runtime/lifecycle.ts';
import type { Log } from '../../runtime/log.ts';
import { loadPageAssets, type PageAssets, serveAssets } from '../../runtime/pageAssets.ts';
import type { DepotConfig } from '../config.ts';
import type { Feed } from '../core/feed.ts';
import { makeAccessJournal } from './accessJournal.ts';
import type { AgendaFile } from './agendaFile.ts';
import { makeAuth } from './auth.ts';
import { startCabTeller } from './cabTeller.ts';
import type { Fleet } from './fleet.ts';
import { addGuard } from './guard.ts';
import { startLedger } from './ledger.ts';
import { startLive } from './live.ts';
import type { NoticeStore } from './notices/noticeStore.ts';
import { keptSecret, type OfficeDb } from './officeDb.ts';
import { staffPage } from './page.ts';
import type { Publish, Views } from './ports.ts';
import { startRetention } from './retention.ts';
import type { RouteDeps } from './routes/deps.ts';
import { addRoutes } from './routes/index.ts';
import type { Store } from './store/store.ts';
import { startVerdicts } from './verdicts.ts';
import { startWatch } from './watch.ts';
import { startWebhooks } from './webhooks.ts';

export type ServerDeps = {
  readonly config: DepotConfig;
  readonly store: Pick<Store, 'rowsOfVan' | 'rows' | 'sweep' | 'erase'>;
  readonly office: OfficeDb;
  readonly views: Views;
  readonly feed: Feed;
  readonly agenda: AgendaFile;
  readonly fleet: Fleet;
  readonly publish: Publish;
  /** Pages and feeds of the tenants, mounted at the root unless `staffHttp` splits the origins. */
  readonly tenants?: (app: FastifyInstance) => Promise<void> | void;
  /** Notices to tenants that were given up, newest first, without an address. */
  readonly deadLetters?: NoticeStore['deadLetters'];
  /** Counters of other parts, for /metrics: name → value. */
  readonly counters?: () => Readonly<Record<string, number>>;
  readonly clock: Clock;
  readonly log: Log;
  readonly assets?: PageAssets;
  /** scrypt's N; tests lower it. */
  readonly passwordCost?: number;
};

const MAX_BODY_BYTES = 8 * 1024 * 1024;

/** Builds the whole staff application; `startServer` listens, tests inject. */
export async function buildServer(
  deps: ServerDeps,
): Promise<{ app: FastifyInstance; stop: () => Promise<void> }> {
  const app = newApp(deps);
  await app.register(swagger, {
    openapi: { openapi: '3.0.3', info: { title: 'Tournée, the depot', version: '1' } },
  });
  let stop = async () => {};
  // Apart from the tenants' routes: a rush pays for no cookie, no session and no second set of headers.
  await app.register(async (staff) => {
    stop = await addStaff(staff, deps);
  });
  if (!deps.config.staffHttp) await deps.tenants?.(app);
  return { app, stop };
}

/** Everything under /api and /depot, with its hooks; gives what stops its parts. */
async function addStaff(app: FastifyInstance, deps: ServerDeps): Promise<() => Promise<void>> {
  const { config, office, clock, log } = deps;
  await app.register(cookie, {
    secret: keptSecret(office, 'cookie', () => randomBytes(32).toString('base64url')),
  });
  await app.register(helmet, securityHeaders(config));
  const auth = makeAuth(office, clock, deps.passwordCost);
  const openCsrf = randomBytes(18).toString('base64url');
  const guard = addGuard(app, {
    auth,
    mode: config.auth,
    openCsrf,
    listen: config.staffHttp ?? config.http,
  });
  const live = startLive(deps.views, clock);
  const leave = auth.onEnd((session) => live.end(session));
  const watch = startWatch(deps.publish, clock);
  const assets = deps.assets ?? loadPageAssets();
  const journal = makeAccessJournal(office, clock);
  const vans = deps.fleet.ids;
  const cabTeller = startCabTeller({ ...deps, vans, journal, accounts: auth.accounts });
  const ledger = startLedger({ ...deps, vans });
  const retention = startRetention({ ...deps, kept: config.retention, vans, journal });
  const verdicts = startVerdicts({ ...deps, vans });
  const webhooks = startWebhooks({ ...deps, hooks: config.webhooks, random: Math.random });
  const routeDeps: RouteDeps = {
    ...deps,
    auth,
    guard,
    live,
    watch,
    journal,
    cabTeller,
    ledger,
    retention,
    webhooks,
    setupCode:
      auth.hasAccounts() || config.auth === 'none' ? undefined : randomBytes(6).toString('base64url'),
  };
  if (routeDeps.setupCode)
    log.warn({ code: routeDeps.setupCode }, 'no account yet: create the first one at /depot with this code');
  addRoutes(app, routeDeps);
  serveAssets(app, assets);
  staffPage(app, assets, config);
  return async () => {
    leave();
    watch.stop();
    await cabTeller.stop();
    live.stop();
    await ledger.stop();
    await retention.stop();
    await webhooks.stop();
    await verdicts.stop();
  };
}

/** The depot's HTTP server; throws ConfigError naming the port when it is in use. */
export async function startServer(
  deps: ServerDeps,
): Promise<Part & { readonly url: string; readonly staffUrl?: string }> {
  const { http, staffHttp } = deps.config;
  const { app, stop } = await buildServer(deps);
  const apps = [app];
  const stopAll = async () => {
    await stop();
    for (const each of apps) await each.close();
  };
  try {
    const staffUrl = await listenAt(app, staffHttp ?? http, staffHttp ? 'staffHttp' : 'http');
    if (!staffHttp) return { url: staffUrl, stop: stopAll };
    // Two origins: a fault of the public page reaches no staff cookie.
    const tenants = newApp(deps);
    serveAssets(tenants, deps.assets ?? loadPageAssets());
    apps.push(tenants);
    await deps.tenants?.(tenants);
    return { url: await listenAt(tenants, http, 'http'), staffUrl, stop: stopAll };
  } catch (error) {
    await stopAll();
    throw error;
  }
}

/** The address it got; a taken one is a mistake of the configuration and is named. */
async function listenAt(app: FastifyInstance, address: string, path: string): Promise<string> {
  const { hostname, host, port: wanted } = new URL(address);
  try {
    await app.listen({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(wanted || 80) });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EADDRINUSE' && code !== 'EACCES' && code !== 'EADDRNOTAVAIL') throw error;
    const got = `${host}: ${code} (another program listens there?)`;
    throw new ConfigError('http', [{ path, expected: 'a free address', got }]);
  }
  return `http://${hostname}:${(app.server.address() as { port: number }).port}`;
}

function newApp({ log }: ServerDeps): FastifyInstance {
  const app: FastifyInstance = fastify({
    loggerInstance: log.child({ part: 'http' }, { level: 'warn' }) as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    // A key that nobody knows is a mistake to be told, not to be dropped.
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false, useDefaults: false } },
    bodyLimit: MAX_BODY_BYTES,
    // A reverse proxy on this machine ends TLS; nobody else is believed.
    trustProxy: 'loopback',
    requestTimeout: 30_000,
    forceCloseConnections: true,
  });
  takeJsonOnly(app);
  return app;
}

/** Only exact `application/json` is a body (CVE-2026-25223 and its kin); an empty one is none. */
function takeJsonOnly(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (request.headers['content-type'] !== 'application/json') {
      done(Object.assign(new Error('expected exactly application/json'), { statusCode: 415 }));
      return;
    }
    try {
      done(null, body === '' ? undefined : JSON.parse(body as string, withoutPrototype));
    } catch {
      done(Object.assign(new Error('not JSON'), { statusCode: 400 }));
    }
  });
}

const withoutPrototype = (key: string, value: unknown) => (key === '__proto__' ? undefined : value);

function securityHeaders(config: DepotConfig) {
  const raster = config.basemap?.raster ? [new URL(config.basemap.raster).origin] : [];
  return {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", 'data:', ...raster],
        connectSrc: ["'self'"],
        manifestSrc: ["'self'"],
        workerSrc: ["'self'"],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    // TLS ends before us; the one who ends it sets HSTS.
    strictTransportSecurity: false,
    referrerPolicy: { policy: 'same-origin' as const },
  };
}
