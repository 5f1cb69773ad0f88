import type * as z from 'zod';
import type { Receipt } from '../../protocol/messages.ts';
import type { Lane, LanePosition, Row, RowOf } from '../../protocol/rows.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Log } from '../../runtime/log.ts';

export type LanePositionOf = z.infer<typeof LanePosition>;

/** A row to be committed; the journal gives it its place. */
export type NewRow = { readonly lane: Lane; readonly row: Row };

/** A row as it stands in the journal. */
export type JournalRow<K extends Row['kind'] = Row['kind']> = {
  readonly journal: string;
  readonly lane: Lane;
  readonly seq: number;
  /** Bulk seq that an urgent row follows; absent on bulk rows. */
  readonly after?: number;
  readonly row: RowOf<K>;
  /** Canonical JSON text of `row`: what the CRC covers and `export` prints. */
  readonly text: string;
  /** Running CRC-32 of the lane after this row. */
  readonly crc: number;
};

export type JournalSettings = {
  readonly van: string;
  readonly software: string;
  /** Id of this boot of the machine (`bootId()`): an anchor holds for one boot. */
  readonly boot: string;
  /** How long received rows stay. */
  readonly retentionMs: number;
  /** Cap of the file with its WAL. */
  readonly maxBytes: number;
  readonly clock: Clock;
  readonly log: Log;
};

export interface Journal {
  /** Minted at this opening. */
  readonly uuid: string;
  /** How this opening went: for the alerts and the cab. */
  readonly opening: { readonly clean: boolean; readonly salvaged: boolean };
  /**
   * One transaction, durable when it returns. Rows in the order in which they were made: an urgent row carries as
   * `after` the last bulk seq before it. Throws JournalFailed when the disk refuses in earnest.
   */
  commit(rows: readonly NewRow[]): readonly JournalRow[];
  /** The newest row of a kind over the whole file. */
  last<K extends Row['kind']>(kind: K): JournalRow<K> | undefined;
  /** Rows in order of the chain of journals, lanes merged by `after`; from just after `from` when given. */
  merged(from?: {
    readonly journal: string;
    readonly lane: Lane;
    readonly seq: number;
  }): Iterable<JournalRow>;
  /** Rows not yet received by the depot. */
  backlog(): { readonly rows: number; readonly urgent: number; readonly oldestAtMs?: number };
  /** Monotonic ms of the last commit: the watchdog's proof. */
  lastCommitMs(): number;
  /** Called after each commit with its rows; returns its end. */
  onCommit(listener: (rows: readonly JournalRow[]) => void): () => void;
  /** Ends cleanly: the next opening says so. */
  close(): void;
}

export declare function openJournal(path: string, settings: JournalSettings): Journal;
export type { Receipt };
