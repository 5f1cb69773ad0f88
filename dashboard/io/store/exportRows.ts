import { existsSync } from 'node:fs';
import type { Database } from 'better-sqlite3';
import { chainOrder } from '../../../protocol/canonical.ts';
import type { Lane } from '../../../protocol/rows.ts';
import { openReadOnly } from '../../../runtime/readOnlySqlite.ts';
import { LANE_NUMBER } from './append.ts';
import type { ExportLine } from './store.ts';

const CHUNK = 1000;
const LANE_ORDER: readonly Lane[] = ['bulk', 'urgent'];

type Journal = { n: number; van: string; journal: string; previous: string | undefined };
type Columns = { seq: number; text: string | null };

/**
 * Lines of `export`: journals in the order of their chain, then lane and seq. Rows whose body is past its retention are
 * named by one gap line a run, so that no seq is missing without a word.
 */
export async function* exportLines(db: Database, only?: string): AsyncGenerator<ExportLine> {
  const journals = db
    .prepare('SELECT n, van, journal, previous FROM journals JOIN vans USING (v) ORDER BY van, n')
    .all() as (Omit<Journal, 'previous'> & { previous: string | null })[];
  for (const van of new Set(journals.map((j) => j.van))) {
    if (only !== undefined && van !== only) continue;
    const own = journals
      .filter((j) => j.van === van)
      .map((j) => ({ ...j, previous: j.previous ?? undefined }));
    for (const journal of chainOrder(own)) for (const lane of LANE_ORDER) yield* laneLines(db, journal, lane);
  }
}

function* laneLines(db: Database, { n, van, journal }: Journal, lane: Lane): Generator<ExportLine> {
  const chunk = db.prepare(
    `SELECT seq, text FROM rows WHERE n = ? AND lane = ? AND seq > ? ORDER BY seq LIMIT ${CHUNK}`,
  );
  let emptyFrom: number | undefined;
  let last = 0;
  const emptied = (to: number): ExportLine => ({
    van,
    journal,
    lane,
    seq: to,
    text: JSON.stringify({ kind: 'gap', at: null, lane, journal, from: emptyFrom, to, reason: 'retention' }),
  });
  for (;;) {
    const rows = chunk.all(n, LANE_NUMBER[lane], last) as Columns[];
    for (const { seq, text } of rows) {
      if (text === null) emptyFrom ??= seq;
      else {
        if (emptyFrom !== undefined) yield emptied(last);
        emptyFrom = undefined;
        yield { van, journal, lane, seq, text };
      }
      last = seq;
    }
    if (rows.length < CHUNK) break;
  }
  if (emptyFrom !== undefined) yield emptied(last);
}

/** The store's lines beside the running depot: read-only, never a checkpoint. Undefined when there is no store. */
export function openStoreForExport(
  path: string,
): { lines(van?: string): AsyncIterable<ExportLine>; close(): void } | undefined {
  if (!existsSync(path)) return undefined;
  const db = openReadOnly(path);
  return { lines: (van) => exportLines(db, van), close: () => db.close() };
}
