import { get, type IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import type { PublicFacts } from '../../../visit/public.ts';
import { PublicVisit, PublicVisits } from '../../../visit/publicVisit.ts';
import { at, factsOf, gps } from '../../parts/publicFacts.ts';
import { listening, publicServer } from '../../parts/publicServer.ts';

const open: { app: FastifyInstance }[] = [];
const serve = async (...args: Parameters<typeof publicServer>) => {
  const server = await publicServer(...args);
  open.push(server);
  return server;
};
afterEach(async () => {
  for (const { app } of open.splice(0)) await app.close();
});

const onSite = {
  heardMs: at('09:40'),
  ...gps({ state: 'on_site', open: true, arrivedMs: at('09:24'), atMs: at('09:24') }),
};
const here = factsOf(onSite);
const DAYS = [
  here,
  factsOf({ id: 'v2', date: '2026-12-29' }),
  factsOf({ id: 'v3', commune: '37115', date: '2026-11-26' }),
];

describe('/public/v1/visits', () => {
  it('answers what DESIGN §7 promises, and no other field', async () => {
    const { app } = await serve(DAYS, at('09:40'));
    const answer = await app.inject('/public/v1/visits');
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['access-control-allow-origin']).toBe('*');
    const body = PublicVisits.parse(answer.json());
    expect(body.at).toBe('2026-11-24T08:40:00.000Z');
    expect(body.visits.map((v) => v.id)).toEqual(['v1', 'v2', 'v3']);
    expect(body.visits[0]).toEqual({
      id: 'v1',
      stop: 's1',
      name: 'Place de la Mairie',
      commune: '37130',
      date: '2026-11-24',
      from: '09:30',
      to: '12:00',
      state: 'on_site',
      open: true,
      since: '2026-11-24T08:24:00.000Z',
      source: 'gps',
      statement: {
        fr: "L'agence est là et vous reçoit, jusqu'à 12 h. Arrivée à 9 h 24.",
        en: 'The agency is here and open until 12:00. Arrived 9:24.',
      },
      at: '2026-11-24T08:40:00.000Z',
    });
  });

  it('lets no private value out, wherever it was planted', async () => {
    const planted = {
      ...here,
      driver: 'PRIVATE-driver',
      van: 'PRIVATE-van',
      position: { latitude: 47.12345, longitude: 0.98765 },
      claims: {
        gps: { ...here.claims.gps!, because: 'PRIVATE-because', evidence: { fixes: ['PRIVATE-fix'] } },
      },
    } as PublicFacts;
    const { app } = await serve([planted], at('09:40'));
    for (const path of [
      '/public/v1/visits',
      '/public/v1/visits/v1',
      '/public/v1/communes',
      '/public/v1/communes/37130/visits.ics',
      '/',
      '/c/37130-ligueil',
      '/c/37130-ligueil/affiche',
    ]) {
      const { body, statusCode } = await app.inject(path);
      expect(statusCode, path).toBe(200);
      expect(body, path).not.toMatch(/PRIVATE|47\.12345|0\.98765/);
    }
  });

  it('filters by commune and by days', async () => {
    const { app } = await serve(DAYS, at('09:40'));
    const ids = async (query: string) =>
      (await app.inject(`/public/v1/visits?${query}`)).json().visits.map((v: PublicVisit) => v.id);
    expect(await ids('commune=37115')).toEqual(['v3']);
    expect(await ids('from=2026-11-25&to=2026-11-30')).toEqual(['v3']);
    expect(await ids('commune=37001')).toEqual([]);
  });

  it.each(['commune=abc', 'commune=37130&commune=37115', 'from=yesterday', 'to=2026-13-01', 'from[]=1'])(
    'says what was expected of %s',
    async (query) => {
      const { app } = await serve(DAYS, at('09:40'));
      const answer = await app.inject(`/public/v1/visits?${query}`);
      if (query === 'from[]=1') expect(answer.statusCode).toBe(200);
      else expect([answer.statusCode, Object.keys(answer.json())]).toEqual([400, ['error']]);
      expect(answer.body).not.toContain(process.cwd());
    },
  );

  it('keeps its ETag while the same is said, and changes it with the news', async () => {
    const { app, clock, source } = await serve(DAYS, at('09:40'));
    const first = await app.inject('/public/v1/visits');
    await clock.advance(6000);
    const asked = { url: '/public/v1/visits', headers: { 'if-none-match': String(first.headers.etag) } };
    const same = await app.inject(asked);
    expect([same.statusCode, same.body]).toEqual([304, '']);
    source.set([{ ...here, ...gps({ state: 'left', leftMs: at('09:40'), atMs: at('09:40') }) }]);
    await clock.advance(1000);
    const other = await app.inject(asked);
    expect(other.statusCode).toBe(200);
    expect(other.json().visits[0].state).toBe('left');
  });

  it('one visit, and 404 for what is none', async () => {
    const { app } = await serve(DAYS, at('09:40'));
    expect(PublicVisit.parse((await app.inject('/public/v1/visits/v1')).json()).state).toBe('on_site');
    for (const id of ['nope', '__proto__', 'constructor', encodeURIComponent('../x')])
      expect((await app.inject(`/public/v1/visits/${id}`)).statusCode).toBe(404);
  });

  it('gives its own schema', async () => {
    const { app } = await serve(DAYS, at('09:40'));
    const schema = (await app.inject('/public/v1/schema/visits.json')).json();
    expect(Object.keys(schema.properties)).toEqual(['at', 'visits']);
    expect((await app.inject('/public/v1/schema/constructor')).statusCode).toBe(404);
  });
});

/** Reads a stream until `enough` says so. */
function reading(response: IncomingMessage) {
  let text = '';
  const waiting = new Set<() => void>();
  response.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    for (const look of waiting) look();
  });
  return {
    text: () => text,
    until: (pattern: RegExp) =>
      new Promise<string>((resolve, reject) => {
        const look = () => {
          if (!pattern.test(text)) return;
          waiting.delete(look);
          resolve(text);
        };
        waiting.add(look);
        response.on('close', () => reject(new Error(`closed before ${pattern}: ${text}`)));
        look();
      }),
  };
}
const stream = (url: string, headers: Record<string, string> = {}) =>
  new Promise<IncomingMessage>((resolve, reject) => get(url, { headers }, resolve).on('error', reject));

describe('/public/v1/changes', () => {
  const left = {
    ...here,
    heardMs: at('09:41'),
    ...gps({ state: 'left' as const, leftMs: at('09:41'), atMs: at('09:41') }),
  };

  it('says hello, then each change, byte for byte', async () => {
    const { app, clock, source } = await serve(DAYS, at('09:40'));
    const url = await listening(app);
    const response = await stream(`${url}/public/v1/changes?commune=37130`);
    expect(response.headers['content-type']).toBe('text/event-stream; charset=utf-8');
    expect(response.headers['cache-control']).toBe('no-store, no-transform');
    const read = reading(response);
    const run = at('09:40').toString(36);
    await read.until(/hello[^\n]*\n[^\n]*\n\n/);
    expect(read.text()).toBe(
      `retry: 4000\nid: ${run}-0\nevent: hello\ndata: {"at":"2026-11-24T08:40:00.000Z","news":{"v1":"2026-11-24T08:40:00.000Z"}}\n\n`,
    );
    source.set([left, ...DAYS.slice(1)]);
    await clock.advance(200);
    const text = await read.until(/event: visit\ndata: .*\n\n/);
    const told = PublicVisit.parse(JSON.parse(/event: visit\ndata: (.*)\n/.exec(text)![1]!));
    expect(told.statement.fr).toContain("L'agence est repartie à 9 h 41.");
    expect(text).toContain(`id: ${run}-1\nevent: visit\n`);
    response.destroy();
  });

  it('tells a commune nothing of another, and gives ages each 20 s', async () => {
    const { app, clock, source } = await serve(DAYS, at('09:40'));
    const url = await listening(app);
    const read = reading(await stream(`${url}/public/v1/changes?commune=37115`));
    await read.until(/hello/);
    source.set([left, ...DAYS.slice(1)]);
    await clock.advance(20_000);
    const text = await read.until(/event: beat\ndata: .*\n\n/);
    expect(text).not.toContain('event: visit');
    expect(text).toContain('data: {"at":"2026-11-24T08:40:20.000Z","news":{}}');
  });

  it('repeats what a listener missed, and resets one that missed too much or came from another run', async () => {
    const { app, clock, source } = await serve(DAYS, at('09:40'));
    const url = await listening(app);
    const run = at('09:40').toString(36);
    source.set([left, ...DAYS.slice(1)]);
    await clock.advance(200);
    const again = reading(await stream(`${url}/public/v1/changes`, { 'last-event-id': `${run}-0` }));
    expect(await again.until(/event: visit\n/)).not.toContain('reset');
    const none = reading(await stream(`${url}/public/v1/changes`, { 'last-event-id': `${run}-1` }));
    expect(await none.until(/hello/)).not.toMatch(/event: (visit|reset)/);
    for (const lastId of ['old-3', `${run}--1`, `${run}-18446744073709551616`, 'text', '-1', `${run}-99`]) {
      const other = reading(await stream(`${url}/public/v1/changes`, { 'last-event-id': lastId }));
      await other.until(/event: reset\n/);
    }
  });

  it('takes 20 of one address, then answers 503 with a way on', async () => {
    const { app } = await serve(DAYS, at('09:40'));
    const url = await listening(app);
    const streams = [];
    for (let n = 0; n < 20; n++) streams.push(await stream(`${url}/public/v1/changes`));
    expect(streams.every((s) => s.statusCode === 200)).toBe(true);
    const refused = await stream(`${url}/public/v1/changes`);
    expect([refused.statusCode, refused.headers['retry-after']]).toEqual([503, '30']);
    streams[0]!.destroy();
    await expect.poll(async () => (await stream(`${url}/public/v1/changes`)).statusCode).toBe(200);
  });

  it('does not hold the server’s close', async () => {
    const server = await publicServer(DAYS, at('09:40'));
    const response = await stream(`${await listening(server.app)}/public/v1/changes`);
    const ended = new Promise((resolve) => response.resume().on('close', resolve));
    await server.app.close();
    await ended;
  });
});

describe('the pages', () => {
  it('say the statement without a script, in the language asked', async () => {
    const { app } = await serve(DAYS, at('09:40'));
    const text = (html: string) => html.replace(/<script[\s\S]*?<\/script>/g, '').replace(/<[^>]+>/g, '');
    const fr = await app.inject('/c/37130-ligueil');
    expect(text(fr.body)).toContain("L'agence est là et vous reçoit, jusqu'à 12 h. Arrivée à 9 h 24.");
    expect(fr.body).toContain('<noscript><meta http-equiv="refresh" content="60"/></noscript>');
    const en = await app.inject('/c/37130-ligueil?lang=en');
    expect(text(en.body)).toContain('The agency is here and open until 12:00. Arrived 9:24.');
    expect(en.body).toContain('<html lang="en">');
    expect((await app.inject('/c/37130-ligueil?still=1')).body).not.toContain('http-equiv');
  });

  it('name a place once with both hours when it is visited twice a day', async () => {
    const twice = [
      factsOf({ id: 'm', heardMs: at('09:40') }),
      factsOf({ id: 'a', from: '14:00', to: '16:00', heardMs: at('09:40') }),
    ];
    const { app } = await serve(twice, at('09:40'));
    const { body } = await app.inject('/c/37130-ligueil');
    expect(body.match(/class="place-name"/g)).toHaveLength(1);
    expect(body.match(/class="hours"/g)).toHaveLength(2);
    expect(body.match(/data-visit="[ma]"/g)).toHaveLength(2);
  });

  it('carry nothing inline but data, and ask for nothing elsewhere', async () => {
    const { app } = await serve(DAYS, at('09:40'));
    for (const path of ['/', '/?q=lig', '/c/37130-ligueil', '/c/37130-ligueil/affiche', '/accessibilite']) {
      const { body, headers } = await app.inject(path);
      expect(headers['content-security-policy'], path).toMatch(
        /^default-src 'none'; .*frame-ancestors 'none'$/,
      );
      expect(body, path).not.toMatch(/<[^>]+\s(style|on\w+)=/i);
      expect(body, path).not.toMatch(/<style/i);
      expect(body.match(/<script(?![^>]*(src=|ld\+json))/g), path).toBeNull();
      expect(body, path).not.toMatch(
        /(src|href)="https?:\/\/(?!agence\.example|www\.openstreetmap\.org|www\.defenseur)/,
      );
    }
  });

  it('weigh ≤ 30 KB compressed on first load', async () => {
    const { app } = await serve(DAYS, at('09:40'));
    const size = async (url: string) => {
      const answer = await app.inject({ url, headers: { 'accept-encoding': 'gzip' } });
      expect(answer.headers['content-encoding'], url).toBe('gzip');
      return answer.rawPayload.length;
    };
    const page = await app.inject('/c/37130-ligueil');
    const assets = [...page.body.matchAll(/"(\/assets\/[^"]+)"/g)].map((m) => m[1]!);
    expect(assets.length).toBe(2);
    const sizes = await Promise.all(['/c/37130-ligueil', ...assets, '/worker.js'].map(size));
    expect(sizes.reduce((sum, n) => sum + n)).toBeLessThan(30_000);
  });

  it('send a mistyped address on, and know what they do not know', async () => {
    const { app } = await serve(DAYS, at('09:40'));
    const moved = await app.inject('/c/37130-lig?lang=en');
    expect([moved.statusCode, moved.headers.location]).toEqual([301, '/c/37130-ligueil?lang=en']);
    for (const path of ['/c/99999-nowhere', '/c/x', '/c/37130-ligueil/nope'])
      expect((await app.inject(path)).statusCode, path).toBe(404);
    expect((await app.inject('/c/37261-tours')).body).toContain("ne s'arrête pas dans cette commune");
  });

  it.each([
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    "';alert(1)//",
    '</title><script>',
    '{{7*7}}',
    '</script><script>alert(1)</script>',
  ])('escape %s wherever it comes from', async (text) => {
    const facts = factsOf({
      name: text,
      address: text,
      access: text,
      services: [text],
      claims: { crew: { state: 'cancelled', reason: text, atMs: at('09:00') } },
    });
    const { app } = await serve([facts], at('09:40'));
    for (const path of ['/c/37130-ligueil', '/c/37130-ligueil/affiche', `/?q=${encodeURIComponent(text)}`]) {
      const { body } = await app.inject(path);
      expect(body).not.toMatch(/<script>|<img/);
      const data = /<script type="application\/ld\+json">(.*?)<\/script>/s.exec(body);
      if (data) JSON.parse(data[1]!);
    }
  });

  it('tell a search engine that it is cancelled, late or moved', async () => {
    const eventOf = async (claims: PublicFacts['claims']) => {
      const { app } = await serve([factsOf({ heardMs: at('09:40'), claims })], at('09:40'));
      const { body } = await app.inject('/c/37130-ligueil');
      return JSON.parse(/ld\+json">(.*?)<\/script>/s.exec(body)![1]!)['@graph'][0];
    };
    expect(await eventOf({ planner: { state: 'cancelled', atMs: at('09:00') } })).toMatchObject({
      eventStatus: 'https://schema.org/EventCancelled',
      startDate: '2026-11-24T08:30:00.000Z',
    });
    const late = {
      state: 'late' as const,
      atMs: at('09:30'),
      expectedFromMs: at('10:40'),
      expectedToMs: at('10:55'),
    };
    expect(await eventOf({ crew: late })).toMatchObject({
      eventStatus: 'https://schema.org/EventRescheduled',
      previousStartDate: '2026-11-24T08:30:00.000Z',
      startDate: '2026-11-24T09:40:00.000Z',
    });
    expect(
      await eventOf({ crew: { state: 'moved', atMs: at('09:00'), movedTo: { name: 'Gymnase' } } }),
    ).toMatchObject({
      eventStatus: 'https://schema.org/EventRescheduled',
      location: { name: 'Gymnase' },
    });
  });

  it('become «pas de nouvelles» within the timeout on every form', async () => {
    const { app, clock } = await serve([here], at('09:40'));
    await clock.advance(152_000);
    for (const path of [
      '/c/37130-ligueil',
      '/public/v1/visits',
      '/public/v1/visits/v1',
      '/public/v1/communes/37130/visits.ics',
    ])
      expect(
        (await app.inject(path)).body
          .replace(/\r\n /g, '')
          .replace(/<[^>]+>/g, '')
          .replace(/&#39;/g, "'"),
        path,
      ).toContain('Pas de nouvelles depuis 9 h 40');
  });

  it('count the requests of one address', async () => {
    const { app, clock } = await serve(DAYS, at('09:40'), { perMinute: 3 });
    const codes = async () => Promise.all([1, 2, 3, 4].map(async () => (await app.inject('/')).statusCode));
    expect((await codes()).sort()).toEqual([200, 200, 200, 429]);
    await clock.advance(60_000);
    expect((await app.inject('/')).statusCode).toBe(200);
  });

  it('may be framed only where they are made for it', async () => {
    const { app } = await serve(DAYS, at('09:40'));
    const widget = await app.inject('/c/37130-ligueil/widget');
    expect(widget.headers['content-security-policy']).toMatch(/frame-ancestors \*$/);
    expect(widget.body).toContain('reçoit');
    expect(widget.body).not.toContain('<form');
    expect((await app.inject('/c/37130-ligueil')).headers['content-security-policy']).toMatch(
      /ancestors 'none'$/,
    );
    const script = await app.inject('/widget.js');
    expect(script.headers['cross-origin-resource-policy']).toBe('cross-origin');
  });
});

describe('the Atom feed', () => {
  it('has an entry a visit and stays well formed whatever a planner types', async () => {
    const { app } = await serve([factsOf({ ...onSite, name: '<&"\u0000\u0007]]>' }), DAYS[1]!], at('09:40'));
    const { body, headers } = await app.inject('/public/v1/communes/37130/visits.atom');
    expect(headers['content-type']).toBe('application/atom+xml; charset=utf-8');
    expect(body.match(/<entry>/g)).toHaveLength(2);
    expect(body).toContain('<updated>2026-11-24T08:40:00.000Z</updated>');
    expect(body).toContain('L&#39;agence est là et vous reçoit');
    expect(body.replace(/<[^<>]+>/g, '')).not.toMatch(/[<>\u0000\u0007]/);
  });
});
