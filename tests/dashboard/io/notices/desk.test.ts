import { createECDH, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Outcome, type Sender, startDesk } from '../../../../dashboard/io/notices/desk.ts';
import { type NoticeStore, openNoticeStore } from '../../../../dashboard/io/notices/noticeStore.ts';
import { type Ask, isAllowedEndpoint, makeWebPush } from '../../../../dashboard/io/notices/webPush.ts';
import { startBoard } from '../../../../dashboard/io/public/livingBoard.ts';
import { fakeClock } from '../../../../runtime/clock.ts';
import { silentLog } from '../../../../runtime/log.ts';
import type { PublicFacts } from '../../../../visit/public.ts';
import { at, factsOf, gps, sourceOf } from '../../../parts/publicFacts.ts';

let folder: string;
let store: NoticeStore;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'notices-'));
  store = openNoticeStore(join(folder, 'tenants.db'));
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

const arrived = (heard = '09:25'): PublicFacts =>
  factsOf({ heardMs: at(heard), ...gps({ state: 'on_site', arrivedMs: at('09:24'), atMs: at('09:25') }) });
const waiting = factsOf({ heardMs: at('09:24'), moving: true });

/** A desk whose sender answers what it is told to, and remembers. */
function desk(first: readonly PublicFacts[], outcomes: Outcome[] = [], now = at('09:24')) {
  const clock = fakeClock(now);
  const source = sourceOf(first);
  const board = startBoard(source, clock);
  const sent: string[] = [];
  const sender: Sender = {
    async send(recipient, { title, text }) {
      sent.push(`${recipient.address} ${title}: ${text}`);
      return outcomes.shift() ?? 'sent';
    },
  };
  const running = startDesk({ board, store, senders: { push: sender, sms: sender }, clock, log: silentLog });
  return {
    clock,
    source,
    sent,
    running,
    async pass(ms: number) {
      await clock.advance(ms);
      await running.settled();
    },
    async stop() {
      await running.stop();
      board.stop();
    },
  };
}
const subscribe = (who: string, commune = '37130', language: 'fr' | 'en' = 'fr') =>
  store.add('sms', who, who, commune, language, at('08:00'));

describe('the desk', () => {
  it('tells those of the commune once, in their language', async () => {
    subscribe('a');
    subscribe('b', '37130', 'en');
    subscribe('c', '37115');
    const d = desk([waiting]);
    d.source.set([arrived()]);
    await d.pass(1000);
    d.source.set([arrived('09:26')]);
    await d.pass(60_000);
    expect(d.sent.sort()).toEqual([
      "a Ligueil: L'agence est arrivée à 9 h 24. Ouverture à 9 h 30.",
      'b Ligueil: The agency arrived at 9:24. It opens at 9:30.',
    ]);
    await d.stop();
  });

  it('does not tell again after a restart', async () => {
    subscribe('a');
    const first = desk([arrived()], [], at('09:25'));
    await first.pass(5000);
    await first.stop();
    const second = desk([arrived()], [], at('09:26'));
    await second.pass(5000);
    expect([first.sent.length, second.sent.length]).toEqual([1, 0]);
    await second.stop();
  });

  it('tries again three times while it is still true, then keeps a dead letter without the address', async () => {
    subscribe('+33600000000');
    const off = factsOf({ claims: { crew: { state: 'cancelled', atMs: at('08:00'), row: 'r' } } });
    const fail = { retry: 'push service answered 503' };
    const d = desk([off], [fail, fail, fail, fail], at('08:10'));
    for (const ms of [5000, 35_000, 125_000, 485_000, 600_000]) await d.pass(ms);
    expect(d.sent).toHaveLength(4);
    expect(store.deadLetters()).toEqual([
      {
        key: 'v1|cancelled|r',
        channel: 'sms',
        commune: '37130',
        at: expect.any(Number),
        error: 'push service answered 503',
      },
    ]);
    expect(d.running.counters()).toMatchObject({ sent: 0, retried: 3, dead: 1 });
    await d.stop();
  });

  it('drops what is no longer true in silence', async () => {
    subscribe('a');
    const d = desk([arrived()], [{ retry: 'x' }], at('09:25'));
    await d.pass(5000);
    d.source.set([
      factsOf({ heardMs: at('09:26'), ...gps({ state: 'left', leftMs: at('09:26'), atMs: at('09:26') }) }),
    ]);
    await d.pass(120_000);
    expect(d.sent).toHaveLength(1);
    expect(d.running.counters()).toMatchObject({ outdated: 1 });
    await d.stop();
  });

  it('forgets an address that is no more', async () => {
    subscribe('a');
    const d = desk([arrived()], ['gone'], at('09:25'));
    await d.pass(5000);
    expect(store.count()).toBe(0);
    await d.stop();
  });

  it('shows a text message that was in the air when the depot died, and does not send it again', async () => {
    subscribe('a');
    store.queue('v1|arrived|x', '37130', at('09:25'));
    const [flying] = store.due(at('09:25'), 1);
    store.flying(flying!.id, at('09:26'));
    const d = desk([arrived()], [], at('09:40'));
    await d.pass(60_000);
    expect(d.sent).toEqual([]);
    expect(store.deadLetters()[0]?.error).toBe('outcome unknown after a restart');
    await d.stop();
  });
});

describe('what is kept', () => {
  it('holds no address in clear, and the key apart', () => {
    store.add('sms', '+33612345678', '+33612345678', '37130', 'fr', at('08:00'));
    store.close();
    const bytes = readFileSync(join(folder, 'tenants.db'));
    expect(bytes.includes('33612345678')).toBe(false);
    expect(statSync(join(folder, 'tenants.db.key')).mode & 0o777).toBe(0o600);
    store = openNoticeStore(join(folder, 'tenants.db'));
    store.queue('k', '37130', 0);
    expect(store.due(0, 1)[0]!.recipient.address).toBe('+33612345678');
  });

  it('is forgotten after thirteen months, on demand, and limited', () => {
    subscribe('a');
    expect(store.sweep(at('08:00') + 390 * 86_400_000)).toBe(0);
    expect(store.sweep(at('08:00') + 397 * 86_400_000)).toBe(1);
    for (let n = 0; n < 10; n++) expect(subscribe('b', `370${10 + n}`)).toBe(true);
    expect(subscribe('b', '37099')).toBe(false);
    expect(subscribe('b', '37010', 'en'), 'the same again').toBe(true);
    expect(store.remove('sms', 'b', '37010')).toBe(1);
    expect(store.remove('sms', 'b')).toBe(9);
  });
});

describe('web push', () => {
  /** A browser's subscription with real keys. */
  function browser() {
    const ecdh = createECDH('prime256v1');
    const p256dh = ecdh.generateKeys().toString('base64url');
    return {
      endpoint: 'https://fcm.googleapis.com/fcm/send/abc',
      keys: { p256dh, auth: randomBytes(16).toString('base64url') },
    };
  }

  it.each([
    [201, 'sent'],
    [404, 'gone'],
    [410, 'gone'],
    [301, { retry: 'push service answered 301' }],
    [429, { retry: 'push service answered 429' }],
  ])('takes %i as %o', async (status, outcome) => {
    const asked: Parameters<Ask>[] = [];
    const push = makeWebPush({
      store,
      contact: 'mailto:agence@example.org',
      ask: async (...request) => {
        asked.push(request);
        return { status };
      },
    });
    const subscription = browser();
    store.add('push', subscription.endpoint, JSON.stringify(subscription), '37130', 'fr', 0);
    store.queue('v1|arrived|x', '37130', 0);
    const [delivery] = store.due(0, 1);
    const notice = {
      key: 'v1|arrived|x',
      fact: 'arrived' as const,
      visit: 'v1',
      commune: '37130',
      untilMs: 600_000,
    };
    const message = {
      title: 'Ligueil',
      text: 'x',
      sms: 'x',
      path: '/c/37130-ligueil',
      language: 'fr' as const,
      notice,
    };
    expect(await push.sender.send(delivery!.recipient, message, 0)).toEqual(outcome);
    const [url, { method, headers, body }] = asked[0]!;
    expect([url, method]).toEqual([subscription.endpoint, 'POST']);
    expect(headers).toMatchObject({ TTL: '600', 'Content-Encoding': 'aes128gcm', Urgency: 'high' });
    expect(headers.Authorization).toMatch(/^vapid t=/);
    expect(Buffer.from(body).includes('Ligueil'), 'encrypted').toBe(false);
  });

  it('keeps its key over a restart', () => {
    const contact = 'mailto:agence@example.org';
    const first = makeWebPush({ store, contact }).publicKey;
    expect(makeWebPush({ store, contact }).publicKey).toBe(first);
  });

  it.each([
    'http://fcm.googleapis.com/x',
    'https://127.0.0.1/x',
    'https://169.254.169.254/latest',
    'https://fcm.googleapis.com.evil.example/x',
    'https://evilfcm.googleapis.com@evil.example/',
    'https://fcm.googleapis.com:8443/x',
    'https://user@fcm.googleapis.com/x',
    'file:///etc/passwd',
    'not a url',
  ])('never calls %s', (endpoint) => {
    expect(isAllowedEndpoint(endpoint)).toBe(false);
  });

  it.each([
    'https://fcm.googleapis.com/fcm/send/x',
    'https://web.push.apple.com/x',
    'https://db5p.notify.windows.com/w/?token=x',
  ])('may call %s', (endpoint) => {
    expect(isAllowedEndpoint(endpoint)).toBe(true);
  });
});
