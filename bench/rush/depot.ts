import { writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import Fastify from 'fastify';
import { DepotConfig } from '../../dashboard/config.ts';
import { publicFacts } from '../../dashboard/core/views.ts';
import type { Broker } from '../../dashboard/io/broker.ts';
import { startDepot } from '../../dashboard/main.ts';
import type { Agenda } from '../../protocol/agenda.ts';
import { systemClock } from '../../runtime/clock.ts';
import { makeParts } from '../../runtime/lifecycle.ts';
import { silentLog } from '../../runtime/log.ts';
import { localDate } from '../../visit/format.ts';
import { nowMs } from './client.ts';

/**
 * The server's process: the whole depot as `tournee depot` starts it (broker, ingest, store, views, pages), and beside
 * it the bare routes that it is measured against.
 */
const ZONE = 'Europe/Paris';
const COMMUNES = 200;
const VANS = 8;
export const SECRET = 'a secret of the bench';
export const VAN = 'van-0';
/** The visit that changes. */
export const VISIT = 'v0';

/** 200 communes, each with a visit today or in the coming days and two later, for eight vans. */
function agenda(): Agenda {
  const today = Date.now();
  const stops = Array.from({ length: COMMUNES }, (_, n) => ({
    id: `s${n}`,
    name: 'Place de la Mairie',
    commune: insee(n),
    lat: 47 + n / 1000,
    lon: 0.8,
    radius: 60,
  }));
  const visits = Array.from({ length: COMMUNES * 3 }, (_, n) => ({
    id: `v${n}`,
    stop: `s${n % COMMUNES}`,
    van: `van-${n % VANS}`,
    date: localDate(today + (n < 40 ? 0 : 1 + (n % 40)) * 86_400_000, ZONE),
    from: '00:01',
    to: '23:59',
  }));
  return { version: 1, timezone: ZONE, stops, visits };
}
export const insee = (n: number): string => `37${`${1 + n}`.padStart(3, '0')}`;

async function serve(folder: string): Promise<void> {
  writeFileSync(join(folder, 'agenda.json'), JSON.stringify(agenda()));
  writeFileSync(join(folder, 'secret'), SECRET, { mode: 0o600 });
  const parts = makeParts(silentLog);
  const config = DepotConfig.parse({
    broker: 'mqtt://127.0.0.1:0',
    http: 'http://127.0.0.1:0',
    store: `sqlite:${join(folder, 'depot.db')}`,
    agenda: join(folder, 'agenda.json'),
    vans: Array.from({ length: VANS }, (_, n) => ({ id: `van-${n}`, secretFile: join(folder, 'secret') })),
    auth: 'none',
  });
  const depot = await startDepot(config, { add: parts.add, clock: systemClock, log: silentLog });
  const stateNow = () =>
    publicFacts(depot.views.state()).find((visit) => visit.id === VISIT)?.claims.gps?.state;

  const bare = Fastify({ forceCloseConnections: true });
  const lines = new Set<ServerResponse>();
  bare.get('/stream', (_request, reply) => {
    reply.hijack();
    lines.add(reply.raw);
    reply.raw.on('close', () => lines.delete(reply.raw));
    reply.raw.writeHead(200, { 'content-type': 'text/event-stream' });
    reply.raw.write('event: hello\ndata: {}\n\n');
  });
  let body: Buffer = Buffer.from('{}');
  bare.get('/json', (_request, reply) => reply.type('application/json; charset=utf-8').send(body));
  await bare.listen({ port: 0, host: '127.0.0.1' });

  const answers: Record<string, () => Promise<object> | object> = {
    /** Resolves when the depot's views have taken over another state of the visit. */
    change: () =>
      new Promise<object>((resolve) => {
        const before = stateNow();
        const stop = depot.views.subscribe(() => {
          if (stateNow() === before) return;
          stop();
          resolve({ at: nowMs() });
        });
      }),
    bare: () => {
      const bytes = Buffer.from(`event: visit\ndata: ${'x'.repeat(500)}\n\n`);
      const at = nowMs();
      for (const line of lines) line.write(bytes);
      return { at };
    },
    /** The same bytes from the bare route as the depot's own. */
    body: async () => {
      body = Buffer.from(
        await (await fetch(`${depot.url}/public/v1/visits?commune=${insee(0)}`)).arrayBuffer(),
      );
      return { bytes: body.length };
    },
    use: () => {
      const { user, system } = process.cpuUsage();
      return { cpuMs: (user + system) / 1000, rssMb: process.memoryUsage.rss() / 1e6 };
    },
  };
  process.on('message', async (ask: string) => process.send!(await answers[ask]!()));
  process.on('disconnect', () => process.exit());
  const portOf = (url: string) => Number(new URL(url).port);
  process.send!({
    http: portOf(depot.url),
    bare: (bare.server.address() as { port: number }).port,
    broker: (depot.link as Broker).url,
  });
}

if (process.argv[2] === 'serve' && process.send) await serve(process.argv[3]!);
