import { connect, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Child, startChild } from './child.ts';
import { ADMIN, type Answer, type Depot, startDepot } from './depot.ts';
import type { HonestQuestion, HonestStats } from './honestVan.ts';

/**
 * C20 (facts/campaigns.md §6): strangers and other sites against a real depot's HTTP. Each is refused, while an honest
 * van's receipts come within 1 s (p99), the depot lives, and its memory grows < 50 MB. H23 and H24 come with enrolment
 * and updates; H25 and H26 are the cab server's own tests, H34 those of the text messages.
 */
const EVIL = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "'><svg onload=alert(1)>",
  '</script><script>alert(2)</script>',
  '<!--<script>',
  '{{constructor.constructor("alert(1)")()}}',
  'javascript:alert(1)',
  '&lt;script&gt;&#x3c;b&#x3e;',
];
const LIGUEIL = '37130';
const DAY = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
const FORMULA = '=HYPERLINK("http://evil.example")';
const LINES = 'place\r\nBEGIN:VALARM\r\nSUMMARY:evil';

const agenda = {
  version: 1,
  timezone: 'Europe/Paris',
  stops: [...EVIL, FORMULA, LINES].map((text, n) => ({
    id: `stop-${n}`,
    name: text,
    commune: LIGUEIL,
    lat: 47.0433,
    lon: 0.8178,
    radius: 100,
    address: text,
    access: text,
    services: [text],
  })),
  visits: [...EVIL, FORMULA, LINES].map((text, n) => ({
    id: `visit-${n}`,
    van: 'honest',
    stop: `stop-${n}`,
    date: DAY,
    from: '09:00',
    to: '10:00',
    ...(n % 2 ? { cancelled: { reason: text } } : {}),
  })),
};

let depot: Depot;
let honest: Child<HonestQuestion, HonestStats>;
let calmMb: number;
const worst = { p99Ms: 0, growthMb: 0 };

beforeAll(async () => {
  depot = await startDepot(agenda, ['honest', 'other']);
  honest = await startChild('honestVan.ts', [`${depot.mqttPort}`, 'honest']);
  calmMb = await depot.rssMb();
}, 60_000);
afterEach(async () => {
  const stats = await honest.ask({ what: 'stats' });
  worst.p99Ms = Math.max(worst.p99Ms, stats.receipts > 20 ? stats.p99Ms : 0);
  worst.growthMb = Math.max(worst.growthMb, (await depot.rssMb()) - calmMb);
  await honest.ask({ what: 'begin' });
  expect(depot.hasDied()).toBe(false);
  expect(stats.waitingMs).toBeLessThan(1000);
  expect(worst.p99Ms).toBeLessThan(1000);
});
afterAll(async () => {
  const grown = `memory + ${worst.growthMb.toFixed(0)} MB`;
  process.stdout.write(`under attack at worst: honest receipt p99 ${worst.p99Ms.toFixed(0)} ms, ${grown}\n`);
  await honest.stop();
  await depot.stop();
});

const times = <T>(count: number, make: (n: number) => T): T[] =>
  Array.from({ length: count }, (_, n) => make(n));
const json = { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' };
const PAGES = ['/', `/c/${LIGUEIL}`, `/c/${LIGUEIL}/affiche`, '/accessibilite', '/depot', '/nowhere'];
const follow = async (path: string): Promise<Answer> => {
  const answer = await depot.ask(path);
  return answer.status >= 300 && answer.status < 400 ? depot.ask(answer.headers.location!) : answer;
};

type OpenApi = { paths: Record<string, Record<string, object>> };
const routes = async () => {
  const { paths } = JSON.parse((await depot.staff('/api/docs')).body) as OpenApi;
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => ({
      method: method.toUpperCase(),
      path: path.replace(/\{\w+\}/g, 'x'),
    })),
  );
};
const staffWrites = async () =>
  (await routes()).filter(({ method, path }) => method !== 'GET' && path.startsWith('/api/'));

describe('what others have written', () => {
  it('H1: is text on every page, in JSON, in the calendar', async () => {
    for (const path of PAGES) {
      const { body, headers } = await follow(path);
      if (!String(headers['content-type']).startsWith('text/html')) continue;
      for (const tag of [...body.matchAll(/<(script|img|svg|iframe|object|embed)\b[^>]*>/g)])
        expect(tag[0]).not.toMatch(/alert|onerror|onload|src=x/);
      expect(body).not.toMatch(/<script>alert|<img src=x|<svg onload/);
      expect(body).not.toMatch(/href="javascript:/i);
    }
    const page = await follow(`/c/${LIGUEIL}`);
    expect(page.body).toContain('&lt;script');
    const answer = await depot.ask('/public/v1/visits');
    expect(answer.headers['content-type']).toContain('application/json');
    expect(answer.headers['x-content-type-options']).toBe('nosniff');
  });

  it('H2, H22: no page holds anything inline, loads from elsewhere, or lets itself be framed', async () => {
    for (const path of PAGES) {
      const { body, headers } = await follow(path);
      const policy = String(headers['content-security-policy']);
      if (!String(headers['content-type']).startsWith('text/html')) continue;
      expect(policy, path).toContain("default-src 'none'");
      expect(policy, path).toContain("frame-ancestors 'none'");
      expect(policy, path).not.toMatch(/unsafe-inline|unsafe-eval|\*/);
      expect(body, path).not.toMatch(/\son\w+="|\sstyle="|<style/);
      const inline = [...body.matchAll(/<script\b([^>]*)>/g)].map((match) => match[1]!);
      for (const attributes of inline) expect(attributes).toMatch(/src="\/|application\/ld\+json/);
    }
  });

  it('H17: a cell that begins as a formula is text in CSV', async () => {
    const { body, status } = await depot.staff('/api/agenda.csv');
    expect(status).toBe(200);
    expect(body).toContain('HYPERLINK');
    for (const cell of body.split(/[;,\n]/)) expect(cell.replace(/^"/, '')).not.toMatch(/^[=+@\t]/);
  });

  it('H18: a line end in a name opens nothing in a calendar', async () => {
    for (const path of ['/api/agenda.ics', `/public/v1/communes/${LIGUEIL}/visits.ics`]) {
      const { body, status } = await depot.staff(path);
      expect(status, path).toBe(200);
      expect(body, path).toContain('SUMMARY');
      expect(body).not.toMatch(/^BEGIN:VALARM/m);
      expect(body).not.toMatch(/^SUMMARY:evil/m);
      for (const line of body.split('\r\n')) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75);
    }
  });

  it('H19: a file name carries no header', async () => {
    for (const place of ['37130%0d%0aSet-Cookie:x=1', '%0aX:%20y', '37130%22;x=%22']) {
      const { headers } = await depot.ask(`/c/${place}/affiche`);
      expect(headers['set-cookie']).toBeUndefined();
      expect(headers.x).toBeUndefined();
    }
  });

  it('H28: the log keeps one line an event, whatever was asked', async () => {
    const evil =
      'GET /\x1b[31mred%0a{"level":60,"msg":"forged"} HTTP/1.1\r\nHost: a\r\nUser-Agent: x\x1b]0;y\x07\r\n\r\n';
    await depot.raw(evil, 500);
    await depot.ask('/api/login', {
      method: 'POST',
      headers: json,
      body: JSON.stringify({ name: 'x\n{"level":60,"msg":"forged"}', password: 'y' }),
    });
    for (const line of depot.log()) {
      expect(() => JSON.parse(line)).not.toThrow();
      expect(line).not.toContain('\x1b');
      expect((JSON.parse(line) as { msg: string }).msg).not.toBe('forged');
    }
  });
});

describe('sessions', () => {
  it('H3: no write without the page of our own', async () => {
    const writes = await staffWrites();
    expect(writes.length).toBeGreaterThan(8);
    const { cookie, csrf } = depot.session;
    const forgeries: Record<string, string>[] = [
      { cookie },
      { cookie, 'sec-fetch-site': 'cross-site', 'x-csrf': csrf },
      { cookie, 'sec-fetch-site': 'same-site', 'x-csrf': csrf },
      { cookie, origin: 'https://evil.example', 'x-csrf': csrf },
      { cookie, 'sec-fetch-site': 'same-origin', 'x-csrf': `${csrf.slice(0, -1)}x` },
    ];
    for (const { method, path } of writes) {
      if (/\/(login|setup)$/.test(path)) continue;
      for (const headers of forgeries) {
        const answer = await depot.ask(path, {
          method,
          headers: { ...headers, 'content-type': 'application/json' },
          body: '{}',
        });
        expect(answer.status, `${method} ${path} ${JSON.stringify(headers)}`).toBe(403);
      }
    }
  });

  it('H4: a session that was not given, was altered, or is over opens nothing', async () => {
    const open = async (cookie: string) => (await depot.ask('/api/vans', { headers: { cookie } })).status;
    const { cookie } = depot.session;
    expect(await open(cookie)).toBe(200);
    expect(await open('tournee=chosen-by-me')).toBe(401);
    expect(await open(`${cookie.slice(0, -2)}xx`)).toBe(401);
    const planted = { ...json, cookie: 'tournee=planted' };
    const login = await depot.ask('/api/login', {
      method: 'POST',
      headers: planted,
      body: JSON.stringify(ADMIN),
    });
    const given = login.headers['set-cookie']![0]!;
    expect(given).toMatch(/HttpOnly/i);
    expect(given).toMatch(/SameSite=Lax/i);
    expect(given).not.toContain('planted');
    const own = given.split(';')[0]!;
    const { csrf } = JSON.parse(login.body) as { csrf: string };
    expect(await open(own)).toBe(200);
    await depot.ask('/api/logout', {
      method: 'POST',
      headers: { ...json, cookie: own, 'x-csrf': csrf },
      body: '',
    });
    expect(await open(own)).toBe(401);
  });

  it('H5: guesses are refused in the same words, and stopped', async () => {
    const guess = (name: string, password: string) =>
      depot.ask('/api/login', { method: 'POST', headers: json, body: JSON.stringify({ name, password }) });
    const [known, unknown] = [await guess('victim', 'wrong'), await guess('nobody-at-all', 'wrong')];
    expect({ status: known.status, body: known.body }).toEqual({
      status: unknown.status,
      body: unknown.body,
    });
    const staff = { name: 'guessed', role: 'reader', password: 'the right long password' };
    const made = await depot.staff('/api/accounts', { method: 'POST', body: JSON.stringify(staff) });
    expect(made.status).toBe(201);
    for (let n = 0; n < 5; n++) expect((await guess('guessed', `wrong ${n}`)).status).toBe(401);
    const right = await guess('guessed', staff.password);
    expect({ status: right.status, body: right.body }).toEqual({ status: 401, body: known.body });
  }, 60_000);

  it('H6: no route of the staff answers a stranger, and a reader writes nothing', async () => {
    for (const { method, path } of (await routes()).filter((route) => route.path.startsWith('/api/'))) {
      if (/\/(login|setup|session)$/.test(path)) continue;
      const stranger = await depot.ask(path, {
        method,
        headers: json,
        ...(method === 'GET' ? {} : { body: '{}' }),
      });
      expect(stranger.status, `${method} ${path}`).toBe(401);
    }
    const token = await depot.staff('/api/tokens', {
      method: 'POST',
      body: JSON.stringify({ name: 'reader', scope: 'reader' }),
    });
    const authorization = `Bearer ${(JSON.parse(token.body) as { token: string }).token}`;
    expect((await depot.ask('/api/vans', { headers: { authorization } })).status).toBe(200);
    for (const path of ['/api/accounts', '/api/agenda', '/api/tokens']) {
      const { status } = await depot.ask(path, {
        method: 'POST',
        headers: { ...json, authorization },
        body: '{}',
      });
      expect(status, path).toBe(403);
    }
    for (const van of ['x', '__proto__', 'constructor', '..%2fother'])
      expect((await depot.staff(`/api/vans/${van}`)).status, van).toBe(404);
  });

  it('H21: nothing of the staff is kept by a cache', async () => {
    for (const path of ['/api/vans', '/api/session', '/api/agenda', '/depot'])
      expect((await depot.staff(path)).headers['cache-control'], path).toMatch(/no-store|no-cache|private/);
  });
});

describe('bodies and headers', () => {
  const login = (headers: Record<string, string>, body: string | Uint8Array) =>
    depot.ask('/api/login', {
      method: 'POST',
      headers: { 'sec-fetch-site': 'same-origin', ...headers },
      body,
    });

  it.each([
    'application/json\t; x',
    'application/\tjson',
    'application/json; x',
    'text/plain',
    'application/x-www-form-urlencoded',
    'a/b',
  ])('H7: the type %j is not taken', async (type) => {
    expect((await login({ 'content-type': type }, '{"name":"a","password":"b"}')).status).toBe(415);
  });

  it('H8: prototypes, duplicates, depth and size change nothing', async () => {
    const deep = `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`;
    for (const body of [
      '{"__proto__":{"role":"administrator"},"name":"a","password":"b"}',
      '{"name":"a","name":"b","password":"x"}',
      '{"constructor":{"prototype":{"x":1}},"name":"a","password":"b"}',
      deep,
      JSON.stringify({ name: 'x'.repeat(1_000_000), password: 'y' }),
      '[1e400]',
      '"\\u0000"',
      '{',
    ]) {
      const { status } = await login({ 'content-type': 'application/json' }, body);
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(500);
    }
  });

  it('H12, H30: other verbs, ranges and upgrades', async () => {
    for (const method of ['TRACE', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND']) {
      const { status } = await depot.ask('/', { method });
      expect(status, method).toBeGreaterThanOrEqual(400);
      expect(status, method).toBeLessThan(500);
    }
    const range = await depot.ask('/', {
      headers: { range: 'bytes=0-1,2-3,'.repeat(200), 'if-range': '"x"' },
    });
    expect(range.status).toBe(200);
    const none = { 'if-none-match': '"x", '.repeat(2000), 'if-modified-since': 'never' };
    expect((await depot.ask('/public/v1/visits', { headers: none })).status).toBe(200);
    const connectTunnel = await depot.raw(
      'CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example\r\n\r\n',
      1000,
    );
    expect(connectTunnel.text).not.toMatch(/^HTTP\/1.1 200/);
    const upgrade = await depot.raw(
      'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: AAAA\r\nSec-WebSocket-Version: 13\r\n\r\n',
      1000,
    );
    expect(upgrade.text).not.toMatch(/^HTTP\/1.1 101/);
  });

  it('H13: two lengths for one body', async () => {
    const smuggled = 'GET /api/vans HTTP/1.1\r\nHost: a\r\n\r\n';
    for (const headers of [
      `Content-Length: 6\r\nTransfer-Encoding: chunked`,
      `Content-Length: 6\r\nContent-Length: 60`,
      `Transfer-Encoding: chunked, identity`,
      `Transfer-Encoding : chunked`,
      `Transfer-Encoding: xchunked`,
    ]) {
      const { text, ended } = await depot.raw(
        `POST /api/login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n${headers}\r\n\r\n0\r\n\r\n${smuggled}`,
        1500,
      );
      expect((text.match(/HTTP\/1\.1 /g) ?? []).length, headers).toBeLessThanOrEqual(1);
      expect(ended || text === '', headers).toBe(true);
    }
  });

  it('H14, H15: a Host of one’s own is not repeated, and no redirection leads away', async () => {
    const headers = {
      host: 'evil.example',
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'gopher',
    };
    for (const path of [
      '/',
      `/c/${LIGUEIL}`,
      '/depot',
      '/?commune=//evil.example',
      '/?lang=//evil.example',
    ]) {
      const { body, headers: given } = await depot.ask(path, { headers });
      expect(body, path).not.toMatch(/(href|src|content|action)="[^"]*evil\.example/);
      expect(String(given.location ?? '/'), path).toMatch(/^\/(?!\/)/);
    }
    for (const path of ['//evil.example', '/%2f%2fevil.example', '/c///evil.example', '/\\evil.example'])
      expect(String((await depot.ask(path)).headers.location ?? '/'), path).toMatch(/^\/(?![/\\])/);
  });

  it('H29: a compressed body is not opened', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000, 0x20));
    const { status } = await login({ 'content-type': 'application/json', 'content-encoding': 'gzip' }, bomb);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
  });
});

describe('paths and parameters', () => {
  it('H11: no way out of the folder', async () => {
    for (const path of [
      '/../../etc/passwd',
      '/assets/../../package.json',
      '/assets/..%2f..%2fpackage.json',
      '/assets/%2e%2e/%2e%2e/package.json',
      '/assets/..%5c..%5cpackage.json',
      '/assets/%00',
      '/assets/tenant.css%00.png',
      '/c/%00',
      '/%c0%ae%c0%ae/etc/passwd',
    ]) {
      const { text } = await depot.raw(
        `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`,
      );
      expect(text, path).toMatch(/^HTTP\/1.1 4\d\d/);
      expect(text, path).not.toMatch(/root:|"dependencies"/);
    }
  });

  it('H16: no subscription that makes us call ourselves', async () => {
    for (const endpoint of [
      'http://127.0.0.1/x',
      'https://169.254.169.254/latest/meta-data',
      'https://localhost/x',
      'https://fcm.googleapis.com.evil.example/x',
      'https://evil.example/#fcm.googleapis.com',
      'https://user@127.0.0.1/x',
      'file:///etc/passwd',
    ]) {
      const body = JSON.stringify({
        endpoint,
        keys: { p256dh: 'x', auth: 'y' },
        commune: LIGUEIL,
        language: 'fr',
      });
      const { status } = await depot.ask('/public/v1/push/subscriptions', {
        method: 'POST',
        headers: json,
        body,
      });
      expect(status, endpoint).toBeGreaterThanOrEqual(400);
      expect(status, endpoint).toBeLessThan(500);
    }
  });

  it('H20: long parameters cost nothing', async () => {
    const long = ['a', '-', '0', '%20', 'a@', '1:', '/'].map((unit) => unit.repeat(2000));
    for (const text of long)
      for (const path of [`/c/${text}`, `/public/v1/visits?from=${text}`, `/public/v1/visits/${text}`]) {
        const { ms, status } = await depot.ask(path);
        expect(status).toBeLessThan(500);
        expect(ms, path.slice(0, 40)).toBeLessThan(1000);
      }
  });

  it('H27: what goes wrong tells nothing of the inside', async () => {
    const answers = [
      await depot.ask('/nowhere'),
      await depot.ask('/api/nowhere'),
      await depot.ask('/public/v1/visits?from=x'),
      await depot.staff('/api/vans/honest/days/nonsense'),
      await depot.staff('/api/accounting/nonsense'),
      await depot.staff('/api/accounts', { method: 'POST', body: '{' }),
    ];
    for (const { status, body, headers } of answers) {
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(500);
      expect(body).not.toMatch(/node_modules|\.ts:\d|at \w+ \(|SQLITE|\/work|\/tmp|stack/);
      expect(headers['x-powered-by'] ?? headers.server).toBeUndefined();
    }
  });

  it('H31, H32: wide ranges and strange languages end', async () => {
    const wide = await depot.ask('/public/v1/visits?from=0001-01-01&to=9999-12-31');
    expect(wide.status).toBe(200);
    expect(wide.body.length).toBeLessThan(1_000_000);
    for (const query of [
      'lang=../../etc',
      'lang=__proto__',
      'lang=fr&lang=en',
      'tz=Mars',
      'commune=__proto__',
    ])
      expect((await depot.ask(`/?${query}`)).status, query).toBeLessThan(500);
    const headers = { 'accept-language': 'fr;q=0.1,'.repeat(900) };
    expect((await depot.ask('/', { headers })).status).toBeLessThan(500);
  });

  it('H33: the public stream tells no more than the public answer', async () => {
    for (const query of [
      'commune=*',
      'commune=37130%27',
      'van=honest',
      'commune=__proto__',
      'commune[]=37130',
    ]) {
      const { text } = await depot.raw(
        `GET /public/v1/changes?${query} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`,
        400,
      );
      expect(text, query).not.toMatch(/latitude|longitude|driver|secret|honest/);
    }
    expect((await depot.ask('/api/live')).status).toBe(401);
  });
});

describe('crowds', () => {
  it('H9: slow headers, slow bodies and a thousand idle sockets', async () => {
    const open = (bytes: string) =>
      new Promise<Socket>((resolve) => {
        const socket = connect(depot.port, '127.0.0.1', () => {
          socket.write(bytes);
          resolve(socket);
        });
        socket.on('error', () => {});
      });
    const sockets = await Promise.all([
      ...times(600, () => open('')),
      ...times(200, () => open('GET / HTTP/1.1\r\nHost: a\r\nX: ')),
      ...times(200, () =>
        open(
          'POST /api/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{',
        ),
      ),
    ]);
    for (let n = 0; n < 5; n++) {
      const { status, ms } = await depot.ask('/public/v1/visits');
      expect(status).toBe(200);
      expect(ms).toBeLessThan(1000);
    }
    for (const socket of sockets) socket.destroy();
  });

  it('H10: streams have a number, and the ones that do not read an end', async () => {
    const listen = (headers = '') =>
      new Promise<{ socket: Socket; head: string }>((resolve) => {
        const socket = connect(depot.port, '127.0.0.1', () =>
          socket.write(`GET /public/v1/changes HTTP/1.1\r\nHost: 127.0.0.1\r\n${headers}\r\n`),
        );
        socket.on('error', () => {});
        socket.once('data', (bytes) => {
          socket.pause();
          resolve({ socket, head: bytes.toString('latin1') });
        });
      });
    const streams = [];
    for (let n = 0; n < 30; n++) streams.push(await listen());
    const statuses = streams.map(({ head }) => head.slice(9, 12));
    expect(statuses.filter((status) => status === '200')).toHaveLength(20);
    const refused = streams.find(({ head }) => head.startsWith('HTTP/1.1 503'))!;
    expect(refused.head.toLowerCase()).toContain('retry-after');
    for (const { socket } of streams) socket.destroy();
    await expect.poll(async () => (await listen()).head.slice(9, 12)).toBe('200');
    for (const id of ['-1', '18446744073709551616', 'text', '%00', 'x'.repeat(5000)]) {
      const { socket, head } = await listen(`Last-Event-ID: ${id}\r\n`);
      expect(head.slice(9, 12), id.slice(0, 20)).toMatch(/200|431|503/);
      socket.destroy();
    }
  });

  it('I13: no secret stands in the log or in an answer of the staff', async () => {
    const canaries = [
      'secret of honest',
      ADMIN.password,
      depot.session.cookie.split('=')[1]!,
      'the right long',
    ];
    const answers = (await routes()).filter(({ method }) => method === 'GET');
    const bodies: string[] = [...depot.log()];
    for (const { path } of answers.filter((route) => !/\/(live|changes)$/.test(route.path)))
      bodies.push((await depot.staff(path)).body);
    bodies.push((await depot.staff('/metrics')).body);
    for (const canary of canaries) expect(bodies.filter((body) => body.includes(canary))).toEqual([]);
  });

  it('leaves the memory as it was', async () => {
    await expect.poll(async () => (await depot.rssMb()) - calmMb, { timeout: 20_000 }).toBeLessThan(50);
  });
});
