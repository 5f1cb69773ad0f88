import type { FastifyInstance } from 'fastify';
import { compressed, type PageAssets, sendCompressed } from '../../runtime/pageAssets.ts';
import type { DepotConfig } from '../config.ts';

/** The one HTML page of the staff: everything in it is drawn by its script, nothing is inline. */
export function staffPage(app: FastifyInstance, assets: PageAssets, config: DepotConfig): void {
  const html = compressed(
    Buffer.from(`<!doctype html>
<html lang="fr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Tournée</title>
<meta name="robots" content="noindex">
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${assets.path('depot.css')}">
</head>
<body data-auth="${config.auth}">
<noscript><p>Le dépôt a besoin de JavaScript. Les locataires lisent leur page sans lui.</p></noscript>
<div id="depot"></div>
<script src="${assets.path('depot.js')}" defer></script>
</body>
</html>
`),
  );
  for (const path of ['/depot', '/depot/'])
    app.get(path, (request, reply) => {
      reply.type('text/html; charset=utf-8').header('cache-control', 'no-store');
      return sendCompressed(request, reply, html);
    });
}
