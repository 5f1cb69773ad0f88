import type { NewRow } from '../../gateway/io/journal.ts';
import { isoOf } from '../../protocol/time.ts';
import { makeRandom } from '../../simulators/random.ts';
import {
  DAY_START_MS,
  duty,
  openVanJournal,
  startDepot,
  startVanCourier,
  until,
} from '../../tests/parts/chain.ts';
import { referenceRows } from '../referenceRows.ts';

/** The two ends of `bench -- drain`, each a process of its own: one CPU must not pay for both. */
const POSITION_EVERY_MS = 250;
const PATIENCE_MS = 600_000;

export type Backlog = { readonly everySecond: number } | { readonly days: number };
export type VanDrained = {
  readonly rows: number;
  /** From the first connection to the last receipt, … */
  readonly seconds: number;
  /** … and from the first batch: without the round trips of TCP, CONNECT, SUBSCRIBE and the question. */
  readonly flowSeconds: number;
  readonly vanCpuSeconds: number;
  readonly alertAt: number;
};
export type DepotDrained = {
  readonly positionAgeMs: readonly number[];
  readonly alertMs: number;
  readonly depotCpuSeconds: number;
};

const cpuSeconds = (since: NodeJS.CpuUsage) => {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1e6;
};

async function depotRole(path: string): Promise<void> {
  const depot = await startDepot(path);
  const cpu = process.cpuUsage();
  process.send!({ port: Number(new URL(depot.url).port) });
  process.once('message', async ({ alertAt }: { alertAt: number }) => {
    const alert = depot.events.find(
      (e) => e.kind === 'rows' && e.rows[0]!.lane === 'urgent' && e.receivedAt >= alertAt,
    );
    const positionAgeMs = depot.events
      .flatMap((e) => (e.kind === 'position' && e.position ? [e.receivedAt - Date.parse(e.position.at)] : []))
      .sort((a, b) => a - b);
    const alertMs = alert ? alert.receivedAt - alertAt : Number.POSITIVE_INFINITY;
    process.send!({ positionAgeMs, alertMs, depotCpuSeconds: cpuSeconds(cpu) } satisfies DepotDrained);
    await depot.stop();
    process.disconnect();
  });
}

async function vanRole(path: string, port: string, backlog: Backlog): Promise<void> {
  const journal = openVanJournal(path);
  const rows = 'days' in backlog ? referenceDays(backlog.days) : everySecond(backlog.everySecond);
  for (let at = 0; at < rows.length; at += 500) journal.commit(rows.slice(at, at + 500));
  const total = journal.backlog().rows;
  const cpu = process.cpuUsage();
  const start = performance.now();
  const courier = startVanCourier(`mqtt://127.0.0.1:${port}`, journal);
  const positions = setInterval(() => {
    const at = isoOf(Date.now());
    courier.publishPosition({ at, latitude: 47, longitude: 0.5, moving: true, fixAgeMs: 0 });
  }, POSITION_EVERY_MS);
  await until('first batch', () => (courier.counters()['urgent messages'] ?? 0) > 0, PATIENCE_MS);
  const flowStart = performance.now();
  await until('half', () => journal.backlog().rows < total / 2, PATIENCE_MS);
  const alertAt = Date.now();
  journal.commit([duty(999_999)]);
  await until('drained', () => journal.backlog().rows === 0, PATIENCE_MS);
  const end = performance.now();
  process.send!({
    rows: total,
    seconds: (end - start) / 1000,
    flowSeconds: (end - flowStart) / 1000,
    vanCpuSeconds: cpuSeconds(cpu),
    alertAt,
  } satisfies VanDrained);
  clearInterval(positions);
  await courier.stop();
  journal.close();
  process.disconnect();
}

/** The reference day, again and again, a day apart. */
export function referenceDays(days: number): NewRow[] {
  const day = referenceRows(1);
  return Array.from({ length: days }, (_, n) =>
    day.map(({ lane, row }) => ({ lane, row: shifted(row, n * 86_400_000) })),
  ).flat();
}

const shifted = (row: NewRow['row'], byMs: number): NewRow['row'] =>
  byMs > 0 && 'at' in row && row.at !== null ? { ...row, at: isoOf(Date.parse(row.at) + byMs) } : row;

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

const [role, path = '', port = '', backlog = '{}'] = process.argv.slice(2);
if (process.send && role === 'depot') await depotRole(path);
if (process.send && role === 'van') await vanRole(path, port, JSON.parse(backlog) as Backlog);
