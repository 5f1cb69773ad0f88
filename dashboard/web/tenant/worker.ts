/// <reference lib="webworker" />

/**
 * The page without network: the last copy of each page seen, kept on the phone. The page itself says how old it is
 * (contact.ts finds no depot). It also shows the notices.
 */
const scope = self as unknown as ServiceWorkerGlobalScope;
const PAGES = 'pages';
const ASSETS = 'assets';
const KEPT = 24;
const PATIENCE_MS = 6000;

const OFFLINE =
  '<!doctype html><html lang="fr"><meta charset="utf-8"><meta name="viewport" content="width=device-width">' +
  "<title>Pas de réseau</title><h1>Pas de réseau</h1><p>Cette page n'a pas encore été ouverte sur ce téléphone." +
  '<p lang="en">No network. This page has not been opened on this phone yet.';

scope.addEventListener('install', () => void scope.skipWaiting());
scope.addEventListener('activate', (event) => event.waitUntil(scope.clients.claim()));

scope.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== location.origin) return;
  if (pathname.startsWith('/assets/')) event.respondWith(asset(request));
  else if (request.mode === 'navigate' && (pathname === '/' || pathname.startsWith('/c/')))
    event.respondWith(page(request));
});

async function asset(request: Request): Promise<Response> {
  const cache = await caches.open(ASSETS);
  const known = await cache.match(request, { ignoreVary: true });
  if (known) return known;
  const answer = await fetch(request);
  if (answer.ok) await keep(cache, request, answer.clone());
  return answer;
}

async function page(request: Request): Promise<Response> {
  const cache = await caches.open(PAGES);
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), PATIENCE_MS);
  try {
    const answer = await fetch(request, { signal: stop.signal });
    if (answer.ok) await keep(cache, request, answer.clone());
    if (answer.status < 500) return answer;
  } catch {
    // No network, or one that never answers.
  } finally {
    clearTimeout(timer);
  }
  const known = await cache.match(request, { ignoreVary: true });
  return known ?? new Response(OFFLINE, { headers: { 'content-type': 'text/html; charset=utf-8' } });
}

async function keep(cache: Cache, request: Request, answer: Response): Promise<void> {
  await cache.put(request, answer);
  const keys = await cache.keys();
  await Promise.all(keys.slice(0, Math.max(0, keys.length - KEPT)).map((key) => cache.delete(key)));
}

type Notice = { title: string; body: string; path: string; tag: string; lang: string };

scope.addEventListener('push', (event) => {
  const notice = event.data?.json() as Notice | undefined;
  if (!notice) return;
  const { title, body, path, tag, lang } = notice;
  event.waitUntil(
    scope.registration.showNotification(title, { body, tag, lang, icon: '/icon-180.png', data: { path } }),
  );
});

scope.addEventListener('notificationclick', (event) => {
  event.notification.close();
  const { path } = event.notification.data as { path: string };
  event.waitUntil(scope.clients.openWindow(path));
});
