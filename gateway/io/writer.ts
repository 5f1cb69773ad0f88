import type { Clock } from '../../runtime/clock.ts';
import type { Journal, JournalRow, NewRow } from './journal.ts';

export interface Writer {
  /**
   * Rows to be committed, in order. An urgent row commits at once with all that waits; bulk alone waits ≤ 2 s while
   * `dense`, ≤ 30 s otherwise. `committed` is called after the commit, and only then may anything leave the van.
   */
  add(rows: readonly NewRow[], dense: boolean, committed?: (rows: readonly JournalRow[]) => void): void;
  /** Commits what waits. */
  flush(): void;
  stop(): void;
}

export declare function startWriter(journal: Journal, clock: Clock): Writer;
