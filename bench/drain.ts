import { join } from 'node:path';
import type { NewRow } from '../gateway/io/journal.ts';
import { isoOf } from '../protocol/time.ts';
import { makeRandom } from '../simulators/random.ts';
import {
  DAY_START_MS,
  duty,
  openVanJournal,
  startDepot,
  startVanCourier,
  temporaryFolder,
  until,
} from '../tests/parts/chain.ts';
import { startSlowLink } from '../tests/parts/slowLink.ts';
import { referenceRows } from './referenceRows.ts';

/**
 * `npm run bench -- drain [rows] [ms] [bits/s]`: a day of backlog over a slow link, against the time that its bytes
 * alone need; meanwhile the position stays live and an alert gets through. All real: SQLite, MQTT, sockets.
 */
const POSITION_EVERY_MS = 1000;

export type Drained = {
  readonly rows: number;
  readonly seconds: number;
  readonly bytesAloneSeconds: number;
  readonly upBytes: number;
  readonly positionAgeMs: readonly number[];
  readonly alertMs: number;
  /** Of van, depot and link together. */
  readonly cpuSeconds: number;
};

export async function drain(rows: readonly NewRow[], latencyMs: number, bitsPerS: number): Promise<Drained> {
  const folder = temporaryFolder();
  const depot = await startDepot(join(folder.path, 'depot.db'));
  const link = await startSlowLink(Number(new URL(depot.url).port), { latencyMs, bitsPerS });
  const journal = openVanJournal(join(folder.path, 'van.db'));
  for (let at = 0; at < rows.length; at += 500) journal.commit(rows.slice(at, at + 500));
  const total = journal.backlog().rows;
  const start = performance.now();
  const cpu = process.cpuUsage();
  const courier = startVanCourier(`mqtt://127.0.0.1:${link.port}`, journal);
  const positions = setInterval(() => {
    const at = isoOf(Date.now());
    courier.publishPosition({ at, latitude: 47, longitude: 0.5, moving: true, fixAgeMs: 0 });
  }, POSITION_EVERY_MS);
  await until('half', () => journal.backlog().rows < total / 2, 600_000);
  const alertAt = Date.now();
  journal.commit([duty(999_999)]);
  await until('drained', () => journal.backlog().rows === 0, 600_000);
  const seconds = (performance.now() - start) / 1000;
  clearInterval(positions);
  const { user, system } = process.cpuUsage(cpu);
  const { up } = link.passed;
  const alert = depot.events.find(
    (e) => e.kind === 'rows' && e.rows[0]!.lane === 'urgent' && e.receivedAt >= alertAt,
  );
  const positionAgeMs = depot.events
    .flatMap((e) => (e.kind === 'position' && e.position ? [e.receivedAt - Date.parse(e.position.at)] : []))
    .sort((a, b) => a - b);
  await courier.stop();
  journal.close();
  await link.stop();
  await depot.stop();
  folder.remove();
  return {
    rows: total,
    seconds,
    bytesAloneSeconds: (up * 8) / bitsPerS,
    upBytes: up,
    positionAgeMs,
    cpuSeconds: (user + system) / 1e6,
    alertMs: alert ? alert.receivedAt - alertAt : Number.POSITIVE_INFINITY,
  };
}

function print(name: string, d: Drained): void {
  const p99 = d.positionAgeMs[Math.floor(d.positionAgeMs.length * 0.99)];
  console.log(
    `${name}: ${d.rows} rows in ${d.seconds.toFixed(2)} s; their ${d.upBytes} B alone need ${d.bytesAloneSeconds.toFixed(2)} s` +
      ` (× ${(d.seconds / d.bytesAloneSeconds).toFixed(2)}); ${(d.upBytes / d.rows).toFixed(2)} B a row;` +
      ` position ≤ ${p99 ?? '–'} ms old at p99 of ${d.positionAgeMs.length}; alert at the depot after ${d.alertMs} ms; CPU ${d.cpuSeconds.toFixed(2)} s`,
  );
}

/** A fix a second of a van on the road, with a receiver's noise. */
export function everySecond(count: number): NewRow[] {
  const random = makeRandom(1);
  let [latitude, longitude, speed, course] = [47.1, 0.7, 15, 1];
  return Array.from({ length: count }, (_, n) => {
    speed = Math.min(30, Math.max(0, speed + random.gauss()));
    course += 0.05 * random.gauss();
    latitude += (speed * Math.cos(course)) / 111_320;
    longitude += (speed * Math.sin(course)) / 76_000;
    return {
      lane: 'bulk',
      row: {
        kind: 'fix',
        at: isoOf(DAY_START_MS + n * 1000),
        latitude: Math.round(latitude * 1e6 + 5 * random.gauss()) / 1e6,
        longitude: Math.round(longitude * 1e6 + 5 * random.gauss()) / 1e6,
        accuracyM: Math.round(20 + 2 * random.gauss()) / 10,
        moving: speed > 1,
        satellitesUsed: 10 + Math.round(random.gauss()),
      },
    };
  });
}

export default async function run([
  rows = '86400',
  latency = '40',
  bits = '1000000',
]: string[]): Promise<void> {
  const [count, latencyMs, bitsPerS] = [rows, latency, bits].map(Number) as [number, number, number];
  console.log(`${2 * latencyMs} ms round trip, ${bitsPerS / 1e6} Mbit/s`);
  const day = referenceRows(1).filter((r) => r.lane === 'bulk');
  print(
    'reference day',
    await drain(
      day.map(({ lane, row }) => ({ lane, row })),
      latencyMs,
      bitsPerS,
    ),
  );
  print('every second', await drain(everySecond(count), latencyMs, bitsPerS));
}
