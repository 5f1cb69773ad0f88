import type { Clock } from '../../runtime/clock.ts';
import type { Part } from '../../runtime/lifecycle.ts';
import type { Log } from '../../runtime/log.ts';
import type { Publish } from './ports.ts';

/** A message of a van, already authorised: topic's van = credential's van. */
export type VanMessage = {
  readonly van: string;
  readonly leaf: 'status' | 'position' | 'urgent' | 'bulk';
  readonly payload: Uint8Array;
  /** Retained by the broker before we came: says what was, not that the van lives. */
  readonly retained: boolean;
  /** A last will: the broker says it, not the van. */
  readonly will: boolean;
};

export type BrokerCounters = Readonly<Record<string, number>>;

/** Where the vans' messages come from: the broker inside, or one outside. */
export interface VanLink extends Part {
  /** The one taker of messages; the sender is acknowledged when the promise is fulfilled. */
  take(taker: (message: VanMessage) => Promise<void>): void;
  publish: Publish;
  counters(): BrokerCounters;
}

export type BrokerDeps = {
  /** `mqtt://host:port` or `mqtts://host:port`; port 0 takes a free one. */
  readonly listen: string;
  readonly tls?: { readonly cert: string; readonly key: string; readonly ca?: string };
  /** Whether this van has this secret. */
  readonly verify: (van: string, secret: string) => boolean | Promise<boolean>;
  readonly log: Log;
  readonly clock: Clock;
};

export type Broker = VanLink & {
  readonly url: string;
  /** Cuts a van's live socket: revocation. */
  disconnect(van: string): void;
};

/** Throws ConfigError naming the port when it is in use. */
export declare function startBroker(deps: BrokerDeps): Promise<Broker>;

/** A client of an outside broker (Mosquitto, EMQX) with the depot's credential. */
export declare function connectBroker(deps: {
  readonly url: string;
  readonly user?: string;
  readonly secret?: string;
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
  readonly log: Log;
  readonly clock: Clock;
  readonly random: () => number;
}): Promise<VanLink>;
