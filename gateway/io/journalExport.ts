import { existsSync } from 'node:fs';
import type { Lane } from '../../protocol/rows.ts';
import type { JournalRow } from './journal.ts';
import { openForReading } from './journalFile.ts';
import { type JournalHead, laneRows, mergedRows, readHeads, vanOf } from './journalRows.ts';

/** Reading a journal beside the daemon that writes it: a read-only connection that never checkpoints. */
export type JournalReader = {
  readonly van: string;
  /** Journals in the order of their chain, then lane and seq; what went by retention is named by a gap line. */
  lines(): Iterable<ExportLine>;
  /** As the folds see it: lanes merged by `after`. */
  merged(): Iterable<JournalRow>;
  close(): void;
};
export type ExportLine = {
  readonly van: string;
  readonly journal: string;
  readonly lane: Lane;
  readonly seq: number;
  readonly text: string;
};

const LANE_ORDER: readonly Lane[] = ['bulk', 'urgent'];

/** Undefined when there is no journal at `path`. */
export function openJournalForExport(path: string): JournalReader | undefined {
  if (!existsSync(path)) return undefined;
  let db: ReturnType<typeof openForReading> | undefined;
  let van: string;
  try {
    db = openForReading(path);
    van = vanOf(db);
  } catch {
    db?.close();
    return undefined;
  }
  return readerOf(db, van);
}

function readerOf(db: ReturnType<typeof openForReading>, van: string): JournalReader {
  function* lines(): Generator<ExportLine> {
    for (const head of readHeads(db))
      for (const lane of LANE_ORDER) {
        yield* goneLine(van, head, lane);
        for (const { journal, seq, text } of laneRows(db, head, lane))
          yield { van, journal, lane, seq, text };
      }
  }
  return { van, lines, merged: () => mergedRows(db), close: () => db.close() };
}

/** Rows that went from the front after their receipt. */
function* goneLine(van: string, { journal, lanes }: JournalHead, lane: Lane): Generator<ExportLine> {
  const { gone } = lanes[lane];
  if (gone === 0) return;
  const row = { kind: 'gap', at: null, lane, journal, from: 1, to: gone, reason: 'retention' };
  yield { van, journal, lane, seq: gone, text: JSON.stringify(row) };
}
