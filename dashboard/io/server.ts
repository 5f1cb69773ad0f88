import type { Clock } from '../../runtime/clock.ts';
import type { Part } from '../../runtime/lifecycle.ts';
import type { Log } from '../../runtime/log.ts';
import type { DepotConfig } from '../config.ts';
import type { AgendaSource, Publish, RowSource, Views } from './ports.ts';

export type ServerDeps = {
  readonly config: DepotConfig;
  readonly store: RowSource;
  readonly views: Views;
  readonly agenda: AgendaSource;
  readonly publish: Publish;
  readonly clock: Clock;
  readonly log: Log;
};

/** The depot's HTTP server; throws ConfigError naming the port when it is in use. */
export declare function startServer(deps: ServerDeps): Promise<Part & { readonly url: string }>;
