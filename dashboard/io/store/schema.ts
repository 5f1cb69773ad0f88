import type { Database } from 'better-sqlite3';

/** One forward step of the schema; each runs once, in a transaction of its own. */
export type Migration = { readonly name: string; readonly sql: string };

/**
 * `journals` holds the cursors: no sweep touches it. A swept row keeps its place and CRC with `text` null. `at` is the
 * row's own time, or, for a row written before the van knew the time, what the anchor of its boot says; `undated` are
 * those that wait for one.
 */
export const MIGRATIONS: readonly Migration[] = [
  {
    name: 'rows',
    sql: `
      CREATE TABLE vans (v INTEGER PRIMARY KEY, van TEXT NOT NULL UNIQUE);
      CREATE TABLE journals (
        n INTEGER PRIMARY KEY, v INTEGER NOT NULL, journal TEXT NOT NULL, previous TEXT, previous_clean INTEGER,
        first_received INTEGER NOT NULL,
        urgent_upto INTEGER NOT NULL DEFAULT 0, urgent_crc INTEGER NOT NULL DEFAULT 0,
        bulk_upto INTEGER NOT NULL DEFAULT 0, bulk_crc INTEGER NOT NULL DEFAULT 0,
        UNIQUE (v, journal)
      );
      CREATE TABLE rows (
        n INTEGER NOT NULL, lane INTEGER NOT NULL, seq INTEGER NOT NULL, after INTEGER, v INTEGER NOT NULL,
        kind TEXT NOT NULL, at INTEGER, received INTEGER NOT NULL, crc INTEGER NOT NULL,
        unread INTEGER NOT NULL DEFAULT 0, text TEXT,
        PRIMARY KEY (n, lane, seq)
      ) WITHOUT ROWID;
      CREATE INDEX rows_at ON rows (v, at);
      CREATE INDEX rows_kind ON rows (v, kind, at);
      CREATE INDEX rows_unread ON rows (unread) WHERE unread = 1;
      CREATE TABLE anchors (v INTEGER, boot TEXT, offset INTEGER NOT NULL, PRIMARY KEY (v, boot)) WITHOUT ROWID;
      CREATE TABLE undated (
        v INTEGER, boot TEXT, n INTEGER, lane INTEGER, seq INTEGER, mono INTEGER NOT NULL,
        PRIMARY KEY (v, boot, n, lane, seq)
      ) WITHOUT ROWID;
      CREATE TABLE aside (
        id INTEGER PRIMARY KEY, van TEXT NOT NULL, topic TEXT NOT NULL, reason TEXT NOT NULL, received INTEGER NOT NULL,
        bytes BLOB NOT NULL
      );
      CREATE INDEX aside_van ON aside (van, id);
      CREATE TABLE documents (area TEXT, key TEXT, text TEXT NOT NULL, PRIMARY KEY (area, key)) WITHOUT ROWID;
    `,
  },
];

export function migrate(db: Database, migrations: readonly Migration[]): void {
  db.exec('CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY) WITHOUT ROWID');
  const done = new Set(db.prepare('SELECT name FROM migrations').pluck().all() as string[]);
  for (const { name, sql } of migrations)
    if (!done.has(name))
      db.transaction(() => {
        db.exec(sql);
        db.prepare('INSERT INTO migrations (name) VALUES (?)').run(name);
      }).immediate();
}
