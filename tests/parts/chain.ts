import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FeedEvent } from '../../dashboard/core/feed.ts';
import { type Broker, startBroker, type VanLink } from '../../dashboard/io/broker.ts';
import { makeFeed } from '../../dashboard/io/feed.ts';
import { type Ingest, startIngest } from '../../dashboard/io/ingest.ts';
import { openSqliteStore, type SqliteStore } from '../../dashboard/io/store/sqlite.ts';
import { type Courier, type CourierDeps, startCourier } from '../../gateway/io/courier.ts';
import { type Journal, type JournalFile, type NewRow, openJournal } from '../../gateway/io/journal.ts';
import { isoOf } from '../../protocol/time.ts';
import { systemClock } from '../../runtime/clock.ts';
import { silentLog } from '../../runtime/log.ts';

/** The chain of trust end to end, of real parts: van's journal and courier, broker, ingest, store. */

export const SECRET = 'a secret of the van';
export const DAY_START_MS = Date.UTC(2026, 10, 24, 8);

export const temporaryFolder = () => {
  const path = mkdtempSync(join(tmpdir(), 'chain-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
};

export const fix = (n: number): NewRow => ({
  lane: 'bulk',
  row: {
    kind: 'fix',
    at: isoOf(DAY_START_MS + n * 1000),
    latitude: Math.round(47.1e6 + 40 * n + 17 * Math.sin(n)) / 1e6,
    longitude: Math.round(0.7e6 + 25 * n + 13 * Math.cos(n)) / 1e6,
    accuracyM: 2 + (n % 7) / 10,
    moving: n % 600 < 300,
    satellitesUsed: 9 + (n % 3),
  },
});
export const duty = (n: number): NewRow => ({
  lane: 'urgent',
  row: { kind: 'duty', at: isoOf(DAY_START_MS + n * 1000), on: n % 2 === 0, why: 'switch' },
});

export const openVanJournal = (path: string, van = 'van-7'): JournalFile =>
  openJournal(path, {
    van,
    software: 'test',
    boot: 'boot-1',
    retentionMs: 14 * 86_400_000,
    maxBytes: 256e6,
    clock: systemClock,
    log: silentLog,
  });

export const startVanCourier = (
  broker: string,
  journal: Journal,
  settings: CourierDeps['settings'] = {},
  on: Partial<CourierDeps['on']> = {},
  van = 'van-7',
  deps: Partial<Pick<CourierDeps, 'clock' | 'open' | 'quiet'>> = {},
): Courier =>
  startCourier({
    broker,
    van,
    secret: SECRET,
    journal,
    clock: systemClock,
    log: silentLog,
    random: () => 0.2,
    status: () => ({ at: null, software: 'test', duty: true }),
    on: { agenda: () => {}, cab: () => {}, link: () => {}, ...on },
    settings: { backoffBaseMs: 200, ...settings },
    ...deps,
  });

export type Depot = {
  readonly broker: VanLink & Partial<Broker>;
  readonly url: string;
  readonly store: SqliteStore;
  readonly ingest: Ingest;
  readonly events: FeedEvent[];
  stop(): Promise<void>;
};

/** A depot on `listen`, or on the link given. */
export async function startDepot(
  storePath: string,
  options: { listen?: string; link?: VanLink; vans?: readonly string[] } = {},
): Promise<Depot> {
  const deps = { log: silentLog, clock: systemClock };
  const store = openSqliteStore(storePath, deps);
  const link =
    options.link ??
    (await startBroker({
      ...deps,
      listen: options.listen ?? 'mqtt://127.0.0.1:0',
      verify: (_van, secret) => secret === SECRET,
    }));
  const feed = makeFeed(silentLog);
  const events: FeedEvent[] = [];
  feed.subscribe((event) => events.push(event));
  const ingest = startIngest({ ...deps, link, store, feed, vans: () => options.vans ?? ['van-7'] });
  return {
    broker: link,
    url: (link as Partial<Broker>).url ?? '',
    store,
    ingest,
    events,
    async stop() {
      await ingest.stop();
      await link.stop();
      await store.stop();
    },
  };
}

/** Waits for a condition; fails loudly rather than for ever. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  ms = 10_000,
): Promise<void> {
  const end = performance.now() + ms;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`never: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** `export` of the depot, as a map from identity to text. */
export async function depotRows(store: SqliteStore): Promise<Map<string, string>> {
  const rows = new Map<string, string>();
  for await (const { journal, lane, seq, text } of store.exportLines()) {
    const key = `${journal} ${lane} ${seq}`;
    if (rows.has(key)) throw new Error(`twice: ${key}`);
    rows.set(key, text);
  }
  return rows;
}

export const vanRows = (journal: Journal): Map<string, string> =>
  new Map([...journal.merged()].map((r) => [`${r.journal} ${r.lane} ${r.seq}`, r.text]));
