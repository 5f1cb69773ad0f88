import type { Database } from 'better-sqlite3';
import { LANES, type Lane, type RowOf } from '../../protocol/rows.ts';
import { msOf } from '../../protocol/time.ts';
import { LANE_NUMBER } from './journalFile.ts';
import { type JournalHead, laneRows } from './journalRows.ts';

/**
 * Making room (DESIGN §5): received rows go first, the oldest first; then the oldest bulk rows, with a gap row in their
 * place; urgent rows without receipt never. Each call is one short transaction of the caller's.
 */

/** Rows dropped in one transaction: the loop must turn. */
export const DROP_ROWS = 500;

export type GapReason = RowOf<'gap'>['reason'];

/** Keeps the newest row of each rare kind that goes: the cached agenda must outlive its retention. */
function rememberLast(db: Database, head: JournalHead, lane: Lane, upTo: number): void {
  db.prepare(
    `INSERT OR REPLACE INTO about (key, value)
     SELECT 'last ' || kind, json_object('journal', ?, 'lane', ?, 'seq', max(seq), 'after', after, 'text', text, 'crc', crc)
     FROM rows WHERE n = ? AND lane = ? AND seq <= ?
     AND kind IN ('agenda', 'settings', 'snapshot', 'anchor', 'duty') GROUP BY kind`,
  ).run(head.journal, lane, head.n, LANE_NUMBER[lane], upTo);
}

function dropUpTo(db: Database, head: JournalHead, lane: Lane, upTo: number): void {
  const crc = db
    .prepare('SELECT crc FROM rows WHERE n = ? AND lane = ? AND seq = ?')
    .pluck()
    .get(head.n, LANE_NUMBER[lane], upTo) as number;
  rememberLast(db, head, lane, upTo);
  db.prepare('DELETE FROM rows WHERE n = ? AND lane = ? AND seq <= ?').run(head.n, LANE_NUMBER[lane], upTo);
  db.prepare(`UPDATE journals SET ${lane}_gone = ?, ${lane}_gone_crc = ? WHERE n = ?`).run(upTo, crc, head.n);
  Object.assign(head.lanes[lane], { gone: upTo, goneCrc: crc });
}

/** Seq of the last of the first `limit` rows that are received and, when asked, older than `beforeMs`. */
function receivedFront(db: Database, head: JournalHead, lane: Lane, limit: number, beforeMs?: number) {
  let upTo: number | undefined;
  let seen = 0;
  for (const { seq, row } of laneRows(db, head, lane)) {
    if (seq > head.lanes[lane].received || seen++ >= limit) break;
    const at = 'at' in row && typeof row.at === 'string' ? msOf(row.at) : undefined;
    if (beforeMs !== undefined && at !== undefined && at >= beforeMs) break;
    // A row without a time is as old as the first dated one behind it.
    if (beforeMs === undefined || at !== undefined) upTo = seq;
  }
  return upTo;
}

/** Drops some of the oldest received rows; with `beforeMs`, only those older. False when there is none. */
export function dropReceived(db: Database, heads: readonly JournalHead[], beforeMs?: number): boolean {
  for (const head of heads)
    for (const lane of LANES) {
      const upTo = receivedFront(db, head, lane, DROP_ROWS, beforeMs);
      if (upTo === undefined) continue;
      dropUpTo(db, head, lane, upTo);
      return true;
    }
  return false;
}

/** Writes a gap row in the place of what went from a lane; `crc` is the lane's at `to`. */
export function putGap(
  db: Database,
  head: JournalHead,
  lane: Lane,
  gap: { from: number; to: number; crc: number; reason: GapReason; at: string | null; bytes?: string },
): void {
  const { from, to, crc, reason, at, bytes } = gap;
  const row: RowOf<'gap'> = {
    kind: 'gap',
    at,
    lane,
    journal: head.journal,
    from,
    to,
    reason,
    crc,
    ...(bytes === undefined ? {} : { bytes }),
  };
  const key = [head.n, LANE_NUMBER[lane]] as const;
  const bulkBefore = db.prepare('SELECT max(after) FROM rows WHERE n = ? AND lane = 0 AND seq <= ?').pluck();
  const after = lane === 'urgent' ? ((bulkBefore.get(head.n, to) as number | null) ?? 0) : null;
  db.prepare('DELETE FROM rows WHERE n = ? AND lane = ? AND seq BETWEEN ? AND ?').run(...key, from, to);
  db.prepare('INSERT INTO rows (n, lane, seq, after, kind, text, crc) VALUES (?, ?, ?, ?, ?, ?, ?)').run(
    ...key,
    to,
    after,
    'gap',
    JSON.stringify(row),
    crc,
  );
}

/**
 * Replaces the oldest bulk rows without receipt by one gap row, which takes up the gap row that a call before left.
 * False when there is nothing left to give.
 */
export function dropBulk(
  db: Database,
  heads: readonly JournalHead[],
  reason: GapReason,
  at: string | null,
): boolean {
  for (const head of heads) {
    const { received, last } = head.lanes.bulk;
    if (received >= last) continue;
    const to = db
      .prepare('SELECT seq, crc FROM rows WHERE n = ? AND lane = 1 AND seq > ? ORDER BY seq LIMIT 1 OFFSET ?')
      .get(head.n, received, DROP_ROWS) as { seq: number; crc: number } | undefined;
    const end = to ?? { seq: last, crc: head.lanes.bulk.lastCrc };
    const rows = db
      .prepare('SELECT count(*) FROM rows WHERE n = ? AND lane = 1 AND seq BETWEEN ? AND ?')
      .pluck()
      .get(head.n, received + 1, end.seq) as number;
    // One row left there is the gap row of before: nothing to win.
    if (rows <= 1) continue;
    putGap(db, head, 'bulk', { from: received + 1, to: end.seq, crc: end.crc, reason, at });
    return true;
  }
  return false;
}

/** Names by a gap row what went from the front of a lane, when the depot turns out not to have it. */
export function nameGone(db: Database, head: JournalHead, lane: Lane, upTo: number, at: string | null): void {
  const { gone, goneCrc } = head.lanes[lane];
  if (upTo >= gone) return;
  putGap(db, head, lane, { from: upTo + 1, to: gone, crc: goneCrc, reason: 'retention', at });
}

/** The file grows no more: what is left of a full disk belongs to the WAL. */
export const capPages = (db: Database): void =>
  void db.pragma(`max_page_count = ${db.pragma('page_count', { simple: true })}`);
export const uncapPages = (db: Database): void => void db.pragma('max_page_count = 4294967294');

/** On a full disk: caps the file and drops some rows of it. False when there is nothing left to give. */
export function makeRoom(db: Database, heads: readonly JournalHead[], at: string | null): boolean {
  try {
    db.pragma('wal_checkpoint(TRUNCATE)');
    capPages(db);
    const made = db
      .transaction(() => dropReceived(db, heads) || dropBulk(db, heads, 'disk_full', at))
      .immediate();
    if (!made) uncapPages(db);
    return made;
  } catch (error) {
    if ((error as { code?: string }).code === 'SQLITE_FULL') return false;
    throw error;
  }
}
