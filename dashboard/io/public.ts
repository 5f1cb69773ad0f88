import type { FastifyInstance, FastifyPluginAsync } from 'fastify';
import type { Clock } from '../../runtime/clock.ts';
import type { Part } from '../../runtime/lifecycle.ts';
import { type Log, silentLog } from '../../runtime/log.ts';
import { type PageAssets, serveAssets } from '../../runtime/pageAssets.ts';
import type { PublicSource } from '../../visit/public.ts';
import type { Site } from '../web/tenant/shell.tsx';
import { type Desk, startDesk } from './notices/desk.ts';
import type { NoticeStore } from './notices/noticeStore.ts';
import { addPushRoutes } from './notices/pushRoutes.ts';
import type { SmsGateway } from './notices/smsGateway.ts';
import { addSmsRoutes } from './notices/smsRoutes.ts';
import type { makeWebPush } from './notices/webPush.ts';
import { addApi, problem } from './public/api.ts';
import { addCalendar } from './public/calendar.ts';
import { type ChangeLimits, startChanges } from './public/changes.ts';
import { addFixed } from './public/fixed.ts';
import { addGtfs } from './public/gtfs.ts';
import { OPEN_HEADERS, PAGE_HEADERS } from './public/headers.ts';
import { type LivingBoard, startBoard } from './public/livingBoard.ts';
import { addOpenApi } from './public/openapi.ts';
import { addPages } from './public/pages.ts';
import { makeRate } from './public/rate.ts';

export type { PublicSource } from '../../visit/public.ts';

export type PublicDeps = {
  readonly source: PublicSource;
  readonly clock: Clock;
  readonly assets: PageAssets;
  readonly timezone: string;
  /** Where tenants reach these pages, without a last slash: `https://agence.example`. */
  readonly origin: string;
  readonly phone?: string;
  readonly changeLimits?: ChangeLimits;
  /** Requests a minute from one address; a whole town may stand behind one (carrier NAT). */
  readonly perMinute?: number;
  /** «Me prévenir»: who asked, and the ways to reach them. */
  readonly notices?: NoticeDeps;
  readonly log?: Log;
  /** False when another plugin of the same server serves `/assets/`. */
  readonly serveAssets?: boolean;
};

export type NoticeDeps = {
  readonly store: NoticeStore;
  readonly push?: ReturnType<typeof makeWebPush>;
  readonly sms?: {
    readonly gateway: SmsGateway;
    readonly incomingSecret?: string;
    readonly random?: () => number;
  };
  /** Called with the desk once it runs: its counters are shown at the depot. */
  readonly started?: (desk: Desk) => void;
};

const PER_MINUTE = 600;

/** The public side of the depot: pages, `/public/v1`, calendars. No account, no cookie, nothing kept of a reader. */
export const publicRoutes: FastifyPluginAsync<PublicDeps> = async (app, deps) => {
  const { source, clock, assets, timezone, origin, phone } = deps;
  const board = startBoard(source, clock);
  const changes = startChanges(board, clock, deps.changeLimits);
  const rate = makeRate(clock, deps.perMinute ?? PER_MINUTE);
  const { notices } = deps;
  const site: Site = {
    path: assets.path,
    origin,
    timezone,
    // A number is not cut at a line's end.
    ...(phone === undefined ? {} : { phone: phone.replaceAll(' ', '\u00a0') }),
    ...(notices?.push ? { pushKey: notices.push.publicKey } : {}),
    ...(notices?.sms ? { hasSms: true } : {}),
  };
  const parts = notices ? addNotices(app, notices, { board, clock, site, log: deps.log ?? silentLog }) : [];

  // Callbacks, not promises: this runs for every request of a rush.
  app.addHook('onRequest', (request, reply, done) => {
    if (!rate.takes(request.ip)) {
      reply.header('retry-after', '60').header('cache-control', 'no-store');
      reply.code(429).type('text/plain; charset=utf-8').send('429 · réessayez dans une minute');
      return;
    }
    reply.headers(request.url.startsWith('/public/') ? OPEN_HEADERS : PAGE_HEADERS);
    done();
  });
  app.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
    const status = error.statusCode ?? 500;
    // What went wrong inside is for the log; a tenant is told that it did.
    if (status >= 500)
      (deps.log ?? silentLog).error({ error: error.stack, url: request.url }, 'request failed');
    return problem(reply, status, status >= 500 ? 'internal error' : error.message);
  });
  // An open stream would hold the server's close for ever.
  app.addHook('preClose', async () => {
    changes.stop();
    for (const part of parts) await part.stop();
    board.stop();
    rate.stop();
  });

  app.options('/public/v1/*', (_request, reply) =>
    reply
      .header('access-control-allow-methods', 'GET, HEAD')
      .header('access-control-allow-headers', 'If-None-Match, Last-Event-ID')
      .header('access-control-max-age', '86400')
      .code(204)
      .send(),
  );
  if (deps.serveAssets !== false) serveAssets(app, assets);
  addFixed(app, assets);
  addPages(app, board, changes, clock, site);
  addApi(app, board, changes, clock, timezone);
  addCalendar(app, board, clock, site);
  addGtfs(app, board, clock, site);
  addOpenApi(app, origin);
};

function addNotices(
  app: FastifyInstance,
  { store, push, sms, started }: NoticeDeps,
  deps: { board: LivingBoard; clock: Clock; site: Site; log: Log },
): Part[] {
  const { clock, site } = deps;
  const senders = { ...(push ? { push: push.sender } : {}), ...(sms ? { sms: sms.gateway } : {}) };
  const desk = startDesk({ ...deps, store, senders });
  started?.(desk);
  return [
    desk,
    ...(push ? [addPushRoutes(app, { store, hosts: push.hosts, clock })] : []),
    ...(sms ? [addSmsRoutes(app, { store, clock, site, ...sms })] : []),
  ];
}
