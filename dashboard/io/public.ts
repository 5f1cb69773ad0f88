import type { FastifyPluginAsync } from 'fastify';
import type { Clock } from '../../runtime/clock.ts';
import { type PageAssets, serveAssets } from '../../runtime/pageAssets.ts';
import type { PublicSource } from '../../visit/public.ts';
import type { Site } from '../web/tenant/shell.tsx';
import { addApi } from './public/api.ts';
import { addCalendar } from './public/calendar.ts';
import { type ChangeLimits, startChanges } from './public/changes.ts';
import { addFixed } from './public/fixed.ts';
import { startBoard } from './public/livingBoard.ts';
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
  /** False when another plugin of the same server serves `/assets/`. */
  readonly serveAssets?: boolean;
};

const PER_MINUTE = 600;

/** Nothing inline, nothing from elsewhere; a page may be framed by nobody (the widget says otherwise of itself). */
export const CSP =
  "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; " +
  "manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/** The public side of the depot: pages, `/public/v1`, calendars. No account, no cookie, nothing kept of a reader. */
export const publicRoutes: FastifyPluginAsync<PublicDeps> = async (app, deps) => {
  const { source, clock, assets, timezone, origin, phone } = deps;
  const board = startBoard(source, clock);
  const changes = startChanges(board, clock, deps.changeLimits);
  const rate = makeRate(clock, deps.perMinute ?? PER_MINUTE);
  const site: Site = { path: assets.path, origin, timezone, ...(phone === undefined ? {} : { phone }) };

  app.addHook('onRequest', async (request, reply) => {
    if (!rate.takes(request.ip)) {
      reply.header('retry-after', '60').header('cache-control', 'no-store');
      return reply.code(429).type('text/plain; charset=utf-8').send('429 · réessayez dans une minute');
    }
    reply
      .header('content-security-policy', CSP)
      .header('x-content-type-options', 'nosniff')
      .header('referrer-policy', 'no-referrer')
      .header('permissions-policy', 'geolocation=(), camera=(), microphone=()')
      .header('cross-origin-opener-policy', 'same-origin');
    if (request.url.startsWith('/public/')) reply.header('access-control-allow-origin', '*');
  });
  // An open stream would hold the server's close for ever.
  app.addHook('preClose', async () => {
    changes.stop();
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
  addPages(app, board, clock, site);
  addApi(app, board, changes, clock, timezone);
  addCalendar(app, board, clock, site);
};
