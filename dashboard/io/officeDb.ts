import Database from 'better-sqlite3';

/**
 * What people at the office write: accounts, sessions, corrections, agenda versions, the journal of who looked at
 * what, the ledger that outlives the raw positions. A file of its own beside the store: small, synchronous, backed
 * up by copying, and never behind the ingest's transactions.
 */
export type OfficeDb = Database.Database;

const MIGRATIONS = [
  `create table words (id integer primary key, visit text not null, at text not null, text text not null);
   create index words_visit on words (visit);
   create table seen (episode text primary key, at text not null, account text not null);
   create table agendas (version integer primary key, at text not null, account text not null, why text not null, text text not null);
   create table accounts (name text primary key, role text not null, salt text not null, hash text not null, created text not null);
   create table sessions (id text primary key, account text not null, csrf text not null, created integer not null, used integer not null);
   create table tokens (hash text primary key, name text not null, scope text not null, created text not null, used text);
   create table access (id integer primary key, at text not null, account text not null, van text not null, what text not null, day text);
   create index access_van on access (van, at);
   create table ledger (visit text primary key, day text not null, month text not null, commune text not null, text text not null);
   create index ledger_month on ledger (month);
   create table sweeps (id integer primary key, at text not null, text text not null);
   create table secrets (name text primary key, value text not null);`,
  // `hash` and `next`: SHA-256 of the secret in use, and of the one that takes over at its first use.
  'create table enrolled (van text primary key, name text, hash text, next text, at text not null, by text not null, revoked text)',
];

export function openOffice(path: string): OfficeDb {
  const db = new Database(path);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.pragma('busy_timeout = 5000');
  const version = db.pragma('user_version', { simple: true }) as number;
  db.transaction(() => {
    for (const sql of MIGRATIONS.slice(version)) db.exec(sql);
    db.pragma(`user_version = ${MIGRATIONS.length}`);
  })();
  return db;
}

/** A value made once for this depot, such as the key that signs the cookies. */
export function keptSecret(db: OfficeDb, name: string, make: () => string): string {
  const row = db.prepare('select value from secrets where name = ?').get(name) as
    | { value: string }
    | undefined;
  if (row) return row.value;
  const value = make();
  db.prepare('insert into secrets values (?, ?)').run(name, value);
  return value;
}
