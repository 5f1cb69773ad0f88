import type { PresenceState, StatementSource } from '../protocol/presence.ts';

/**
 * What the depot knows of one visit and may tell the public: the input of `publicStateOf` and `statementOf`. The
 * depot's views make it (one a visit), the pages, feeds, push and text messages are made from it and nothing else.
 * Times are epoch ms; a time at which something was learnt is the depot's reception time.
 */
export type PublicFacts = {
  readonly id: string;
  readonly stop: string;
  /** Name of the stop, such as `Ligueil, place de la Mairie`. */
  readonly name: string;
  /** INSEE code. */
  readonly commune: string;
  readonly timezone: string;
  /** The planned window as in the agenda (local wall time) and as instants. */
  readonly date: string;
  readonly from: string;
  readonly to: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly lat: number;
  readonly lon: number;
  readonly address?: string;
  readonly access?: string;
  readonly services?: readonly string[];
  /** Version of the agenda in force: orders the revisions of a calendar's event. */
  readonly agenda?: number;
  /** When the depot took over the agenda that plans this visit. */
  readonly plannedAtMs: number;
  /** Duty expected of the van that day: first window − 60 min to last window + 60 min (DESIGN §1.8). */
  readonly dutyFromMs: number;
  readonly dutyToMs: number;
  /** Newest reception of anything from the van, a will apart; absent: never heard. */
  readonly heardMs?: number;
  /** Whether the van was moving when last heard: 90 s of silence count, parked 150 s. */
  readonly moving?: boolean;
  /** Two journals of this van contradict each other: nothing that it says is believed (hazards §4, clone). */
  readonly quarantined?: boolean;
  readonly claims: Claims;
  /** The planned visits of this commune after this one, earliest first; not the cancelled ones. */
  readonly next?: NextVisit;
};

/** Each voice's newest word on a visit; the plan itself needs none (DESIGN §1.9). */
export type Claims = {
  /** A correction by head office. */
  readonly office?: Claim;
  /** The planner's cancellation or move, in the agenda; `sawCrew`: published after the crew's act was known. */
  readonly planner?: Claim & { readonly sawCrew?: boolean };
  /** The driver's newest act on this visit (`late`, `moved`, `cancelled`, `open`/`closed` as `on_site` with `open`). */
  readonly crew?: Claim & { readonly sawPlanner?: boolean };
  /** The newest presence row of the van. */
  readonly gps?: Claim;
};

export type Claim = {
  readonly state: PresenceState;
  /** When the depot received it. */
  readonly atMs: number;
  /** When it was said, by the van's own time: an act told without a link is labelled with it. */
  readonly toldMs?: number;
  /** Identity of the row behind it, `van/journal/lane/seq`: a notice is given once a row. */
  readonly row?: string;
  readonly open?: boolean;
  /** Believed arrival and departure (`evidence.since`). */
  readonly arrivedMs?: number;
  readonly leftMs?: number;
  /** For `unknown`: the last instant of which the van knew where it was. */
  readonly lastSeenMs?: number;
  readonly expectedFromMs?: number;
  readonly expectedToMs?: number;
  readonly reason?: string;
  readonly movedTo?: PublicPlace;
};

export type PublicPlace = { readonly name: string; readonly lat?: number; readonly lon?: number };

export type NextVisit = {
  readonly id: string;
  readonly date: string;
  readonly from: string;
  readonly to: string;
  readonly fromMs: number;
};

/** What is public about a visit now, before it is put in words. */
export type PublicState = {
  readonly state: PresenceState;
  readonly source: StatementSource;
  /** The newest news behind it. */
  readonly atMs: number;
  readonly open?: boolean;
  readonly arrivedMs?: number;
  readonly leftMs?: number;
  readonly expectedFromMs?: number;
  readonly expectedToMs?: number;
  readonly reason?: string;
  readonly movedTo?: PublicPlace;
};

/** What the public routes read: implemented by the depot's views, faked by a literal in tests. */
export interface PublicSource {
  /** Visits from yesterday on, in order of their windows. */
  visits(nowMs: number): readonly PublicFacts[];
  /** Calls back after any change of the facts; time passing is the reader's own concern. Returns its cancellation. */
  subscribe(listener: () => void): () => void;
}
