import type { Agenda } from '../../protocol/agenda.ts';
import type { FeedEvent } from './feed.ts';
import type { OfficeWord } from './office.ts';
import type { VanView } from './vanView.ts';

/** Everything from which the views are folded; one time, `at`, epoch ms of the depot's clock. */
export type DepotInput =
  | { readonly kind: 'feed'; readonly event: FeedEvent }
  | { readonly kind: 'agenda'; readonly agenda: Agenda; readonly at: number }
  | { readonly kind: 'office'; readonly word: OfficeWord; readonly at: number }
  | { readonly kind: 'tick'; readonly at: number };

export type DepotState = { readonly at: number };

/** What a step changed: the page's live stream sends no more than this. */
export type DepotStep = { readonly state: DepotState; readonly changed: readonly string[] };

export declare function stepDepot(state: DepotState, input: DepotInput): DepotStep;
export declare function viewOfVan(state: DepotState, van: string): VanView | undefined;
