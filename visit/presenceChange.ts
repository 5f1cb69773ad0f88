import type { Place } from '../protocol/geo.ts';
import type { PresenceState } from '../protocol/presence.ts';
import type { RowOf } from '../protocol/rows.ts';
import { isoOf } from '../protocol/time.ts';

/**
 * Why a visit is said to be in its state: everything that the sentence, the depot and an auditor need, and nothing
 * that would need another source. Times ISO, durations s, lengths m. Unknown is absent.
 */
export type Evidence = {
  /** Rule id and version. */
  readonly rule: string;
  readonly from: PresenceState;
  /** What the driver said, when it is the driver who spoke. */
  readonly source?: 'crew' | 'plan';
  /** Believed arrival (`on_site` and after), departure (`left`), last known position (`unknown`). */
  readonly since?: string;
  readonly sinceErrorS?: number;
  /** Believed arrival of a visit that has ended. */
  readonly arrived?: string;
  readonly [key: string]: unknown;
};

/** A change of a visit: the row that is journaled and the line that `replay` prints. `at` epoch ms. */
export type PresenceChange = {
  readonly at: number;
  readonly visit: string;
  readonly agenda: number;
  readonly state: PresenceState;
  readonly open?: boolean;
  readonly movedTo?: Place & { readonly name?: string };
  /** The English sentence. */
  readonly because: string;
  readonly evidence: Evidence;
};

export function rowOfChange(change: PresenceChange): RowOf<'visit'> {
  const { at, visit, agenda, state, open, movedTo, because, evidence } = change;
  return {
    kind: 'visit',
    at: isoOf(at),
    visit,
    agenda,
    state,
    ...(open === undefined ? {} : { open }),
    ...(movedTo === undefined ? {} : { movedTo }),
    because,
    evidence,
  };
}
