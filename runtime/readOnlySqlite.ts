import { chownSync, existsSync, statSync } from 'node:fs';
import Sqlite, { type Database } from 'better-sqlite3';

/**
 * A read-only connection beside the daemon that writes: never a checkpoint. SQLite makes `-wal` and `-shm` where the
 * daemon left none; made by root, they are given to the file's owner, or the daemon could not open its own file again.
 */
export function openReadOnly(path: string): Database {
  const db = new Sqlite(path, { readonly: true, fileMustExist: true });
  db.pragma('busy_timeout = 5000');
  try {
    db.prepare('SELECT 1 FROM sqlite_master').get();
    if (process.getuid?.() === 0) {
      const { uid, gid } = statSync(path);
      for (const file of [`${path}-wal`, `${path}-shm`]) if (existsSync(file)) chownSync(file, uid, gid);
    }
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}
