import { fork } from 'node:child_process';
import { Agent, get as httpGet, type IncomingMessage, type ServerResponse } from 'node:http';
import { fileURLToPath } from 'node:url';
import Fastify from 'fastify';
import { publicRoutes } from '../dashboard/io/public.ts';
import { systemClock } from '../runtime/clock.ts';
import { loadPageAssets } from '../runtime/pageAssets.ts';
import { instantOf } from '../visit/agenda.ts';
import { localDate } from '../visit/format.ts';
import type { PublicFacts, PublicSource } from '../visit/public.ts';
import { buildPages } from '../web/build.mjs';

/**
 * A rush on the public side: open listeners, one change to all of them against a bare `res.write` loop in the same
 * run, pages a second, and cached JSON against a bare Fastify route. Server and load are two processes of this
 * machine. `npm run bench -- rush [listeners=5000] [pages a second=1000] [seconds=10]`.
 */
const ZONE = 'Europe/Paris';
const COMMUNES = 200;
const nowMs = () => performance.timeOrigin + performance.now();

function plan(): PublicFacts[] {
  const now = Date.now();
  const today = localDate(now, ZONE);
  return Array.from({ length: COMMUNES * 3 }, (_, n): PublicFacts => {
    const date = n < 40 ? today : localDate(now + (1 + (n % 40)) * 86_400_000, ZONE);
    const fromMs = instantOf(date, '00:01', ZONE);
    const toMs = instantOf(date, '23:59', ZONE);
    return {
      id: `v${n}`,
      stop: `s${n % COMMUNES}`,
      name: 'Place de la Mairie',
      commune: `37${`${1 + (n % COMMUNES)}`.padStart(3, '0')}`,
      timezone: ZONE,
      date,
      from: '00:01',
      to: '23:59',
      fromMs,
      toMs,
      lat: 47,
      lon: 0.8,
      plannedAtMs: now - 86_400_000,
      dutyFromMs: fromMs,
      dutyToMs: toMs,
      heardMs: now,
      claims: {},
    };
  });
}

/** The same plan with the first visit of the day changed, as fresh objects: the depot's views make them so. */
function facts(planned: readonly PublicFacts[], changed: number): PublicFacts[] {
  const now = Date.now();
  return planned.map((visit, n) => ({
    ...visit,
    heardMs: now,
    claims:
      n === 0 && changed > 0
        ? { gps: { state: changed % 2 ? 'on_site' : 'approaching', atMs: now, arrivedMs: now } }
        : {},
  }));
}

/** The server's process: the public routes, and beside them what they are measured against. */
async function serve(): Promise<void> {
  const planned = plan();
  let changed = 0;
  let tell = () => {};
  const source: PublicSource = {
    visits: () => facts(planned, changed),
    subscribe(listener) {
      tell = listener;
      return () => {};
    },
  };
  const outdir = fileURLToPath(new URL('../dist/bench-web', import.meta.url));
  await buildPages({ outdir, names: ['tenant.css', 'tenant.js', 'worker.js', 'widget.js'] });
  const app = Fastify({ forceCloseConnections: true });
  await app.register(publicRoutes, {
    source,
    clock: systemClock,
    assets: loadPageAssets(outdir),
    timezone: ZONE,
    origin: 'http://127.0.0.1',
    perMinute: Number.POSITIVE_INFINITY,
    changeLimits: { perAddress: 100_000, total: 100_000 },
  });
  const bare = new Set<ServerResponse>();
  app.get('/bare/stream', (_request, reply) => {
    reply.hijack();
    bare.add(reply.raw);
    reply.raw.on('close', () => bare.delete(reply.raw));
    reply.raw.writeHead(200, { 'content-type': 'text/event-stream' });
    reply.raw.write('event: hello\ndata: {}\n\n');
  });
  let body: Buffer = Buffer.from('{}');
  app.get('/bare/json', (_request, reply) => reply.type('application/json; charset=utf-8').send(body));
  await app.ready();
  body = (await app.inject('/public/v1/visits?commune=37001')).rawPayload;
  await app.listen({ port: 0, host: '127.0.0.1' });
  process.on('message', (message: string) => {
    if (message === 'change') {
      changed++;
      process.send!({ at: nowMs() });
      tell();
    } else if (message === 'bare') {
      const bytes = Buffer.from(`event: visit\ndata: ${'x'.repeat(500)}\n\n`);
      process.send!({ at: nowMs() });
      for (const response of bare) response.write(bytes);
    } else process.send!({ rssMb: process.memoryUsage.rss() / 1e6 });
  });
  process.send!({ port: (app.server.address() as { port: number }).port });
}

const quantile = (values: number[], q: number) =>
  values.sort((a, b) => a - b)[Math.floor((values.length - 1) * q)]!;

export default async function run(args: string[]): Promise<void> {
  const [listeners = 5000, pages = 1000, seconds = 10] = args.map(Number);
  const child = fork(fileURLToPath(import.meta.url), ['serve'], { execArgv: ['--import', 'tsx'] });
  const word = <T>() => new Promise<T>((resolve) => child.once('message', (m) => resolve(m as T)));
  const { port } = await word<{ port: number }>();
  const url = `http://127.0.0.1:${port}`;
  child.once('exit', (code) => {
    if (code) throw new Error(`the server ended with ${code}`);
  });
  try {
    const bareMs = await fanOut(`${url}/bare/stream`, listeners, () => child.send('bare'), word);
    const { p99, streams } = await fanOutKept(
      `${url}/public/v1/changes`,
      listeners,
      () => child.send('change'),
      word,
    );
    const page = await openLoop(`${url}/c/37001-abilly`, pages, seconds);
    child.send('rss');
    const { rssMb } = await word<{ rssMb: number }>();
    for (const stream of streams) stream.destroy();
    const ours: number[] = [];
    const bareRate: number[] = [];
    for (let turn = 0; turn < 3; turn++) {
      ours.push(await closedLoop(`${url}/public/v1/visits?commune=37001`, seconds / 3));
      bareRate.push(await closedLoop(`${url}/bare/json`, seconds / 3));
    }
    const [rate, reference] = [quantile(ours, 0.5), quantile(bareRate, 0.5)];
    console.log(
      JSON.stringify({
        listeners,
        changeP99Ms: Math.round(p99),
        bareLoopP99Ms: Math.round(bareMs),
        pages: { askedPerS: pages, servedPerS: Math.round(page.perS), p50Ms: page.p50, p99Ms: page.p99 },
        json: {
          perS: Math.round(rate),
          barePerS: Math.round(reference),
          ratio: Number((rate / reference).toFixed(2)),
        },
        serverRssMb: Math.round(rssMb),
      }),
    );
  } finally {
    child.kill();
  }
}

type Word = <T>() => Promise<T>;

async function fanOut(url: string, count: number, change: () => void, word: Word): Promise<number> {
  const { p99, streams } = await fanOutKept(url, count, change, word);
  for (const stream of streams) stream.destroy();
  return p99;
}

/** Opens `count` streams, makes one change five times, gives the median of the p99 of its arrival. */
async function fanOutKept(url: string, count: number, change: () => void, word: Word) {
  const arrivals: number[] = [];
  let waiting = () => {};
  const agent = new Agent({ keepAlive: false, maxSockets: Number.POSITIVE_INFINITY });
  const open = () =>
    new Promise<IncomingMessage>((resolve, reject) => {
      httpGet(url, { agent }, (response) => {
        response.on('data', (chunk: Buffer) => {
          if (!chunk.includes('event: visit')) return;
          arrivals.push(nowMs());
          if (arrivals.length === count) waiting();
        });
        response.on('error', () => {});
        resolve(response);
      }).on('error', reject);
    });
  const streams: IncomingMessage[] = [];
  while (streams.length < count)
    streams.push(...(await Promise.all(Array.from({ length: Math.min(250, count - streams.length) }, open))));
  const found: number[] = [];
  for (let n = 0; n < 5; n++) {
    arrivals.length = 0;
    const all = new Promise<void>((resolve) => {
      waiting = resolve;
    });
    const said = word<{ at: number }>();
    change();
    const { at } = await said;
    await all;
    found.push(quantile(arrivals, 0.99) - at);
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  return { p99: quantile(found, 0.5), streams };
}

const ask = (url: string, agent: Agent): Promise<void> =>
  new Promise((resolve, reject) => {
    httpGet(url, { agent, headers: { 'accept-encoding': 'gzip' } }, (response) => {
      response.resume().on('end', resolve).on('error', reject);
    }).on('error', reject);
  });

/** So many requests a second whatever the answers do: waiting in the queue counts. */
async function openLoop(url: string, perS: number, seconds: number) {
  const agent = new Agent({ keepAlive: true, maxSockets: 256 });
  const times: number[] = [];
  const all: Promise<void>[] = [];
  const start = performance.now();
  for (let n = 0; n < perS * seconds; ) {
    const due = Math.min(perS * seconds, Math.floor(((performance.now() - start) / 1000) * perS));
    for (; n < due; n++) {
      const asked = start + (n / perS) * 1000;
      all.push(ask(url, agent).then(() => void times.push(performance.now() - asked)));
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await Promise.all(all);
  const perSecond = times.length / ((performance.now() - start) / 1000);
  agent.destroy();
  return { perS: perSecond, p50: Math.round(quantile(times, 0.5)), p99: Math.round(quantile(times, 0.99)) };
}

/** Requests a second with 32 connections that ask again at once. */
async function closedLoop(url: string, seconds: number): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: 32 });
  const end = performance.now() + seconds * 1000;
  let count = 0;
  const one = async () => {
    while (performance.now() < end) {
      await ask(url, agent);
      count++;
    }
  };
  const start = performance.now();
  await Promise.all(Array.from({ length: 32 }, one));
  agent.destroy();
  return count / ((performance.now() - start) / 1000);
}

if (process.argv[2] === 'serve' && process.send) await serve();
