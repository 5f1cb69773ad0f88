import type { Clock } from '../../runtime/clock.ts';
import type { Part } from '../../runtime/lifecycle.ts';
import type { Log } from '../../runtime/log.ts';
import type { Feed } from '../core/feed.ts';
import type { VanLink } from './broker.ts';
import type { Store } from './store/store.ts';

export type IngestDeps = {
  readonly link: VanLink;
  readonly store: Store;
  readonly feed: Feed;
  /** The vans that exist: each is asked to ask when the depot starts. */
  readonly vans: () => readonly string[];
  readonly log: Log;
  readonly clock: Clock;
};

export type Ingest = Part & { counters(): Readonly<Record<string, number>> };

/** Takes the vans' messages: commit, then receipt, then feed. */
export declare function startIngest(deps: IngestDeps): Ingest;
