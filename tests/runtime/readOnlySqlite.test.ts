import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite, { type Database } from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openReadOnly } from '../../runtime/readOnlySqlite.ts';
import { temporaryFolder } from '../parts/chain.ts';

describe('a read-only connection', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let path: string;
  let writer: Database;
  const count = (db: Database) => db.prepare('SELECT count(*) FROM rows').pluck().get();

  beforeEach(() => {
    folder = temporaryFolder();
    path = join(folder.path, 'van.db');
    writer = new Sqlite(path);
    writer.pragma('journal_mode = WAL');
    writer.exec('CREATE TABLE rows (seq); INSERT INTO rows VALUES (1)');
  });
  afterEach(() => {
    writer.close();
    folder.remove();
  });

  it('leaves nothing beside the file of a stopped daemon', () => {
    writer.close();
    const db = openReadOnly(path);
    expect(count(db)).toBe(1);
    db.close();
    expect(readdirSync(folder.path)).toEqual(['van.db']);
  });

  it('reads the WAL of a running one and leaves it alone', () => {
    const db = openReadOnly(path);
    expect(count(db)).toBe(1);
    db.close();
    expect(readdirSync(folder.path)).toEqual(['van.db', 'van.db-shm', 'van.db-wal']);
  });

  it('takes nothing from a daemon that came meanwhile', () => {
    writer.close();
    const db = openReadOnly(path);
    writer = new Sqlite(path);
    writer.exec('INSERT INTO rows VALUES (2)');
    db.close();
    expect(count(writer)).toBe(2);
    writer.exec('INSERT INTO rows VALUES (3)');
    const again = openReadOnly(path);
    expect(count(again)).toBe(3);
    again.close();
  });
});
