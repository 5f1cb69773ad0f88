import type { Agenda } from '../../protocol/agenda.ts';
import type { DepotLeaf } from '../../protocol/topics.ts';
import type { Part } from '../../runtime/lifecycle.ts';
import type { StoredRow } from '../core/feed.ts';
import type { OfficeWord } from '../core/office.ts';
import type { DepotState, DepotStep } from '../core/views.ts';

/**
 * What the pages ask of the other parts of the depot. dashboard/main.ts wires the real ones; tests give structs
 * of functions.
 */

/** Committed rows, read only; SQLite inside or PostgreSQL outside. */
export interface RowSource {
  /** Rows of one van dated in [fromMs, toMs), in the order of its journals, lanes merged by `after`. */
  rowsOfVan(van: string, fromMs: number, toMs: number): Promise<readonly StoredRow[]>;
}

/** Publishes one of the depot's own topics; QoS 1, `retained` where DESIGN §4 allows it. */
export type Publish = (van: string, leaf: DepotLeaf, payload: object, retained: boolean) => void;

/** The folded state of all vans, and who wants to know when it changes. */
export interface Views extends Part {
  state(): DepotState;
  /** Called after each step that changed something, with the vans it changed. */
  subscribe(listener: (step: DepotStep) => void): () => void;
  /** A van was enrolled. */
  enrol(van: string): void;
  /** A person's word at the office, already written down. */
  tell(word: OfficeWord): void;
  /** The verdict of a day was recomputed. */
  judge(van: string, date: string, differs: boolean): void;
  /** Staff have seen an alert. */
  see(episode: string, seenAt: string): void;
}

/** The published agenda. */
export interface AgendaSource extends Part {
  current(): Agenda | undefined;
  /** Epoch ms at which the current version was published. */
  publishedAt(): number;
  subscribe(listener: (agenda: Agenda, at: number) => void): () => void;
}
