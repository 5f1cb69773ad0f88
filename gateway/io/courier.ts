import type * as z from 'zod';
import type { Agenda, CabMessage, Position, Status } from '../../protocol/messages.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Part } from '../../runtime/lifecycle.ts';
import type { Log } from '../../runtime/log.ts';
import type { Journal } from './journal.ts';

/** Why the depot is not reached, as far as the van can tell: for the link alert and the cab page. */
export type LinkCause =
  | 'dns'
  | 'refused'
  | 'unreachable'
  | 'timeout'
  | 'auth'
  | 'tls'
  | 'closed'
  | 'no_receipt';

export type CourierLink = {
  readonly connected: boolean;
  /** Absent while connected. */
  readonly cause?: LinkCause;
  /** Monotonic ms since when the present state holds. */
  readonly sinceMs: number;
  /** Publish → receipt of the last batch. */
  readonly roundTripMs?: number;
  /** Age of the oldest row without receipt, counted from its first offer to the link. */
  readonly oldestUnreceivedMs?: number;
  readonly backlogRows: number;
  /** Monotonic ms of the last receipt. */
  readonly lastReceiptMs?: number;
};

export type CourierDeps = {
  /** `mqtt://host:port` or `mqtts://host:port`. */
  readonly broker: string;
  readonly van: string;
  readonly secret?: string;
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
  readonly journal: Journal;
  readonly clock: Clock;
  readonly log: Log;
  /** Uniform in 0 … 1. */
  readonly random: () => number;
  /** What the status says beside session, journal, ask and backlog, which are the courier's own. */
  readonly status: () => Pick<Status, 'at' | 'software' | 'agenda' | 'duty'>;
  readonly on: {
    /** A checked agenda, not yet compared with the one in force. */
    agenda(agenda: Agenda): void;
    cab(message: z.infer<typeof CabMessage>): void;
    /** Each change of `CourierLink.connected` or `cause`. */
    link(link: CourierLink): void;
  };
};

export interface Courier extends Part {
  /** `undefined` erases the retained one: off duty. Dropped when not connected, but for the newest. */
  publishPosition(position: Position | undefined): void;
  /** Somebody at the depot looks at this van now. */
  watched(): boolean;
  /** Publishes `status` again: duty or agenda changed. */
  statusChanged(): void;
  link(): CourierLink;
}

export declare function startCourier(deps: CourierDeps): Courier;
