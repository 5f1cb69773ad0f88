import type { Database } from 'better-sqlite3';
import type { Clock } from '../../../runtime/clock.ts';
import type { Log } from '../../../runtime/log.ts';
import type { Store } from './store.ts';

/** One forward step of the schema; each runs in a transaction of its own, once. */
export type Migration = { readonly name: string; readonly sql: string };

export type SqliteStore = Store & {
  /** For tables that other parts add through `migrations`; one connection, synchronous. */
  readonly db: Database;
};

export declare function openSqliteStore(
  path: string,
  deps: { readonly log: Log; readonly clock: Clock; readonly migrations?: readonly Migration[] },
): SqliteStore;
