import { statSync } from 'node:fs';
import { join } from 'node:path';
import { GatewayConfig } from '../gateway/config.ts';
import { engineSettingsOf } from '../gateway/engineSettings.ts';
import { type JournalFile, openJournal } from '../gateway/io/journal.ts';
import { restoreEngine } from '../gateway/io/restore.ts';
import { startWriter } from '../gateway/io/writer.ts';
import { isoOf } from '../protocol/time.ts';
import { type Clock, fakeClock, systemClock } from '../runtime/clock.ts';
import { silentLog } from '../runtime/log.ts';
import { REFERENCE_START_MS } from '../simulators/referenceDay.ts';
import {
  depotRows,
  startDepot,
  startVanCourier,
  temporaryFolder,
  until,
  vanRows,
} from '../tests/parts/chain.ts';
import { startSlowLink } from '../tests/parts/slowLink.ts';
import { type DayRow, referenceRows } from './referenceRows.ts';

/**
 * `npm run bench -- offline30 [days]`: a month without a link at the density of the reference day, written by the
 * production writer and journal on simulated clocks into real SQLite; memory and file by the day; then a start of the
 * gateway on that file, and the drain over 80 ms and 1 Mbit/s with export compared row by row.
 */
const DAY_MS = 86_400_000;
const MAX_BYTES = 256e6;
const PATIENCE_MS = 600_000;

const mb = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
const secondsSince = (start: number) => `${((performance.now() - start) / 1000).toFixed(2)} s`;
const sizeOf = (path: string) => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

const open = (path: string, clock: Clock, boot: string): JournalFile =>
  openJournal(path, {
    van: 'van-7',
    software: 'bench',
    boot,
    retentionMs: 14 * DAY_MS,
    maxBytes: MAX_BYTES,
    clock,
    log: silentLog,
  });

/** Heap and resident memory, after a collection where the runtime allows one. */
function memory(): string {
  globalThis.gc?.();
  const { rss, heapUsed } = process.memoryUsage();
  return `heap ${mb(heapUsed)}, resident ${mb(rss)}`;
}

async function offline(path: string, days: number, day: readonly DayRow[]): Promise<void> {
  const clock = fakeClock(REFERENCE_START_MS);
  const journal = open(path, clock, 'boot-1');
  const writer = startWriter(journal, clock, silentLog);
  // The courier tries all the while, and is refused.
  const courier = startVanCourier('mqtt://127.0.0.1:1', journal, {}, {}, 'van-7', {
    clock,
    open: ({ onClosed }) => {
      queueMicrotask(() => onClosed('refused'));
      return { publish: () => {}, cut: () => {}, end: async () => {} };
    },
  });
  for (let n = 0; n < days; n++) {
    for (const { lane, row, atMs, dense } of day) {
      const due = atMs + n * DAY_MS;
      if (due > clock.nowMs()) await clock.advance(due - clock.nowMs());
      const at = 'at' in row && row.at !== null ? { at: isoOf(Date.parse(row.at) + n * DAY_MS) } : {};
      writer.add([{ lane, row: { ...row, ...at } as typeof row }], dense);
    }
    if (n === 0 || (n + 1) % 5 === 0)
      console.log(
        `day ${`${n + 1}`.padStart(2)}: ${journal.backlog().rows} rows wait, file ${mb(sizeOf(path) + sizeOf(`${path}-wal`))}, ${memory()}`,
      );
  }
  await courier.stop();
  writer.stop();
  journal.close();
}

export default async function offline30([days = '30']: string[]): Promise<void> {
  const folder = temporaryFolder();
  const path = join(folder.path, 'van.db');
  const day = referenceRows(1);
  await offline(path, Number(days), day);

  const settings = engineSettingsOf(
    GatewayConfig.parse({
      van: 'van-7',
      sources: { gps: 'file:x' },
      journal: path,
      broker: 'mqtt://localhost',
    }),
    REFERENCE_START_MS - DAY_MS,
  );
  const opening = performance.now();
  const journal = open(path, systemClock, 'boot-2');
  const opened = secondsSince(opening);
  const restoring = performance.now();
  restoreEngine(journal, settings, 'boot-2');
  console.log(
    `start: journal opened and verified in ${opened}, engine restored in ${secondsSince(restoring)}`,
  );

  const depot = await startDepot(join(folder.path, 'depot.db'));
  const link = await startSlowLink(Number(new URL(depot.url).port), { latencyMs: 40, bitsPerS: 1e6 });
  const total = journal.backlog().rows;
  const start = performance.now();
  const courier = startVanCourier(`mqtt://127.0.0.1:${link.port}`, journal);
  await until('drained', () => journal.backlog().rows === 0, PATIENCE_MS);
  const drained = secondsSince(start);
  const [van, held] = [vanRows(journal), await depotRows(depot.store)];
  const differing = [...van].filter(([key, text]) => held.get(key) !== text).length;
  console.log(
    `drained: ${total} rows in ${drained}, ${link.passed.up} B up (${((link.passed.up * 8) / 1e6).toFixed(2)} s of link), ` +
      `${memory()}; export of van and depot: ${van.size} and ${held.size} rows, ${differing} differ`,
  );
  await courier.stop();
  journal.close();
  await link.stop();
  await depot.stop();
  folder.remove();
  if (differing > 0 || van.size !== held.size) process.exitCode = 1;
}
