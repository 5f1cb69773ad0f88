import { createECDH, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import type { Ask } from '../../dashboard/io/notices/webPush.ts';

/**
 * A push service on this machine and a browser's subscription with it. The depot believes that it asks a service of
 * its list; `ask` carries the question here over real HTTP. Messages are opened with the browser's own key (RFC 8291).
 */
type Ece = {
  decrypt(body: Buffer, params: { version: 'aes128gcm'; privateKey: object; authSecret: string }): Buffer;
};
const fromHere = createRequire(import.meta.url);
const ece = createRequire(fromHere.resolve('web-push'))('http_ece') as Ece;

export type Pushed = { readonly atMs: number; readonly text: string; readonly topic: string };

export async function startPushService() {
  const ecdh = createECDH('prime256v1');
  const p256dh = ecdh.generateKeys().toString('base64url');
  const auth = randomBytes(16).toString('base64url');
  const endpoint = 'https://updates.push.services.mozilla.com/wpush/v2/one';
  const pushed: Pushed[] = [];
  const waiting = new Set<() => void>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      const opened = ece.decrypt(body, { version: 'aes128gcm', privateKey: ecdh, authSecret: auth });
      pushed.push({ atMs: Date.now(), text: opened.toString('utf8'), topic: `${request.headers.topic}` });
      response.writeHead(201).end();
      for (const look of waiting) look();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const ask: Ask = async (url, { method, headers, body }) => {
    const to = new URL(new URL(url).pathname, `http://127.0.0.1:${port}`);
    const bytes = typeof body === 'string' ? body : new Uint8Array(body);
    const { status } = await fetch(to, { method, headers, body: bytes });
    return { status };
  };
  return {
    ask,
    subscription: { endpoint, keys: { p256dh, auth } },
    /** The first message whose text fits. */
    arrival: (pattern: RegExp) =>
      new Promise<Pushed>((resolve) => {
        const look = () => {
          const found = pushed.find(({ text }) => pattern.test(text));
          if (!found) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
      }),
    stop: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}
