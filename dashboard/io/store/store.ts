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
  /** 10,000 when absent. */
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
  /** The new rows whose body is understood. */
  readonly rows: readonly StoredRow[];
  /** New rows whose body is not: kept as they are, read again after an upgrade. */
  readonly unread: number;
  readonly cursors: Cursors;
};

/** How long rows of these kinds keep their body, counted from their own time. */
export type Retention = { readonly kinds: readonly string[]; readonly keepMs: number };

/**
 * The depot's memory of rows: SQLite inside, PostgreSQL outside. Everything is durable when its promise is fulfilled.
 */
export interface Store extends RowSource, Part {
  /** Decides on batches of any vans and stores them, in one transaction: all or none. */
  store(batches: readonly Batch[], receivedAt: number): Promise<readonly Stored[]>;
  /** Zeros for a journal that was never heard of. */
  cursors(van: string, journal: string): Promise<Cursors>;
  /** Journals of a van, in the order of their chain. */
  journals(van: string): Promise<readonly JournalRecord[]>;
  vans(): Promise<readonly string[]>;
  /** Rows by their own time. */
  rows(query: RowQuery): Promise<readonly StoredRow[]>;
  latest(van: string, kind: string): Promise<StoredRow | undefined>;
  /** A payload without a readable envelope, or one half of a fork; the newest 1,000 a van are kept. */
  putAside(van: string, topic: string, reason: string, bytes: Uint8Array, receivedAt: number): Promise<void>;
  /** Empties rows past their retention: seq and CRC stay, the body goes. Gives the count. */
  sweep(nowMs: number): Promise<number>;
  /** A driver's request: bodies of these kinds in [fromMs, toMs) go, seq and CRC stay. Gives the count. */
  erase(van: string, kinds: readonly string[], fromMs: number, toMs: number): Promise<number>;
  exportLines(van?: string): AsyncIterable<ExportLine>;
  /** Small documents of other parts, by area and key. */
  document(area: string, key: string): Promise<string | undefined>;
  documents(area: string): Promise<readonly { readonly key: string; readonly text: string }[]>;
  /** `undefined` removes it. */
  putDocument(area: string, key: string, text: string | undefined): Promise<void>;
}
