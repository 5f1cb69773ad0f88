import type { Database } from 'better-sqlite3';
import type * as z from 'zod';
import { canonicalText, gapAt, runCrc } from '../../protocol/canonical.ts';
import type { Lane, LanePosition, Row } from '../../protocol/rows.ts';
import type { JournalRow, NewRow, Settled } from './journal.ts';
import { LANE_NUMBER } from './journalFile.ts';
import { nameGone } from './journalRoom.ts';
import type { JournalHead, JournalLane } from './journalRows.ts';

/** What happens at the two ends of a lane: rows appended, rows offered to the depot, its receipt settled. */

/** Inserts rows behind what `lanes` says, and moves it on. */
export function appendRows(
  db: Database,
  head: JournalHead,
  lanes: Record<Lane, JournalLane>,
  rows: readonly NewRow[],
): JournalRow[] {
  const insert = db.prepare(
    'INSERT INTO rows (n, lane, seq, after, kind, text, crc) VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  return rows.map(({ lane, row }) => {
    const place = lanes[lane];
    const text = canonicalText(row);
    const seq = place.last + 1;
    const crc = runCrc(place.lastCrc, lane, seq, text);
    const after = lane === 'urgent' ? lanes.bulk.last : undefined;
    insert.run(head.n, LANE_NUMBER[lane], seq, after ?? null, row.kind, text, crc);
    Object.assign(place, { last: seq, lastCrc: crc });
    return { journal: head.journal, lane, seq, ...(after === undefined ? {} : { after }), row, text, crc };
  });
}

export function outboxRows(db: Database, head: JournalHead, lane: Lane, from: number, limit: number) {
  const stored = db
    .prepare(
      'SELECT seq, after, text, crc FROM rows WHERE n = ? AND lane = ? AND seq >= ? ORDER BY seq LIMIT ?',
    )
    .all(head.n, LANE_NUMBER[lane], from, limit) as {
    seq: number;
    after: number | null;
    text: string;
    crc: number;
  }[];
  const rows: JournalRow[] = [];
  for (const { seq, after, text, crc } of stored) {
    if (rows.length > 0 && gapAt(lane, seq, text)) break;
    rows.push({
      journal: head.journal,
      lane,
      seq,
      ...(after === null ? {} : { after }),
      // Parsed when asked for: a drain reads texts alone.
      get row() {
        return JSON.parse(text) as Row;
      },
      text,
      crc,
    });
  }
  const first = rows[0];
  if (!first) return { prevCrc: 0, rows };
  const before = gapAt(lane, first.seq, first.text)?.from ?? first.seq;
  return { prevCrc: crcAt(db, head, lane, before - 1) ?? 0, rows };
}

/** Running CRC of a lane at a seq that is still known. */
function crcAt(db: Database, head: JournalHead, lane: Lane, seq: number): number | undefined {
  const { gone, goneCrc, received, receivedCrc } = head.lanes[lane];
  if (seq === 0) return 0;
  if (seq === gone) return goneCrc;
  if (seq === received) return receivedCrc;
  return db
    .prepare('SELECT crc FROM rows WHERE n = ? AND lane = ? AND seq = ?')
    .pluck()
    .get(head.n, LANE_NUMBER[lane], seq) as number | undefined;
}

export function settleLane(
  db: Database,
  head: JournalHead,
  lane: Lane,
  { upTo, crc }: z.infer<typeof LanePosition>,
  mayRewind: boolean,
  at: string | null,
): Settled {
  const place = head.lanes[lane];
  // Beyond what we have: our file was rolled back, and the depot holds rows that we lost.
  const target = Math.min(upTo, place.last);
  if (target === upTo) {
    const ours = crcAt(db, head, lane, upTo);
    if (ours !== undefined && ours !== crc) return 'fork';
  }
  if (target === place.received) return 'same';
  if (target > place.received) {
    place.receivedCrc = crcAt(db, head, lane, target) ?? crc;
    place.received = target;
    return 'advanced';
  }
  if (!mayRewind) return 'behind';
  if (upTo < place.gone)
    db.transaction(() => {
      nameGone(db, head, lane, upTo, at);
      db.prepare(`UPDATE journals SET ${lane}_gone = ?, ${lane}_gone_crc = ? WHERE n = ?`).run(
        upTo,
        crc,
        head.n,
      );
      Object.assign(place, { gone: upTo, goneCrc: crc });
    }).immediate();
  Object.assign(place, { received: upTo, receivedCrc: crc });
  return 'rewound';
}
