import type { FastifyInstance } from 'fastify';
import type { PageAssets } from '../../../runtime/pageAssets.ts';

/** The page's frame, its manifest and its icon: no outside resource, installable, nothing inline. */

export type Page = { readonly van: string; readonly hasPin: boolean };

const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96"><rect width="96" height="96" rx="18" fill="#0B5E8A"/><path d="M12 60V36a4 4 0 0 1 4-4h40v28m0-20h14l12 12v8H12" fill="none" stroke="#FBFAF7" stroke-width="6" stroke-linejoin="round"/><circle cx="30" cy="64" r="8" fill="#FBFAF7"/><circle cx="68" cy="64" r="8" fill="#FBFAF7"/></svg>`;

function frameOf(assets: PageAssets, { van, hasPin }: Page): string {
  return `<!doctype html>
<html lang="fr">
<head>
<meta charset="utf-8">
<title>Tournée</title>
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<meta name="theme-color" content="#FBFAF7" media="(prefers-color-scheme: light)">
<meta name="theme-color" content="#10161C" media="(prefers-color-scheme: dark)">
<meta name="mobile-web-app-capable" content="yes">
<link rel="stylesheet" href="${assets.path('cab.css')}">
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<link rel="manifest" href="/manifest.webmanifest">
<script src="${assets.path('cab.js')}" defer></script>
</head>
<body data-van="${van}"${hasPin ? '' : ' data-nopin'}>
<div id="app"></div>
<noscript><p>Cette page a besoin de JavaScript. · This page needs JavaScript.</p></noscript>
</body>
</html>
`;
}

export function servePage(app: FastifyInstance, assets: PageAssets, page: Page): void {
  const html = frameOf(assets, page);
  app.get('/', (_request, reply) =>
    reply.type('text/html; charset=utf-8').header('cache-control', 'no-cache').send(html),
  );
  app.get('/icon.svg', (_request, reply) =>
    reply.type('image/svg+xml').header('cache-control', 'public, max-age=86400').send(ICON),
  );
  app.get('/manifest.webmanifest', (_request, reply) =>
    reply.type('application/manifest+json').send({
      name: `Tournée, ${page.van}`,
      short_name: 'Tournée',
      lang: 'fr',
      start_url: '/',
      scope: '/',
      display: 'standalone',
      background_color: '#10161C',
      theme_color: '#0B5E8A',
      icons: [{ src: '/icon.svg', sizes: 'any', type: 'image/svg+xml', purpose: 'any' }],
    }),
  );
}
