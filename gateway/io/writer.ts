import type { Clock } from '../../runtime/clock.ts';
import type { Log } from '../../runtime/log.ts';
import { type Journal, JournalFull, type JournalRow, type NewRow } from './journal.ts';

/**
 * Groups rows into commits (DESIGN §5): an urgent row at once with all that waits, bulk alone at most every 2 s while
 * dense and every 30 s otherwise. Each commit costs the card some 8 KB.
 */
const DENSE_MS = 2_000;
const SPARSE_MS = 30_000;
const FULL_RETRY_MS = 5_000;
/** Bulk rows held while the disk is full; beyond, the oldest go, counted. */
const HELD_ROWS_MAX = 5_000;

type Committed = (rows: readonly JournalRow[]) => void;
type Waiting = {
  readonly rows: NewRow[];
  readonly committed: Committed | undefined;
  readonly sinceMs: number;
};

export interface Writer {
  /**
   * Rows to be committed, in order. `committed` is called with them after their commit, and only then may anything
   * leave the van.
   */
  add(rows: readonly NewRow[], dense: boolean, committed?: Committed): void;
  /** Commits what waits. */
  flush(): void;
  /** Rows that never reached the journal: the disk was full for too long. */
  lost(): number;
  /** The disk is full and nothing more can be dropped: rows wait in memory. */
  full(): boolean;
  /** How long the oldest row has waited for its commit: the watchdog's proof that work is done. */
  waitingMs(): number;
  stop(): void;
}

export function startWriter(journal: Journal, clock: Clock, log: Log): Writer {
  let waiting: Waiting[] = [];
  let held = 0;
  let lost = 0;
  let full = false;
  let lastMs = Number.NEGATIVE_INFINITY;
  let due: { readonly atMs: number; readonly cancel: () => void } | undefined;

  const flushAt = (atMs: number) => {
    if (due && due.atMs <= atMs) return;
    due?.cancel();
    due = { atMs, cancel: clock.after(Math.max(0, atMs - clock.monotonicMs()), flush) };
  };

  function flush(): void {
    due?.cancel();
    due = undefined;
    if (held === 0) return;
    // Taken out first: who hears of the commit may add rows, and those commit after these.
    const group = waiting;
    [waiting, held] = [[], 0];
    try {
      const committed = journal.commit(group.flatMap((w) => w.rows));
      lastMs = clock.monotonicMs();
      full = false;
      tell(group, committed);
    } catch (error) {
      if (!(error instanceof JournalFull)) throw error;
      full = true;
      waiting = [...group, ...waiting];
      held = waiting.reduce((sum, { rows }) => sum + rows.length, 0);
      makeRoomInMemory();
      flushAt(clock.monotonicMs() + FULL_RETRY_MS);
    }
  }

  const makeRoomInMemory = () => {
    for (const { rows } of waiting)
      for (let i = 0; i < rows.length && held > HELD_ROWS_MAX; )
        if (rows[i]!.lane === 'bulk') {
          rows.splice(i, 1);
          held--;
          lost++;
        } else i++;
    if (lost > 0) log.warn({ lost }, 'rows dropped before the journal, disk full');
  };

  return {
    add(rows, dense, committed) {
      if (rows.length === 0) return;
      waiting.push({ rows: [...rows], committed, sinceMs: clock.monotonicMs() });
      held += rows.length;
      if (rows.some((row) => row.lane === 'urgent')) flush();
      else flushAt(Math.max(clock.monotonicMs(), lastMs + (dense ? DENSE_MS : SPARSE_MS)));
    },
    flush,
    lost: () => lost,
    full: () => full,
    waitingMs: () => (waiting[0] ? clock.monotonicMs() - waiting[0].sinceMs : 0),
    stop: flush,
  };
}

/** Calls back in the order in which the rows were added, each with its own. */
function tell(group: readonly Waiting[], committed: readonly JournalRow[]): void {
  let from = 0;
  for (const { rows, committed: then } of group) {
    then?.(committed.slice(from, from + rows.length));
    from += rows.length;
  }
}
