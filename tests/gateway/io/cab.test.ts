import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { CabView } from '../../../gateway/core/cabView.ts';
import { isOwnNetwork } from '../../../gateway/io/cab/guard.ts';
import { buildCab, type Cab, type CabDeps, startCab } from '../../../gateway/io/cab.ts';
import { fakeClock, systemClock } from '../../../runtime/clock.ts';
import { silentLog } from '../../../runtime/log.ts';
import { loadPageAssets, type PageAssets } from '../../../runtime/pageAssets.ts';
import { buildPages } from '../../../web/build.mjs';
import { fakeEngine } from './cabFixture.ts';

let assets: PageAssets;
const folder = mkdtempSync(join(tmpdir(), 'cab-'));
beforeAll(async () => {
  await buildPages({ outdir: folder, names: ['cab.css', 'cab.js'] });
  assets = loadPageAssets(folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const running: Cab[] = [];
afterEach(async () => {
  for (const cab of running.splice(0)) await cab.stop();
});

const NOW = Date.parse('2026-11-24T09:31:00+01:00');

function bench(change: Partial<CabDeps> = {}) {
  const clock = fakeClock(NOW);
  const engine = fakeEngine();
  const app = buildCab({
    http: 'http://127.0.0.1:0',
    van: 'van37',
    engine,
    clock,
    log: silentLog,
    assets,
    ...change,
  });
  const post = (url: string, payload: object | string, headers: Record<string, string> = {}) =>
    app.inject({
      method: 'POST',
      url,
      payload,
      headers: { host: 'localhost:8081', 'content-type': 'application/json', 'x-cab': '1', ...headers },
    });
  return {
    app,
    clock,
    engine,
    post,
    act: (body: object) => post('/acts', { key: 'key-0001', ...body }),
    get: (url: string, headers: Record<string, string> = {}, remoteAddress = '127.0.0.1') =>
      app.inject({ url, remoteAddress, headers: { host: 'localhost:8081', ...headers } }),
    takeBack: (key: string) =>
      app.inject({
        method: 'DELETE',
        url: `/acts/${key}`,
        headers: { host: 'localhost:8081', 'x-cab': '1' },
      }),
    pending: async () =>
      ((await app.inject({ url: '/view', headers: { host: 'localhost' } })).json() as CabView).pending,
  };
}

describe('acts', () => {
  it('are told once by key, however often they are sent', async () => {
    const b = bench();
    for (let n = 0; n < 3; n++)
      expect((await b.act({ act: 'open', visit: 'v1' })).json()).toEqual({ ok: true });
    expect(b.engine.acts).toEqual([{ key: 'key-0001', act: 'open', visit: 'v1' }]);
    await b.act({ key: 'key-0002', act: 'closed', visit: 'v1' });
    expect(b.engine.acts).toHaveLength(2);
  });

  it.each(['cancelled', 'moved', 'off_duty', 'pause'])('%s waits 10 s before it is told', async (act) => {
    const b = bench();
    expect((await b.act({ act, reason: 'Météo' })).json()).toEqual({ ok: true, pending: true });
    await b.act({ act, reason: 'Météo' });
    await b.clock.advance(9_900);
    expect(b.engine.acts).toEqual([]);
    expect(await b.pending()).toEqual({ key: 'key-0001', act, remainingMs: 100 });
    await b.clock.advance(200);
    expect(b.engine.acts).toHaveLength(1);
    expect(await b.pending()).toBeUndefined();
    expect((await b.act({ act, reason: 'Météo' })).json()).toEqual({ ok: true });
    expect(b.engine.acts).toHaveLength(1);
  });

  it('can be taken back until then without a trace, and not after', async () => {
    const b = bench();
    await b.act({ act: 'cancelled', reason: 'Météo' });
    expect((await b.takeBack('another-key')).statusCode).toBe(410);
    expect((await b.takeBack('key-0001')).statusCode).toBe(200);
    await b.clock.advance(20_000);
    expect(b.engine.acts).toEqual([]);
    await b.act({ key: 'key-0002', act: 'cancelled', reason: 'Météo' });
    await b.clock.advance(10_000);
    expect((await b.takeBack('key-0002')).statusCode).toBe(410);
  });

  it('stop the positions at the touch of off duty, and give them back when it is taken back', async () => {
    const b = bench();
    await b.act({ act: 'off_duty' });
    expect(b.engine.hushed).toEqual([true]);
    await b.takeBack('key-0001');
    expect(b.engine.hushed).toEqual([true, false]);
    await b.act({ key: 'key-0002', act: 'cancelled', reason: 'Météo' });
    expect(b.engine.hushed).toHaveLength(2);
  });

  it('that wait are told when another gesture comes: both were meant', async () => {
    const b = bench();
    await b.act({ act: 'cancelled', reason: 'Météo' });
    await b.act({ key: 'key-0002', act: 'late', minutes: 10, visit: 'v2' });
    expect(b.engine.acts.map((a) => a.act)).toEqual(['cancelled', 'late']);
  });

  it('of off duty are told when the gateway stops in the meantime; a cancellation is not', async () => {
    const off = bench();
    await off.act({ act: 'off_duty' });
    await off.app.close();
    expect(off.engine.acts.map((a) => a.act)).toEqual(['off_duty']);
    const cancelled = bench();
    await cancelled.act({ act: 'cancelled', reason: 'Météo' });
    await cancelled.app.close();
    expect(cancelled.engine.acts).toEqual([]);
  });

  it.each<[string, object | string]>([
    ['no act', { key: 'key-0001', act: 'fly' }],
    ['a key too short', { key: 'k', act: 'open' }],
    ['an unknown field', { key: 'key-0001', act: 'open', admin: true }],
    ['minutes out of range', { key: 'key-0001', act: 'late', minutes: 1e9 }],
    ['broken JSON', '{"key":'],
    ['a poisoned prototype', '{"key":"key-0001","act":"open","__proto__":{"x":1}}'],
  ])('that are %s are refused', async (_what, body) => {
    const b = bench();
    expect((await b.post('/acts', body)).statusCode).toBe(400);
    expect(b.engine.acts).toEqual([]);
  });

  it('that the journal refuses are refused, now or after the wait, and can be told again', async () => {
    const b = bench();
    const { act } = b.engine;
    b.engine.act = () => {
      throw new Error('disk I/O error');
    };
    expect((await b.act({ act: 'open', visit: 'v1' })).statusCode).toBe(409);
    await b.act({ key: 'key-0002', act: 'cancelled', reason: 'Météo' });
    await b.clock.advance(10_000);
    b.engine.act = act;
    expect((await b.act({ act: 'open', visit: 'v1' })).statusCode).toBe(200);
    expect(b.engine.acts).toHaveLength(1);
  });

  it('acknowledge an alert and read a message', async () => {
    const b = bench();
    await b.post('/acknowledge', { episode: 'e1' });
    await b.post('/read', { key: 'm1' });
    expect([b.engine.acknowledged, b.engine.readKeys]).toEqual([['e1'], ['m1']]);
  });
});

describe('strangers', () => {
  it.each(['van.evil.example', 'evil.example:8081', 'localhost.evil.example', `${'a'.repeat(200)}.local`])(
    'cannot rebind the name %s',
    async (host) => {
      expect((await bench().get('/', { host })).statusCode).toBe(421);
    },
  );

  it.each([
    'localhost:8081',
    '127.0.0.1:8081',
    '192.168.8.1',
    '[::1]:8081',
    'van37.local',
    'VAN37',
    'tablet.van',
  ])('our own name %s is known', async (host) => {
    expect((await bench({ hosts: ['tablet.van'] }).get('/', { host })).statusCode).toBe(200);
  });

  it.each<[string, Record<string, string>]>([
    ['without our header', { 'x-cab': '' }],
    ['from another origin', { origin: 'http://evil.example' }],
    ['from another site, as the browser says', { 'sec-fetch-site': 'cross-site' }],
    ['as a form', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['as text', { 'content-type': 'text/plain' }],
    ['with a tab in its type', { 'content-type': 'application/json\t;a' }],
  ])('cannot act %s', async (_how, headers) => {
    const b = bench();
    const answer = await b.post('/acts', JSON.stringify({ key: 'key-0001', act: 'off_duty' }), headers);
    expect(answer.statusCode).toBe(403);
    expect(b.engine.acts).toEqual([]);
    expect(await b.pending()).toBeUndefined();
  });

  it('cannot come from another network', async () => {
    expect((await bench().get('/', {}, '203.0.113.9')).statusCode).toBe(403);
    expect((await bench().get('/', {}, '10.99.0.3')).statusCode).toBe(403);
  });

  it('of the operator’s network are none of ours', () => {
    const address = (cidr: string) => [
      { address: cidr.split('/')[0]!, cidr, family: 'IPv4' as const, netmask: '', mac: '', internal: false },
    ];
    const interfaces = { wlan0: address('192.168.8.1/24'), wwan0: address('10.64.3.2/30') };
    expect(isOwnNetwork('192.168.8.44', interfaces)).toBe(true);
    expect(isOwnNetwork('::ffff:192.168.8.44', interfaces)).toBe(true);
    expect(isOwnNetwork('192.168.9.44', interfaces)).toBe(false);
    expect(isOwnNetwork('10.64.3.1', interfaces)).toBe(false);
    expect(isOwnNetwork('nonsense', interfaces)).toBe(false);
  });

  it('get a page that loads nothing from elsewhere and runs nothing inline', async () => {
    const page = await bench().get('/');
    expect(page.headers['content-security-policy']).toContain("default-src 'none'");
    expect(page.body).not.toMatch(/https?:\/\/|<script>|onclick=|style=/);
  });

  it('cannot make the body large', async () => {
    expect((await bench().post('/acts', { key: 'x'.repeat(10_000), act: 'open' })).statusCode).toBe(413);
  });
});

describe('the PIN', () => {
  const enter = (b: ReturnType<typeof bench>, pin: string) => b.post('/pin', { pin });
  const cookieOf = (answer: { headers: Record<string, unknown> }) =>
    String(answer.headers['set-cookie']).split(';')[0]!;

  it('is asked before anything is shown, and holds for one long duty', async () => {
    const b = bench({ pin: '482915' });
    expect((await b.get('/')).statusCode).toBe(200);
    for (const url of ['/view', '/events', '/mine']) expect((await b.get(url)).statusCode).toBe(401);
    expect((await b.act({ act: 'open' })).statusCode).toBe(401);
    expect((await enter(b, '000000')).statusCode).toBe(403);
    const answer = await enter(b, '482915');
    expect(answer.statusCode).toBe(200);
    expect(String(answer.headers['set-cookie'])).toMatch(/HttpOnly; SameSite=Strict/);
    const cookie = cookieOf(answer);
    expect((await b.get('/view', { cookie })).statusCode).toBe(200);
    await b.clock.advance(16 * 3_600_000);
    expect((await b.get('/view', { cookie })).statusCode).toBe(401);
  });

  it('survives a restart of the gateway, and ends with a new PIN', async () => {
    const cookie = cookieOf(await enter(bench({ pin: '482915' }), '482915'));
    expect((await bench({ pin: '482915' }).get('/view', { cookie })).statusCode).toBe(200);
    expect((await bench({ pin: '482916' }).get('/view', { cookie })).statusCode).toBe(401);
    expect((await bench({ pin: '482915' }).get('/view', { cookie: `${cookie}x` })).statusCode).toBe(401);
  });

  it('cannot be tried for ever: five times an address, then a quarter of an hour', async () => {
    const b = bench({ pin: '482915' });
    for (let n = 0; n < 5; n++) expect((await enter(b, `00000${n}`)).statusCode).toBe(403);
    const refused = await enter(b, '482915');
    expect(refused.statusCode).toBe(429);
    expect(refused.json()).toMatchObject({ waitMin: 15 });
    await b.clock.advance(15 * 60_000);
    expect((await enter(b, '482915')).statusCode).toBe(200);
  });

  it('is needed outside loopback', async () => {
    const told: string[] = [];
    const cab = await startCab({
      http: 'http://0.0.0.0:0',
      van: 'van37',
      engine: fakeEngine(),
      clock: fakeClock(NOW),
      log: silentLog,
      assets,
      onState: (state, detail) => told.push(`${state} ${detail}`),
    });
    running.push(cab);
    expect(cab.url()).toBeUndefined();
    expect(told).toEqual(['failed http://0.0.0.0:0: a PIN is needed outside loopback']);
  });
});

/** Server-sent views, as a page reads them. */
async function* viewsOf(url: string, signal: AbortSignal): AsyncGenerator<CabView> {
  const answer = await fetch(`${url}/events`, { signal });
  let text = '';
  for await (const chunk of answer.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const body = /^data: (\{.*)$/m.exec(text.slice(0, end))?.[1];
      text = text.slice(end + 2);
      if (body) yield JSON.parse(body) as CabView;
    }
  }
}

describe('on a real socket', () => {
  const serve = async (change: Partial<CabDeps> = {}) => {
    const engine = fakeEngine();
    const cab = await startCab({
      http: 'http://127.0.0.1:0',
      van: 'van37',
      engine,
      clock: systemClock,
      log: silentLog,
      assets,
      ...change,
    });
    running.push(cab);
    return { cab, engine, url: cab.url()! };
  };

  it('sends the view at once and again after each change', async () => {
    const { engine, url } = await serve();
    const stop = new AbortController();
    const views = viewsOf(url, stop.signal);
    expect((await views.next()).value).toMatchObject({ session: 's1', current: 'v1' });
    engine.show({ current: 'v2' });
    expect((await views.next()).value).toMatchObject({ current: 'v2' });
    stop.abort();
    await views.next().catch(() => {});
  });

  it('gathers a burst of changes, and shows the last', async () => {
    const { engine, url } = await serve();
    const stop = new AbortController();
    const views = viewsOf(url, stop.signal);
    await views.next();
    for (let n = 0; n < 50; n++) engine.show({ current: `v${n}` });
    let count = 0;
    for await (const view of views) {
      count++;
      if (view.current === 'v49') break;
    }
    expect(count).toBeLessThanOrEqual(2);
    stop.abort();
  });

  it('stops with streams open', async () => {
    const { cab, url } = await serve();
    const views = viewsOf(url, new AbortController().signal);
    await views.next();
    await cab.stop();
    running.splice(0);
    expect((await views.next().catch(() => ({ done: true }))).done).toBe(true);
  });

  it('drops the oldest of too many readers', async () => {
    const { url } = await serve();
    const { port } = new URL(url);
    const open = () =>
      new Promise<ReturnType<typeof connect>>((resolve) => {
        const socket = connect(Number(port), '127.0.0.1', () => {
          socket.write(`GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n`);
          socket.once('data', () => resolve(socket));
        });
        socket.on('error', () => {});
      });
    const first = await open();
    const gone = new Promise((resolve) => first.once('close', resolve));
    first.resume();
    const others = await Promise.all(Array.from({ length: 16 }, open));
    await gone;
    for (const socket of others) socket.destroy();
  });

  it('does not take the gateway down when its port is in use, says so, and comes when it is free', async () => {
    const taken: Server = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as { port: number };
    const clock = fakeClock(NOW);
    const told: string[] = [];
    const up = new Promise<void>((resolve) => {
      void startCab({
        http: `http://127.0.0.1:${port}`,
        van: 'van37',
        engine: fakeEngine(),
        clock,
        log: silentLog,
        assets,
        onState: (state, detail) => {
          told.push(detail ? `${state} ${detail}` : state);
          if (state === 'up') resolve();
        },
      }).then(async (cab) => {
        running.push(cab);
        expect(cab.url()).toBeUndefined();
        await new Promise((done) => taken.close(done));
        await clock.advance(15_000);
      });
    });
    await up;
    expect(told).toEqual([`failed http://127.0.0.1:${port}: EADDRINUSE`, 'up']);
  });

  it('weighs at most 60 KB over the air', () => {
    const bytes = [...assets.files.values()].reduce((sum, file) => sum + file.gzip.length, 0);
    expect(bytes).toBeLessThan(60 * 1024);
  });
});
