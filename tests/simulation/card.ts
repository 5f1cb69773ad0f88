import type { Journal, JournalSettings } from '../../gateway/io/journal.ts';
import type { Lane } from '../../protocol/rows.ts';

/** The van's memory card, as the world mistreats it: a model of it, or real SQLite on a folder of its own. */
export type Card = {
  /** As `openJournal`. */
  open(settings: JournalSettings): Journal;
  /** The process dies: what it had not committed is gone, what the kernel has stays. */
  kill(): void;
  /** The current goes: what a lying card had not written goes with it, from a random place on. */
  cut(): void;
  /** All that the card holds now. */
  copy(): unknown;
  /** Another copy of it, or nothing at all, stands there at the next opening. */
  put(copy: unknown): void;
  /** Last seqs of the journals on it: all up to there it can give, or name as gone. */
  extents(): Extents;
  /** No room for more. */
  full(on: boolean): void;
  /** The next commit reports an I/O error on sync; its rows are on the disk all the same, or not. */
  failSync(landed: boolean): void;
  /** The process dies within the next commit, before or after its rows are on the disk. */
  killWithin(landed: boolean): void;
  /** Syncs that do nothing. */
  lie(on: boolean): void;
  /** Damages rows of one lane; false when the card cannot. */
  rot(): boolean;
  dispose(): void;
};

export type Extents = ReadonlyMap<string, Readonly<Record<Lane, number>>>;

/** Thrown out of a commit by `killWithin`: the process is no more. */
export class Killed extends Error {}

export const keyOf = (journal: string, lane: Lane, seq: number) => `${journal} ${lane} ${seq}`;
