import Sqlite, { type Database } from 'better-sqlite3';

/** The journal's SQLite file: how it is opened, and its one schema (hazards.md §1.5, §1.7, §2.5). */

/** Below it, WAL-reset may corrupt a file (fixed in 3.51.3). */
const SQLITE_MIN = [3, 51, 3] as const;
/**
 * A commit of some rows dirties one page; its WAL frame is what the card must take. 1 KB against SQLite's 4 KB: 14.8 MB
 * a day in place of 22.4 (`npm run bench -- wear`).
 */
const PAGE_BYTES = 1024;
const CHECKPOINT_PAGES = 200;
const WAL_LIMIT_BYTES = 8 * 1024 * 1024;
export const SCHEMA_VERSION = 1;

/** Lanes as stored. Bulk comes last, so that its rows, nearly all there are, go at the end of the tree. */
export const LANE_NUMBER = { urgent: 0, bulk: 1 } as const;

/**
 * `received`: up to where the depot's receipt goes. `gone`: up to where rows were dropped from the front; both with the
 * running CRC there. The last seq of a lane is that of its last row.
 */
const SCHEMA = `
  CREATE TABLE about (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE journals (
    n INTEGER PRIMARY KEY AUTOINCREMENT, journal TEXT NOT NULL UNIQUE, boot TEXT NOT NULL, previous TEXT,
    clean INTEGER NOT NULL DEFAULT 0,
    urgent_received INTEGER NOT NULL DEFAULT 0, urgent_received_crc INTEGER NOT NULL DEFAULT 0,
    bulk_received INTEGER NOT NULL DEFAULT 0, bulk_received_crc INTEGER NOT NULL DEFAULT 0,
    urgent_gone INTEGER NOT NULL DEFAULT 0, urgent_gone_crc INTEGER NOT NULL DEFAULT 0,
    bulk_gone INTEGER NOT NULL DEFAULT 0, bulk_gone_crc INTEGER NOT NULL DEFAULT 0
  );
  CREATE TABLE rows (
    n INTEGER NOT NULL, lane INTEGER NOT NULL, seq INTEGER NOT NULL, after INTEGER, kind TEXT NOT NULL,
    text TEXT NOT NULL, crc INTEGER NOT NULL, PRIMARY KEY (n, lane, seq)
  ) WITHOUT ROWID;
  CREATE INDEX rare ON rows (kind, n, lane, seq) WHERE kind NOT IN ('fix', 'power', 'link', 'health', 'lost');
`;

/** Kinds that the index leaves out: looking for the last of them reads the lane backwards instead. */
export const FREQUENT_KINDS: readonly string[] = ['fix', 'power', 'link', 'health', 'lost'];

export class SqliteTooOld extends Error {}

function requireSqlite(db: Database): void {
  const version = db.prepare('SELECT sqlite_version()').pluck().get() as string;
  const parts = version.split('.').map(Number);
  const difference = SQLITE_MIN.map((least, i) => (parts[i] ?? 0) - least).find((d) => d !== 0) ?? 0;
  if (difference < 0) throw new SqliteTooOld(`SQLite ${version}: at least ${SQLITE_MIN.join('.')} is needed`);
}

/** Opens for writing, making the schema when the file is new. Throws SqliteError; the file is closed then. */
export function openForWriting(path: string): Database {
  const db = new Sqlite(path);
  try {
    requireSqlite(db);
    db.pragma(`page_size = ${PAGE_BYTES}`);
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = FULL');
    if (
      db.pragma('synchronous', { simple: true }) !== 2 ||
      db.pragma('journal_mode', { simple: true }) !== 'wal'
    )
      throw new Error('SQLite did not take WAL with synchronous=FULL');
    db.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
    db.pragma(`journal_size_limit = ${WAL_LIMIT_BYTES}`);
    // Read-only connections of `export` come and go; a lock is never long.
    db.pragma('busy_timeout = 5000');
    const version = db.pragma('user_version', { simple: true }) as number;
    if (version > SCHEMA_VERSION) throw new Error(`journal of a newer version (${version})`);
    if (version === 0)
      db.transaction(() => {
        db.exec(SCHEMA);
        db.pragma(`user_version = ${SCHEMA_VERSION}`);
      }).immediate();
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** For `export` and `replay`: never writes, works beside the daemon. */
export { openReadOnly as openForReading } from '../../runtime/readOnlySqlite.ts';

/** Bytes in use: pages that hold something. */
export function usedBytes(db: Database): number {
  const of = (name: string) => db.pragma(name, { simple: true }) as number;
  return (of('page_count') - of('freelist_count')) * of('page_size');
}
