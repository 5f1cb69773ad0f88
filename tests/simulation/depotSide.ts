import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FeedEvent, StoredRow } from '../../dashboard/core/feed.ts';
import { type Cursors, decide, START } from '../../dashboard/core/ingest.ts';
import type { VanLink } from '../../dashboard/io/broker.ts';
import { startIngest } from '../../dashboard/io/ingest.ts';
import { openSqliteStore, type SqliteStore } from '../../dashboard/io/store/sqlite.ts';
import type { JournalRecord, Store, Stored } from '../../dashboard/io/store/store.ts';
import type { Lane, Row } from '../../protocol/rows.ts';
import type { Clock } from '../../runtime/clock.ts';
import { silentLog } from '../../runtime/log.ts';
import type { Random } from '../../simulators/random.ts';
import { indexAt } from './modelCard.ts';
import { MEMORY_FOLDER } from './sqliteCard.ts';
import type { World } from './world.ts';

/** A row as the depot holds it: enough to compare it with what the van committed. */
export type HeldRow = {
  readonly van: string;
  readonly journal: string;
  readonly lane: Lane;
  readonly seq: number;
  readonly text: string;
};
/** The depot's disk: what a backup takes and a restore puts back, whichever process runs on it. */
export type DepotDisk = {
  open(clock: Clock, alive: () => boolean): Store;
  backup(): unknown;
  restore(backup: unknown): void;
  /** Ms that a commit takes, and whether it fails. */
  trouble: { latencyMs: number; fails: boolean };
  held(): Promise<HeldRow[]>;
  dispose(): void;
};

// ── a model of the store, deciding as the real one ───────────────────────────────────────────────────────────
type HeldLane = { upTo: number; crc: number; rows: { seq: number; text: string; crc: number }[] };
type HeldJournal = { previous?: string; first: number; lanes: Record<Lane, HeldLane> };
type Shelf = Map<string, HeldJournal>;

const copyShelf = (shelf: Shelf): Shelf =>
  new Map(
    [...shelf].map(([key, j]) => [
      key,
      {
        ...j,
        lanes: {
          urgent: { ...j.lanes.urgent, rows: [...j.lanes.urgent.rows] },
          bulk: { ...j.lanes.bulk, rows: [...j.lanes.bulk.rows] },
        },
      },
    ]),
  );

export function makeModelDepotDisk(world: World, random: Random): DepotDisk {
  let shelf: Shelf = new Map();
  const trouble = { latencyMs: 5, fails: false };
  const cursorsOf = ({ lanes: { urgent, bulk } }: HeldJournal): Cursors => ({
    urgent: { upTo: urgent.upTo, crc: urgent.crc },
    bulk: { upTo: bulk.upTo, crc: bulk.crc },
  });

  function append(batch: Parameters<Store['store']>[0][number], receivedAt: number): Stored {
    const { van, journal, lane } = batch;
    const key = `${van} ${journal}`;
    let held = shelf.get(key);
    if (!held) {
      const empty = (): HeldLane => ({ upTo: 0, crc: 0, rows: [] });
      held = { first: receivedAt, lanes: { urgent: empty(), bulk: empty() } };
      shelf.set(key, held);
    }
    const own = held.lanes[lane];
    const verdict = decide(batch, own, (seq) => {
      const row = own.rows[indexAt(own.rows, seq)];
      return row?.seq === seq ? row.crc : undefined;
    });
    if (verdict.decision !== 'stored')
      return { decision: verdict.decision, rows: [], unread: 0, cursors: cursorsOf(held) };
    const rows: StoredRow[] = [];
    for (const { seq, after, text, crc } of verdict.rows) {
      const row = JSON.parse(text) as Row;
      if (row.kind === 'open' && row.previous) held.previous = row.previous.journal;
      own.rows.push({ seq, text, crc });
      rows.push({
        van,
        journal,
        lane,
        seq,
        ...(after === undefined ? {} : { after }),
        text,
        row,
        receivedAt,
      });
    }
    const { seq, crc } = verdict.rows.at(-1)!;
    Object.assign(own, { upTo: seq, crc });
    return { decision: 'stored', rows, unread: 0, cursors: cursorsOf(held) };
  }

  const open = (_clock: Clock, alive: () => boolean): Store => {
    const model: Pick<Store, 'store' | 'cursors' | 'journals' | 'putAside'> = {
      async store(batches, receivedAt) {
        await world.sleep(trouble.latencyMs * (0.5 + random.next()));
        // The process died before its commit: nobody waits for it.
        if (!alive()) return new Promise(() => {});
        if (trouble.fails) throw new Error('disk I/O error');
        return batches.map((batch) => append(batch, receivedAt));
      },
      async cursors(van, journal) {
        const held = shelf.get(`${van} ${journal}`);
        return held ? cursorsOf(held) : { urgent: START, bulk: START };
      },
      async journals(van) {
        return [...shelf].flatMap(([key, j]): JournalRecord[] =>
          key.startsWith(`${van} `)
            ? [
                {
                  journal: key.slice(van.length + 1),
                  ...(j.previous === undefined ? {} : { previous: j.previous }),
                  firstReceivedAt: j.first,
                  cursors: cursorsOf(j),
                },
              ]
            : [],
        );
      },
      async putAside() {},
    };
    return model as Store;
  };
  return {
    open,
    backup: () => copyShelf(shelf),
    restore(backup) {
      shelf = copyShelf(backup as Shelf);
    },
    trouble,
    async held() {
      return [...shelf].flatMap(([key, { lanes }]) => {
        const [van, journal] = key.split(' ') as [string, string];
        return (['bulk', 'urgent'] as const).flatMap((lane) =>
          lanes[lane].rows.map(({ seq, text }) => ({ van, journal, lane, seq, text })),
        );
      });
    },
    dispose() {},
  };
}

// ── the real one ─────────────────────────────────────────────────────────────────────────────────────────────
export function makeSqliteDepotDisk(world: World): DepotDisk {
  const folder = mkdtempSync(join(MEMORY_FOLDER, 'tournee-card-'));
  let path = join(folder, '0.db');
  let n = 0;
  let store: SqliteStore | undefined;
  const trouble = { latencyMs: 5, fails: false };
  const end = () => {
    store?.stop();
    store = undefined;
  };
  return {
    trouble,
    open(clock, alive) {
      end();
      const opened = openSqliteStore(path, { log: silentLog, clock });
      store = opened;
      return {
        ...opened,
        async store(batches, receivedAt) {
          await world.sleep(trouble.latencyMs);
          if (!alive()) return new Promise(() => {});
          if (trouble.fails) throw new Error('disk I/O error');
          return opened.store(batches, receivedAt);
        },
      };
    },
    backup: () => store?.db.serialize(),
    restore(backup) {
      end();
      path = join(folder, `${++n}.db`);
      writeFileSync(path, backup as Buffer);
    },
    async held() {
      const rows: HeldRow[] = [];
      for await (const line of store!.exportLines()) rows.push(line);
      return rows;
    },
    dispose() {
      end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

// ── the process ──────────────────────────────────────────────────────────────────────────────────────────────
export type DepotHooks = {
  /** Rows are committed, and nobody has been told yet. */
  committed(results: readonly Stored[]): void;
  /** A receipt leaves. */
  receipted(van: string, payload: unknown): void;
  fed(event: FeedEvent): void;
};

/** One life of the depot's process on its disk. */
export function startDepotProcess(
  disk: DepotDisk,
  world: World,
  link: VanLink,
  clock: Clock,
  vans: readonly string[],
  hooks: DepotHooks,
) {
  let alive = true;
  const store = disk.open(clock, () => alive);
  const watched: Store = {
    ...store,
    async store(batches, receivedAt) {
      const results = await store.store(batches, receivedAt);
      hooks.committed(results);
      // A kill may fall between the commit and the receipt.
      await world.sleep(1);
      return alive ? results : new Promise(() => {});
    },
  };
  const watchedLink: VanLink = {
    ...link,
    publish(van, leaf, payload, retained) {
      if (!alive) return;
      if (leaf === 'receipt') hooks.receipted(van, payload);
      link.publish(van, leaf, payload, retained);
    },
  };
  const ingest = startIngest({
    link: watchedLink,
    store: watched,
    feed: { publish: (event) => alive && hooks.fed(event), subscribe: () => () => {} },
    vans: () => vans,
    log: silentLog,
    clock,
  });
  return {
    ingest,
    kill() {
      alive = false;
    },
  };
}
