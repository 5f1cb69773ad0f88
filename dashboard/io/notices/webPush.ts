import webPush from 'web-push';
import * as z from 'zod';
import type { Outcome, Sender } from './desk.ts';
import { type NoticeStore, shortHash } from './noticeStore.ts';

/**
 * Web push (RFC 8030, 8291, 8292). The endpoint is the only address from outside that the depot ever calls: https, of
 * a known push service, no redirect followed.
 */
export const PUSH_HOSTS = [
  'fcm.googleapis.com',
  'updates.push.services.mozilla.com',
  'push.services.mozilla.com',
  'web.push.apple.com',
  'push.apple.com',
  'notify.windows.com',
];

const Base64Url = z.string().regex(/^[A-Za-z0-9_-]+={0,2}$/);
/** A browser's `PushSubscription.toJSON()`. */
export const PushAddress = z.object({
  endpoint: z.url().max(1000),
  keys: z.object({ p256dh: Base64Url.min(80).max(100), auth: Base64Url.min(20).max(30) }),
});
export type PushAddress = z.infer<typeof PushAddress>;

/** Whether the endpoint is one that the depot may call. */
export function isAllowedEndpoint(endpoint: string, hosts: readonly string[] = PUSH_HOSTS): boolean {
  let url: URL;
  try {
    url = new URL(endpoint);
  } catch {
    return false;
  }
  if (url.protocol !== 'https:' || url.username !== '' || url.password !== '' || url.port !== '')
    return false;
  return hosts.some((host) => url.hostname === host || url.hostname.endsWith(`.${host}`));
}

/** Who is asked; a test puts a local server here. */
export type Ask = (
  url: string,
  request: { method: string; headers: Record<string, string>; body: Buffer | string },
) => Promise<{ status: number }>;

export const askOutside: Ask = async (url, { method, headers, body }) => {
  const answer = await fetch(url, {
    method,
    headers,
    body: typeof body === 'string' ? body : new Uint8Array(body),
    redirect: 'manual',
    signal: AbortSignal.timeout(10_000),
  });
  await answer.body?.cancel();
  return { status: answer.status };
};

export type PushDeps = {
  readonly store: NoticeStore;
  /** `mailto:` or https address where a push service may complain (RFC 8292 §2.1). */
  readonly contact: string;
  readonly hosts?: readonly string[];
  readonly ask?: Ask;
};

export function makeWebPush({ store, contact, hosts = PUSH_HOSTS, ask = askOutside }: PushDeps) {
  const keys = JSON.parse(store.secret('vapid', () => JSON.stringify(webPush.generateVAPIDKeys()))) as {
    publicKey: string;
    privateKey: string;
  };
  const sender: Sender = {
    async send(recipient, { title, text, path, language, notice }, nowMs): Promise<Outcome> {
      const address = PushAddress.parse(JSON.parse(recipient.address));
      if (!isAllowedEndpoint(address.endpoint, hosts)) return 'gone';
      const payload = JSON.stringify({ title, body: text, path, lang: language, tag: notice.visit });
      const { endpoint, method, headers, body } = webPush.generateRequestDetails(address, payload, {
        vapidDetails: { subject: contact, ...keys },
        TTL: Math.max(60, Math.round((notice.untilMs - nowMs) / 1000)),
        urgency: notice.fact === 'eve' ? 'normal' : 'high',
        // A newer word on the same visit replaces one that the phone has not fetched yet.
        topic: shortHash(notice.visit),
      });
      const plain = Object.fromEntries(
        Object.entries(headers ?? {})
          .filter(([name]) => name.toLowerCase() !== 'content-length')
          .map(([name, value]) => [name, String(value)]),
      );
      const { status } = await ask(endpoint, { method, headers: plain, body: body ?? '' });
      if (status >= 200 && status < 300) return 'sent';
      if (status === 404 || status === 410) return 'gone';
      return { retry: `push service answered ${status}` };
    },
  };
  return { sender, publicKey: keys.publicKey, hosts };
}
