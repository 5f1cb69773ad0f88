import type { Lane } from '../../../protocol/rows.ts';
import type { Part } from '../../../runtime/lifecycle.ts';
import type { StoredRow } from '../../core/feed.ts';
import type { Batch, Cursors, Decision } from '../../core/ingest.ts';
import type { RowSource } from '../ports.ts';

export type RowQuery = {
  readonly van: string;
  readonly kinds?: readonly string[];
  /** Epoch ms of the row's own time, `from` included, `to` not. */
  readonly fromMs?: number;
  readonly toMs?: number;
  readonly limit?: number;
  readonly newestFirst?: boolean;
};

export type JournalRecord = {
  readonly journal: string;
  readonly previous?: string;
  /** Whether the one before ended cleanly, as this one's first row says. */
  readonly previousClean?: boolean;
  readonly firstReceivedAt: number;
  readonly cursors: Cursors;
};

/** What `export` prints, in the order in which it prints it. */
export type ExportLine = {
  readonly van: string;
  readonly journal: string;
  readonly lane: Lane;
  readonly seq: number;
  readonly text: string;
};

export type Stored = {
  readonly decision: Decision;
  readonly rows: readonly StoredRow[];
  readonly cursors: Cursors;
};

/**
 * The depot's memory of rows: SQLite inside, PostgreSQL outside. Everything is durable when its promise is fulfilled.
 */
export interface Store extends RowSource, Part {
  /** Decides and stores batches of any vans in one transaction; all or none. */
  store(batches: readonly Batch[], receivedAt: number): Promise<readonly Stored[]>;
  cursors(van: string, journal: string): Promise<Cursors>;
  /** Journals of a van, in the order of their chain. */
  journals(van: string): Promise<readonly JournalRecord[]>;
  vans(): Promise<readonly string[]>;
  /** Rows by their own time. */
  rows(query: RowQuery): Promise<readonly StoredRow[]>;
  latest(van: string, kind: string): Promise<StoredRow | undefined>;
  /** A payload without a readable envelope, or one half of a fork. */
  putAside(van: string, topic: string, reason: string, bytes: Uint8Array, receivedAt: number): Promise<void>;
  /** Empties rows of `kinds` whose time lies before `beforeMs`: the seq and CRC stay, the body goes. Gives the count. */
  sweep(kinds: readonly string[], beforeMs: number): Promise<number>;
  exportLines(van?: string): AsyncIterable<ExportLine>;
  /** Small documents of other parts (agenda versions, corrections, subscriptions), by area and key. */
  document(area: string, key: string): Promise<string | undefined>;
  documents(area: string): Promise<readonly { readonly key: string; readonly text: string }[]>;
  putDocument(area: string, key: string, text: string | undefined): Promise<void>;
}
