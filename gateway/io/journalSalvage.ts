import { existsSync, renameSync, rmSync } from 'node:fs';
import type { Database } from 'better-sqlite3';
import { runCrc } from '../../protocol/canonical.ts';
import { LANES, type Lane } from '../../protocol/rows.ts';
import { LANE_NUMBER, openForReading, openForWriting } from './journalFile.ts';
import { putGap } from './journalRoom.ts';
import { type JournalHead, laneRows, readHeads } from './journalRows.ts';

/** A corrupt journal: the file goes aside, what its CRCs vouch for is taken over, the rest is named (hazards.md §2.5). */

export class CrcMismatch extends Error {}

/** Damage, or another program's file: SQLITE_ERROR is a table that is not ours. */
export const isCorrupt = (error: unknown): boolean =>
  error instanceof CrcMismatch ||
  /^SQLITE_(CORRUPT|NOTADB|ERROR)/.test((error as { code?: string }).code ?? '');

/** Checks the rows that the depot has not received; throws CrcMismatch at the first that its CRC does not vouch for. */
export function verifyUnreceived(db: Database, heads: readonly JournalHead[]): void {
  for (const head of heads)
    for (const lane of LANES) {
      const { received, receivedCrc } = head.lanes[lane];
      let crc = receivedCrc;
      let expected = received + 1;
      for (const row of laneRows(db, head, lane, received + 1)) {
        crc = runCrc(crc, lane, row.seq, row.text);
        const follows = row.seq === expected || row.row.kind === 'gap';
        if (crc !== row.crc || !follows) throw new CrcMismatch(`${head.journal} ${lane} ${row.seq}`);
        expected = row.seq + 1;
      }
    }
}

/**
 * Moves the three files aside, together, under the first free name. The WAL goes first: were it left behind, SQLite
 * would play it into the new file.
 */
export function moveAside(path: string): string {
  let n = 1;
  while (['', '-wal', '-shm'].some((suffix) => existsSync(`${path}.corrupt-${n}${suffix}`))) n++;
  const aside = `${path}.corrupt-${n}`;
  for (const suffix of ['-wal', '-shm', ''])
    if (existsSync(path + suffix)) renameSync(path + suffix, aside + suffix);
  return aside;
}

type Raw = { seq: number; after: number | null; kind: string; text: string; crc: number };

/** All rows of a lane that can still be read: from the front to the damage, then from the end back to it. */
function readableRows(db: Database, n: number, lane: Lane): Raw[] {
  const read = (order: 'ASC' | 'DESC', beyond: number, least: number) => {
    const rows: Raw[] = [];
    const statement = db.prepare(
      `SELECT seq, after, kind, text, crc FROM rows WHERE n = ? AND lane = ? AND seq ${order === 'ASC' ? '>' : '<'} ?
       AND seq > ? ORDER BY seq ${order} LIMIT 1`,
    );
    try {
      for (let at = beyond; ; at = rows.at(-1)!.seq) {
        const row = statement.get(n, LANE_NUMBER[lane], at, least) as Raw | undefined;
        if (!row) return { rows, whole: true };
        rows.push(row);
      }
    } catch {
      return { rows, whole: false };
    }
  };
  const front = read('ASC', 0, 0);
  if (front.whole) return front.rows;
  const back = read('DESC', Number.MAX_SAFE_INTEGER, front.rows.at(-1)?.seq ?? 0);
  return [...front.rows, ...back.rows.reverse()];
}

/**
 * Rows that their predecessor's CRC vouches for, with the gaps between them. A row behind a hole cannot be vouched for
 * itself, but its CRC can by the one after it.
 */
export function vouched(
  lane: Lane,
  rows: readonly Raw[],
  start: { seq: number; crc: number },
): { good: Raw[]; gaps: { from: number; to: number; crc: number }[] } {
  const good: Raw[] = [];
  const gaps: { from: number; to: number; crc: number }[] = [];
  let { seq, crc } = start;
  rows.forEach((row, i) => {
    const joins = row.seq === seq + 1 || row.kind === 'gap';
    if (joins && runCrc(crc, lane, row.seq, row.text) === row.crc) good.push(row);
    else {
      const next = rows[i + 1];
      if (!next || next.seq !== row.seq + 1 || runCrc(row.crc, lane, next.seq, next.text) !== next.crc)
        return;
      gaps.push({ from: seq + 1, to: row.seq, crc: row.crc });
    }
    seq = row.seq;
    crc = row.crc;
  });
  return { good, gaps };
}

/** Takes over into `db`, which is new, what can be read of the file `aside`. Gives the number of rows; 0 if none. */
function takeOver(db: Database, aside: string): number {
  const source = openForReading(aside);
  try {
    const heads = readHeads(source);
    let taken = 0;
    const insert = db.prepare(
      'INSERT INTO rows (n, lane, seq, after, kind, text, crc) VALUES (?, ?, ?, ?, ?, ?, ?)',
    );
    for (const about of source.prepare('SELECT key, value FROM about').all() as {
      key: string;
      value: string;
    }[])
      db.prepare('INSERT OR REPLACE INTO about (key, value) VALUES (?, ?)').run(about.key, about.value);
    for (const head of heads) {
      copyRecord(source, db, head);
      for (const lane of LANES) {
        const { gone, goneCrc } = head.lanes[lane];
        const { good, gaps } = vouched(lane, readableRows(source, head.n, lane), { seq: gone, crc: goneCrc });
        db.transaction(() => {
          for (const row of good)
            insert.run(head.n, LANE_NUMBER[lane], row.seq, row.after, row.kind, row.text, row.crc);
          for (const gap of gaps) putGap(db, head, lane, { ...gap, reason: 'corrupt', at: null });
        }).immediate();
        taken += good.length;
      }
    }
    return taken;
  } finally {
    source.close();
  }
}

function copyRecord(source: Database, db: Database, head: JournalHead): void {
  const record = source.prepare('SELECT * FROM journals WHERE n = ?').get(head.n) as Record<string, unknown>;
  const names = Object.keys(record);
  db.prepare(
    `INSERT INTO journals (${names.join(', ')}) VALUES (${names.map((name) => `@${name}`).join(', ')})`,
  ).run(record);
}

/**
 * A new file at `path` with what the corrupt one still gave. It is made whole beside it first: a cut in the middle
 * leaves the corrupt one in its place, to be salvaged again.
 */
export function salvage(path: string): { db: Database; aside: string; taken: number } {
  const fresh = `${path}.salvaging`;
  for (const suffix of ['', '-wal', '-shm']) rmSync(fresh + suffix, { force: true });
  const db = openForWriting(fresh);
  let taken = 0;
  try {
    taken = takeOver(db, path);
  } catch {
    // Nothing more can be read of it; what was taken over stands.
  }
  db.close();
  renameSync(fresh, `${path}.salvaged`);
  return { aside: finishSalvage(path)!, db: openForWriting(path), taken };
}

/** Puts a file that was salvaged whole in its place; at boot, too, when a cut came in between. Gives where the old one is. */
export function finishSalvage(path: string): string | undefined {
  if (!existsSync(`${path}.salvaged`)) return undefined;
  const aside = moveAside(path);
  renameSync(`${path}.salvaged`, path);
  return aside;
}
