import Fastify, { type FastifyInstance } from 'fastify';
import { type PublicDeps, publicRoutes } from '../../dashboard/io/public.ts';
import { type Clock, fakeClock } from '../../runtime/clock.ts';
import { loadPageAssets, type PageAssets } from '../../runtime/pageAssets.ts';
import type { PublicFacts } from '../../visit/public.ts';
import { buildPages } from '../../web/build.mjs';
import { sourceOf, ZONE } from './publicFacts.ts';

let assets: Promise<PageAssets> | undefined;
/** The pages, built once a test process into a folder of their own. */
export async function builtAssets(): Promise<PageAssets> {
  assets ??= (async () => {
    const outdir = `${process.env.TMPDIR ?? '/tmp'}/tournee-pages-${process.pid}`;
    await buildPages({ outdir, names: ['tenant.css', 'tenant.js', 'worker.js', 'widget.js'] });
    return loadPageAssets(outdir);
  })();
  return assets;
}

/** The public side alone, with facts set by hand. */
export async function publicServer(
  facts: readonly PublicFacts[],
  nowMs: number,
  changed: Partial<PublicDeps> = {},
) {
  const clock = fakeClock(nowMs);
  const source = sourceOf(facts);
  const app: FastifyInstance = Fastify();
  const routes: string[] = [];
  app.addHook('onRoute', ({ method, url }) => void routes.push(`${method} ${url}`));
  await app.register(publicRoutes, {
    source,
    clock,
    assets: await builtAssets(),
    timezone: ZONE,
    origin: 'https://agence.example',
    phone: '02 47 00 00 00',
    ...changed,
  });
  return { app, clock, source, routes };
}

/** Listens on a free port of the loopback; gives its address. */
export async function listening(app: FastifyInstance): Promise<string> {
  return app.listen({ port: 0, host: '127.0.0.1' });
}

export type { Clock };
