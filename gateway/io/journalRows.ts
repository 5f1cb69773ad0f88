import type { Database } from 'better-sqlite3';
import { chainOrder } from '../../protocol/canonical.ts';
import type { Lane, Row } from '../../protocol/rows.ts';
import { msOf } from '../../protocol/time.ts';
import type { JournalRow } from './journal.ts';
import { FREQUENT_KINDS, LANE_NUMBER } from './journalFile.ts';

/** Reading a journal file, over any connection: the daemon's own or a read-only one. */

/** Rows fetched at once: a statement never stays open between two, so the daemon may write meanwhile. */
const CHUNK = 500;

export type JournalLane = {
  received: number;
  receivedCrc: number;
  gone: number;
  goneCrc: number;
  last: number;
  lastCrc: number;
};
export type JournalHead = {
  readonly n: number;
  readonly journal: string;
  readonly boot: string;
  readonly previous?: string;
  readonly clean: boolean;
  readonly lanes: Record<Lane, JournalLane>;
};

type StoredRow = { seq: number; after: number | null; text: string; crc: number };

function laneOf(db: Database, record: Record<string, number>, lane: Lane): JournalLane {
  const last = db
    .prepare('SELECT seq, crc FROM rows WHERE n = ? AND lane = ? ORDER BY seq DESC LIMIT 1')
    .get(record.n, LANE_NUMBER[lane]) as { seq: number; crc: number } | undefined;
  const gone = record[`${lane}_gone`]!;
  const goneCrc = record[`${lane}_gone_crc`]!;
  return {
    received: record[`${lane}_received`]!,
    receivedCrc: record[`${lane}_received_crc`]!,
    gone,
    goneCrc,
    last: last?.seq ?? gone,
    lastCrc: last?.crc ?? goneCrc,
  };
}

/** The journals of a file in the order of their chain. */
export function readHeads(db: Database): JournalHead[] {
  const records = db.prepare('SELECT * FROM journals ORDER BY n').all() as Record<
    string,
    string | number | null
  >[];
  const heads = records.map((record) => ({
    n: record.n as number,
    journal: record.journal as string,
    boot: record.boot as string,
    ...(record.previous === null ? {} : { previous: record.previous as string }),
    clean: record.clean === 1,
    lanes: {
      urgent: laneOf(db, record as Record<string, number>, 'urgent'),
      bulk: laneOf(db, record as Record<string, number>, 'bulk'),
    },
  }));
  return chainOrder(heads);
}

export const vanOf = (db: Database): string =>
  db.prepare("SELECT value FROM about WHERE key = 'van'").pluck().get() as string;

const toRow = (head: JournalHead, lane: Lane, { seq, after, text, crc }: StoredRow): JournalRow => ({
  journal: head.journal,
  lane,
  seq,
  ...(after === null ? {} : { after }),
  row: JSON.parse(text) as Row,
  text,
  crc,
});

/** Rows of one lane from `fromSeq` on, in order, a chunk at a time. */
export function* laneRows(db: Database, head: JournalHead, lane: Lane, fromSeq = 1): Generator<JournalRow> {
  const chunk = db.prepare(
    `SELECT seq, after, text, crc FROM rows WHERE n = ? AND lane = ? AND seq >= ? ORDER BY seq LIMIT ${CHUNK}`,
  );
  for (let from = fromSeq; ; ) {
    const rows = chunk.all(head.n, LANE_NUMBER[lane], from) as StoredRow[];
    for (const row of rows) yield toRow(head, lane, row);
    if (rows.length < CHUNK) return;
    from = rows.at(-1)!.seq + 1;
  }
}

/** Both lanes of one journal: an urgent row comes just after the bulk row that it follows. */
function* mergedLanes(db: Database, head: JournalHead, from: { urgent: number; bulk: number }) {
  const urgent = laneRows(db, head, 'urgent', from.urgent);
  let next = urgent.next();
  for (const row of laneRows(db, head, 'bulk', from.bulk)) {
    for (; !next.done && next.value.after! < row.seq; next = urgent.next()) yield next.value;
    yield row;
  }
  for (; !next.done; next = urgent.next()) yield next.value;
}

export type Place = { readonly journal: string; readonly lane: Lane; readonly seq: number };

/** Where both lanes go on after `place`. */
function following(db: Database, head: JournalHead, { lane, seq }: Place): { urgent: number; bulk: number } {
  if (lane === 'urgent') {
    const after = db
      .prepare('SELECT after FROM rows WHERE n = ? AND lane = 0 AND seq = ?')
      .pluck()
      .get(head.n, seq);
    return { urgent: seq + 1, bulk: ((after as number | undefined) ?? 0) + 1 };
  }
  const first = db
    .prepare('SELECT seq FROM rows WHERE n = ? AND lane = 0 AND after >= ? ORDER BY seq LIMIT 1')
    .pluck()
    .get(head.n, seq) as number | undefined;
  return { urgent: first ?? Number.MAX_SAFE_INTEGER, bulk: seq + 1 };
}

/** All rows in order of the chain, lanes merged by `after`; from just after `place` when it is given. */
export function* mergedRows(db: Database, place?: Place): Generator<JournalRow> {
  const heads = readHeads(db);
  const start = place ? heads.findIndex((head) => head.journal === place.journal) : 0;
  for (const [i, head] of heads.slice(Math.max(start, 0)).entries())
    yield* mergedLanes(
      db,
      head,
      place && i === 0 && start >= 0 ? following(db, head, place) : { urgent: 1, bulk: 1 },
    );
}

/** Rows of one rare kind that are read at most. */
const RARE_MAX = 2000;

/**
 * Rows of rare kinds, from the newest back to the first that is dated before `sinceMs`: by the index, not by reading
 * the lanes. In order of the chain, lanes merged by `after`.
 */
export function rareRows(db: Database, kinds: readonly string[], sinceMs: number): JournalRow[] {
  const heads = readHeads(db);
  const place = new Map(heads.map((head, i) => [head.journal, i]));
  const newestFirst = db.prepare(
    `SELECT lane, seq, after, text, crc FROM rows WHERE n = ? AND kind = ?
     AND kind NOT IN ('fix', 'power', 'link', 'health', 'lost') ORDER BY lane DESC, seq DESC LIMIT ${RARE_MAX}`,
  );
  const rowsOf = (kind: string): JournalRow[] => {
    const rows: JournalRow[] = [];
    for (const head of [...heads].reverse())
      for (const stored of newestFirst.all(head.n, kind) as (StoredRow & { lane: number })[]) {
        const row = toRow(head, stored.lane === LANE_NUMBER.urgent ? 'urgent' : 'bulk', stored);
        const at = 'at' in row.row && row.row.at !== null ? msOf(row.row.at) : undefined;
        if ((at !== undefined && at < sinceMs) || rows.push(row) >= RARE_MAX) return rows;
      }
    return rows;
  };
  const bulkPlace = (r: JournalRow) => r.after ?? r.seq;
  return kinds
    .flatMap(rowsOf)
    .sort(
      (a, b) =>
        place.get(a.journal)! - place.get(b.journal)! ||
        bulkPlace(a) - bulkPlace(b) ||
        LANE_NUMBER[b.lane] - LANE_NUMBER[a.lane] ||
        a.seq - b.seq,
    );
}

/** The newest row of a kind. */
export function lastOfKind(db: Database, kind: string): JournalRow | undefined {
  const statement = FREQUENT_KINDS.includes(kind)
    ? db.prepare(
        'SELECT lane, seq, after, text, crc FROM rows WHERE n = ? AND kind = ? ORDER BY lane DESC, seq DESC LIMIT 1',
      )
    : db.prepare(
        `SELECT lane, seq, after, text, crc FROM rows WHERE n = ? AND kind = ?
         AND kind NOT IN ('fix', 'power', 'link', 'health', 'lost') ORDER BY lane DESC, seq DESC LIMIT 1`,
      );
  for (const head of readHeads(db).reverse()) {
    const found = statement.get(head.n, kind) as (StoredRow & { lane: number }) | undefined;
    if (found) return toRow(head, found.lane === LANE_NUMBER.urgent ? 'urgent' : 'bulk', found);
  }
  return droppedLast(db, kind);
}

/** The newest row of a rare kind, kept when the row itself went. */
function droppedLast(db: Database, kind: string): JournalRow | undefined {
  const kept = db.prepare('SELECT value FROM about WHERE key = ?').pluck().get(`last ${kind}`);
  if (kept === undefined) return undefined;
  const { after, ...row } = JSON.parse(kept as string) as JournalRow & { after: number | null };
  return { ...row, ...(after === null ? {} : { after }), row: JSON.parse(row.text) as Row };
}
