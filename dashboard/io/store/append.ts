import type { Database } from 'better-sqlite3';
import type { Lane } from '../../../protocol/rows.ts';
import type { StoredRow } from '../../core/feed.ts';
import { type Batch, type Cursors, decide } from '../../core/ingest.ts';
import { offsetOf, readBody } from './body.ts';
import type { Retention, Stored } from './store.ts';

export const LANE_NUMBER = { bulk: 0, urgent: 1 } as const;

export type JournalKey = { readonly v: number; readonly n: number; readonly cursors: Cursors };
type CursorColumns = {
  n: number;
  urgent_upto: number;
  urgent_crc: number;
  bulk_upto: number;
  bulk_crc: number;
};

export const cursorsOf = (c: Omit<CursorColumns, 'n'>): Cursors => ({
  urgent: { upTo: c.urgent_upto, crc: c.urgent_crc },
  bulk: { upTo: c.bulk_upto, crc: c.bulk_crc },
});

/** Storing of one batch, inside the caller's transaction; statements are prepared once. */
export function makeAppender(db: Database, retention: readonly Retention[]) {
  const keepMs = new Map(
    retention.flatMap(({ kinds, keepMs }) => kinds.map((kind) => [kind, keepMs] as const)),
  );
  const addVan = db.prepare('INSERT OR IGNORE INTO vans (van) VALUES (?)');
  const vanNumber = db.prepare('SELECT v FROM vans WHERE van = ?').pluck();
  const addJournal = db.prepare('INSERT INTO journals (v, journal, first_received) VALUES (?, ?, ?)');
  const journalRecord = db.prepare('SELECT * FROM journals WHERE v = ? AND journal = ?');
  const crcOf = db.prepare('SELECT crc FROM rows WHERE n = ? AND lane = ? AND seq = ?').pluck();
  const addRow = db.prepare(
    'INSERT INTO rows (n, lane, seq, after, v, kind, at, received, crc, unread, text) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
  );
  const moveCursor = {
    urgent: db.prepare('UPDATE journals SET urgent_upto = ?, urgent_crc = ? WHERE n = ?'),
    bulk: db.prepare('UPDATE journals SET bulk_upto = ?, bulk_crc = ? WHERE n = ?'),
  };
  const namePrevious = db.prepare('UPDATE journals SET previous = ?, previous_clean = ? WHERE n = ?');
  const addUndated = db.prepare(
    'INSERT INTO undated (v, boot, n, lane, seq, mono) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const anchorOf = db.prepare('SELECT offset FROM anchors WHERE v = ? AND boot = ?').pluck();
  const addAnchor = db.prepare('INSERT OR REPLACE INTO anchors (v, boot, offset) VALUES (?, ?, ?)');
  const undatedOf = db.prepare('SELECT n, lane, seq, mono FROM undated WHERE v = ? AND boot = ?');
  const dateRow = db.prepare('UPDATE rows SET at = ? WHERE n = ? AND lane = ? AND seq = ?');
  const forgetUndated = db.prepare('DELETE FROM undated WHERE v = ? AND boot = ?');

  function journalOf(van: string, journal: string, receivedAt: number): JournalKey {
    addVan.run(van);
    const v = vanNumber.get(van) as number;
    let record = journalRecord.get(v, journal) as CursorColumns | undefined;
    if (!record) {
      addJournal.run(v, journal, receivedAt);
      record = journalRecord.get(v, journal) as CursorColumns;
    }
    return { v, n: record.n, cursors: cursorsOf(record) };
  }

  /** An anchor dates the rows of its boot that came before it. */
  function dateBoot(v: number, boot: string, offset: number): void {
    addAnchor.run(v, boot, offset);
    type Undated = { n: number; lane: number; seq: number; mono: number };
    for (const { n, lane, seq, mono } of undatedOf.all(v, boot) as Undated[])
      dateRow.run(mono + offset, n, lane, seq);
    forgetUndated.run(v, boot);
  }

  function addBody(
    key: JournalKey,
    batch: Batch,
    row: Batch['rows'][number] & { crc: number },
    receivedAt: number,
  ) {
    const lane = LANE_NUMBER[batch.lane];
    const body = readBody(batch.lane, row.text);
    const offset = body.undated && (anchorOf.get(key.v, body.undated.boot) as number | undefined);
    const atMs = body.atMs ?? (offset === undefined ? undefined : body.undated!.monoMs + offset);
    const keep = keepMs.get(body.kind);
    const expired = keep !== undefined && atMs !== undefined && atMs < receivedAt - keep;
    addRow.run(
      key.n,
      lane,
      row.seq,
      row.after ?? null,
      key.v,
      body.kind,
      atMs ?? null,
      receivedAt,
      row.crc,
      body.row ? 0 : 1,
      expired ? null : row.text,
    );
    if (body.undated && offset === undefined)
      addUndated.run(key.v, body.undated.boot, key.n, lane, row.seq, body.undated.monoMs);
    if (body.row?.kind === 'anchor') dateBoot(key.v, body.row.boot, offsetOf(body.row));
    if (body.row?.kind === 'open' && body.row.previous)
      namePrevious.run(body.row.previous.journal, body.row.previous.clean ? 1 : 0, key.n);
    return expired ? undefined : body.row;
  }

  return function append(batch: Batch, receivedAt: number): Stored {
    const key = journalOf(batch.van, batch.journal, receivedAt);
    const { lane } = batch;
    const crcAt = (seq: number) => crcOf.get(key.n, LANE_NUMBER[lane], seq) as number | undefined;
    const verdict = decide(batch, key.cursors[lane], crcAt);
    if (verdict.decision !== 'stored')
      return { decision: verdict.decision, rows: [], unread: 0, cursors: key.cursors };
    const rows: StoredRow[] = [];
    let unread = 0;
    for (const fresh of verdict.rows) {
      const row = addBody(key, batch, fresh, receivedAt);
      const { seq, after, text } = fresh;
      if (!row) unread++;
      else
        rows.push({
          van: batch.van,
          journal: batch.journal,
          lane,
          seq,
          ...(after === undefined ? {} : { after }),
          text,
          row,
          receivedAt,
        });
    }
    const { seq, crc } = verdict.rows.at(-1)!;
    moveCursor[lane].run(seq, crc, key.n);
    return { decision: 'stored', rows, unread, cursors: { ...key.cursors, [lane]: { upTo: seq, crc } } };
  };
}

export const laneOf = (number: number): Lane => (number === LANE_NUMBER.urgent ? 'urgent' : 'bulk');
