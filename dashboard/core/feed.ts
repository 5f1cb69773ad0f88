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
    };

/** In-process distribution: ingest → views → pages. */
export interface Feed {
  publish(event: FeedEvent): void;
  subscribe(listener: (event: FeedEvent) => void): () => void;
}
