import { chownSync, existsSync, statSync } from 'node:fs';
import Sqlite, { type Database } from 'better-sqlite3';

/**
 * A read-only connection beside the daemon that writes: never a checkpoint. SQLite makes `-wal` and `-shm` where the
 * daemon left none; made by root, they are given to the file's owner, or the daemon could not open its own file again.
 * Closing takes them away again, unless a daemon came meanwhile.
 */
export function openReadOnly(path: string): Database {
  const ours = !existsSync(`${path}-wal`);
  const db = new Sqlite(path, { readonly: true, fileMustExist: true });
  db.pragma('busy_timeout = 5000');
  const close = db.close.bind(db);
  db.close = () => {
    close();
    if (ours) takeAway(path);
    return db;
  };
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

/** SQLite does it under its own locks, when the last connection that may write is closed; the WAL is empty. */
function takeAway(path: string): void {
  if (!existsSync(`${path}-wal`) || statSync(`${path}-wal`).size > 0) return;
  try {
    const db = new Sqlite(path, { fileMustExist: true });
    try {
      db.prepare('SELECT 1 FROM sqlite_master').get();
    } finally {
      db.close();
    }
  } catch {
    // Not ours to write, or damaged: two empty files stay.
  }
}
