import type { Position, Status } from '../../protocol/messages.ts';
import type { Lane } from '../../protocol/rows.ts';

/**
 * What the depot's views are folded from: committed rows and the two retained snapshots, each with the time of
 * reception. The broker's ingest publishes it after its commit; nothing here is believed before.
 */
export type StoredRow = {
  readonly van: string;
  readonly journal: string;
  readonly lane: Lane;
  readonly seq: number;
  /** Bulk seq that an urgent row follows. */
  readonly after?: number;
  /** Canonical JSON text of the row; `unread` rows keep their bytes in base64 in the store and never come here. */
  readonly text: string;
  /** The parsed body, checked by its schema. */
  readonly row: import('../../protocol/rows.ts').Row;
  readonly receivedAt: number;
};

export type FeedEvent =
  | {
      readonly kind: 'rows';
      readonly van: string;
      readonly rows: readonly StoredRow[];
      readonly receivedAt: number;
    }
  | {
      readonly kind: 'status';
      readonly van: string;
      readonly status: Status;
      readonly will: boolean;
      readonly receivedAt: number;
    }
  /** `undefined`: the van went off duty and erased its position. */
  | {
      readonly kind: 'position';
      readonly van: string;
      readonly position: Position | undefined;
      readonly receivedAt: number;
    }
  /** Something about the chain of trust that a person should know (hazards.md §4, DESIGN §1.3). */
  | {
      readonly kind: 'trust';
      readonly van: string;
      readonly concern: TrustConcern;
      readonly journal?: string;
      readonly lane?: Lane;
      /** What the dictionary needs to say it in words. */
      readonly values: Readonly<Record<string, string | number>>;
      readonly receivedAt: number;
    };

/**
 * `gap`: rows named as gone · `possible_gap`: the journal before did not end cleanly · `fork`: one journal with two
 * histories, nothing stored · `clone`: two journals alternate under one identity · `rolled_back`: a journal opened on
 * an older copy of the file · `unread`: bodies of a newer van, kept as bytes · `poison`: a payload without a readable
 * envelope, kept aside.
 */
export type TrustConcern = 'gap' | 'possible_gap' | 'fork' | 'clone' | 'rolled_back' | 'unread' | 'poison';

/** In-process distribution: ingest → views → pages. */
export interface Feed {
  publish(event: FeedEvent): void;
  subscribe(listener: (event: FeedEvent) => void): () => void;
}
