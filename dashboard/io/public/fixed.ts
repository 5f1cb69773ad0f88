import { readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import { compressed, type PageAssets, sendCompressed } from '../../../runtime/pageAssets.ts';
import { words } from '../../web/tenant/words.ts';
import { OPEN_HEADERS } from './headers.ts';
import { languageOf } from './pages.ts';

/** Files at fixed addresses: the service worker, the application's manifest, its icons. */
const DAY = 'public, max-age=86400';
const icon = (name: string) => readFileSync(new URL(`../../web/tenant/${name}`, import.meta.url));

export function addFixed(app: FastifyInstance, assets: PageAssets): void {
  const worker = compressed(assets.bytes('worker.js'));
  app.get('/worker.js', (request, reply) =>
    sendCompressed(
      request,
      reply.type('text/javascript; charset=utf-8').header('cache-control', 'no-cache'),
      worker,
    ),
  );

  // At an address that never changes: it stands in other people's pages.
  const widget = compressed(assets.bytes('widget.js'));
  app.get('/widget.js', (request, reply) => {
    reply.type('text/javascript; charset=utf-8').header('cache-control', 'public, max-age=3600');
    return sendCompressed(request, reply.headers(OPEN_HEADERS), widget);
  });

  for (const [name, type] of [
    ['icon.svg', 'image/svg+xml'],
    ['icon-180.png', 'image/png'],
    ['icon-512.png', 'image/png'],
  ] as const) {
    const bytes = icon(name);
    app.get(`/${name}`, (_request, reply) => reply.type(type).header('cache-control', DAY).send(bytes));
  }

  app.get('/manifest.webmanifest', (request, reply) => {
    const language = languageOf(request);
    return reply
      .type('application/manifest+json')
      .header('cache-control', DAY)
      .send({
        name: words[language].agency,
        short_name: language === 'fr' ? 'Agence' : 'Agency',
        description: words[language].oneLine,
        lang: language,
        start_url: language === 'fr' ? '/' : '/?lang=en',
        scope: '/',
        display: 'minimal-ui',
        background_color: '#FBFAF7',
        theme_color: '#FBFAF7',
        icons: [
          { src: '/icon.svg', type: 'image/svg+xml', sizes: 'any', purpose: 'any maskable' },
          { src: '/icon-180.png', type: 'image/png', sizes: '180x180' },
          { src: '/icon-512.png', type: 'image/png', sizes: '512x512' },
        ],
      });
  });
}
