import Sqlite, { type Database } from 'better-sqlite3';
import { chainOrder } from '../../../protocol/canonical.ts';
import type { Row } from '../../../protocol/rows.ts';
import type { Clock } from '../../../runtime/clock.ts';
import type { Log } from '../../../runtime/log.ts';
import type { StoredRow } from '../../core/feed.ts';
import { START } from '../../core/ingest.ts';
import { cursorsOf, LANE_NUMBER, laneOf, makeAppender } from './append.ts';
import { readBody } from './body.ts';
import { exportLines } from './exportRows.ts';
import { MIGRATIONS, type Migration, migrate } from './schema.ts';
import type { JournalRecord, Retention, RowQuery, Store } from './store.ts';

export type { Migration } from './schema.ts';

export type SqliteStore = Store & {
  /** For tables that other parts add through `migrations`; one connection, synchronous. */
  readonly db: Database;
};

const ASIDE_MAX = 1000;
const QUERY_ROWS = 10_000;
/** Rows swept in one transaction: the loop must turn. */
const SWEEP_ROWS = 2000;
const SWEEP_EVERY_MS = 3_600_000;

/** `path` may be `:memory:`. Runs migrations forward, and reads again what an older version did not understand. */
export function openSqliteStore(
  path: string,
  deps: {
    readonly log: Log;
    readonly clock: Clock;
    readonly retention?: readonly Retention[];
    readonly migrations?: readonly Migration[];
  },
): SqliteStore {
  const db = new Sqlite(path);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.pragma('busy_timeout = 5000');
  db.pragma('journal_size_limit = 67108864');
  migrate(db, [...MIGRATIONS, ...(deps.migrations ?? [])]);
  const retention = deps.retention ?? [];
  const append = makeAppender(db, retention);
  readAgain(db);
  // A restored backup may hold what should be gone: it goes before anything is served.
  for (const { kinds, keepMs } of retention)
    while (emptyRows(db, kinds, deps.clock.nowMs() - keepMs) === SWEEP_ROWS);

  async function sweep(nowMs: number): Promise<number> {
    let swept = 0;
    for (const { kinds, keepMs } of retention)
      for (let changes = SWEEP_ROWS; changes === SWEEP_ROWS; swept += changes) {
        changes = emptyRows(db, kinds, nowMs - keepMs);
        await new Promise((resolve) => setImmediate(resolve));
      }
    if (swept > 0) deps.log.info({ swept }, 'rows past their retention emptied');
    return swept;
  }
  const cancelSweep = deps.clock.every(SWEEP_EVERY_MS, () => void sweep(deps.clock.nowMs()));

  const journalRecords = db.prepare(
    'SELECT j.* FROM journals j JOIN vans USING (v) WHERE van = ? ORDER BY n',
  );
  const record = db.prepare('SELECT j.* FROM journals j JOIN vans USING (v) WHERE van = ? AND journal = ?');
  const document = db.prepare('SELECT text FROM documents WHERE area = ? AND key = ?').pluck();
  const documents = db.prepare('SELECT key, text FROM documents WHERE area = ? ORDER BY key');
  const putDocument = db.prepare('INSERT OR REPLACE INTO documents (area, key, text) VALUES (?, ?, ?)');
  const dropDocument = db.prepare('DELETE FROM documents WHERE area = ? AND key = ?');
  const putAside = db.prepare(
    'INSERT INTO aside (van, topic, reason, received, bytes) VALUES (?, ?, ?, ?, ?)',
  );
  const trimAside = db.prepare(
    'DELETE FROM aside WHERE van = @van AND id <= (SELECT id FROM aside WHERE van = @van ORDER BY id DESC LIMIT 1 OFFSET @most)',
  );

  const journals = (van: string): JournalRecord[] =>
    chainOrder((journalRecords.all(van) as JournalColumns[]).map(toRecord));

  return {
    db,
    store: async (batches, receivedAt) =>
      db.transaction(() => batches.map((batch) => append(batch, receivedAt))).immediate(),
    async cursors(van, journal) {
      const found = record.get(van, journal) as JournalColumns | undefined;
      return found ? cursorsOf(found) : { urgent: START, bulk: START };
    },
    journals: async (van) => journals(van),
    vans: async () => db.prepare('SELECT van FROM vans ORDER BY van').pluck().all() as string[],
    rows: async (query) => selectRows(db, query),
    latest: async (van, kind) => selectRows(db, { van, kinds: [kind], limit: 1, newestFirst: true })[0],
    async rowsOfVan(van, fromMs, toMs) {
      const place = new Map(journals(van).map(({ journal }, i) => [journal, i]));
      const bulkPlace = (r: StoredRow) => r.after ?? r.seq;
      // A journal's lanes merged: an urgent row comes just after the bulk row that it follows.
      return selectRows(db, { van, fromMs, toMs, limit: Number.MAX_SAFE_INTEGER }).sort(
        (a, b) =>
          place.get(a.journal)! - place.get(b.journal)! ||
          bulkPlace(a) - bulkPlace(b) ||
          LANE_NUMBER[a.lane] - LANE_NUMBER[b.lane] ||
          a.seq - b.seq,
      );
    },
    async putAside(van, topic, reason, bytes, receivedAt) {
      db.transaction(() => {
        putAside.run(van, topic, reason, receivedAt, bytes);
        trimAside.run({ van, most: ASIDE_MAX });
      }).immediate();
    },
    sweep,
    erase: async (van, kinds, fromMs, toMs) =>
      db
        .prepare(
          `UPDATE rows SET text = NULL, kind = '', at = NULL WHERE v = (SELECT v FROM vans WHERE van = ?)
           AND kind IN (${kinds.map(() => '?').join(', ')}) AND at >= ? AND at < ? AND text IS NOT NULL`,
        )
        .run(van, ...kinds, fromMs, toMs).changes,
    exportLines: (van) => exportLines(db, van),
    document: async (area, key) => document.get(area, key) as string | undefined,
    documents: async (area) => documents.all(area) as { key: string; text: string }[],
    async putDocument(area, key, text) {
      if (text === undefined) dropDocument.run(area, key);
      else putDocument.run(area, key, text);
    },
    stop() {
      cancelSweep();
      db.close();
    },
  };
}

type JournalColumns = {
  n: number;
  journal: string;
  previous: string | null;
  previous_clean: number | null;
  first_received: number;
  urgent_upto: number;
  urgent_crc: number;
  bulk_upto: number;
  bulk_crc: number;
};

const toRecord = (c: JournalColumns): JournalRecord => ({
  journal: c.journal,
  ...(c.previous === null ? {} : { previous: c.previous }),
  ...(c.previous_clean === null ? {} : { previousClean: c.previous_clean === 1 }),
  firstReceivedAt: c.first_received,
  cursors: cursorsOf(c),
});

type RowColumns = {
  journal: string;
  lane: number;
  seq: number;
  after: number | null;
  received: number;
  text: string;
};

function selectRows(db: Database, query: RowQuery): StoredRow[] {
  const { van, kinds, fromMs, toMs, limit = QUERY_ROWS, newestFirst = false } = query;
  const order = newestFirst ? 'DESC' : 'ASC';
  const rows = db
    .prepare(
      `SELECT journal, lane, seq, after, received, text FROM rows r JOIN journals USING (n)
       WHERE r.v = (SELECT v FROM vans WHERE van = @van) AND unread = 0 AND text IS NOT NULL
       AND at >= @from AND at < @to ${kinds ? `AND kind IN (${kinds.map((_, i) => `@k${i}`).join(', ')})` : ''}
       ORDER BY at ${order}, lane ${order}, seq ${order} LIMIT @limit`,
    )
    .all({
      van,
      from: fromMs ?? Number.MIN_SAFE_INTEGER,
      to: toMs ?? Number.MAX_SAFE_INTEGER,
      limit,
      ...Object.fromEntries((kinds ?? []).map((kind, i) => [`k${i}`, kind])),
    }) as RowColumns[];
  return rows.map(({ journal, lane, seq, after, received, text }) => ({
    van,
    journal,
    lane: laneOf(lane),
    seq,
    ...(after === null ? {} : { after }),
    text,
    row: JSON.parse(text) as Row,
    receivedAt: received,
  }));
}

function emptyRows(db: Database, kinds: readonly string[], beforeMs: number): number {
  return db
    .prepare(
      `UPDATE rows SET text = NULL, kind = '', at = NULL WHERE (n, lane, seq) IN (
         SELECT n, lane, seq FROM rows WHERE v IN (SELECT v FROM vans)
         AND kind IN (${kinds.map(() => '?').join(', ')}) AND at < ? AND text IS NOT NULL LIMIT ${SWEEP_ROWS})`,
    )
    .run(...kinds, beforeMs).changes;
}

/** Rows that the version before did not understand and this one does. */
function readAgain(db: Database): void {
  const unread = db.prepare('SELECT n, lane, seq, text FROM rows WHERE unread = 1').all() as {
    n: number;
    lane: number;
    seq: number;
    text: string | null;
  }[];
  const mark = db.prepare('UPDATE rows SET unread = 0, kind = ? WHERE n = ? AND lane = ? AND seq = ?');
  db.transaction(() => {
    for (const { n, lane, seq, text } of unread) {
      const { row, kind } = text === null ? { row: undefined, kind: '' } : readBody(laneOf(lane), text);
      if (row) mark.run(kind, n, lane, seq);
    }
  }).immediate();
}
