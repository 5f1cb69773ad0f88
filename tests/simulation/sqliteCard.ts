import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite, { type Database } from 'better-sqlite3';
import { openJournal } from '../../gateway/io/journal.ts';
import { openForReading } from '../../gateway/io/journalFile.ts';
import { type JournalHead, readHeads } from '../../gateway/io/journalRows.ts';
import { type Card, Killed } from './card.ts';

/**
 * The real journal on a folder in memory. Its transactions can be made to fail at the edge of SQLite; a kill leaves the
 * files as they are, and the next process finds a copy of them. Writes that a power cut takes away are not here: they
 * are in bench/simulation/images.ts.
 */
type Trouble = { full: boolean; once?: { readonly kind: 'sync' | 'kill'; readonly landed: boolean } };

const troubles = new Map<string, Trouble>();
export const MEMORY_FOLDER = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
const SUFFIXES = ['', '-wal'];

/** SQLite's own transactions, with the trouble that the file is in. Once for the process. */
function troubleTransactions(): void {
  const prototype = Sqlite.prototype as { transaction: Database['transaction']; troubled?: true };
  if (prototype.troubled) return;
  prototype.troubled = true;
  const original = prototype.transaction;
  prototype.transaction = function troubled(this: Database, body: (...args: never[]) => unknown) {
    const made = original.call(this, body as never);
    const trouble = troubles.get(this.name);
    if (!trouble) return made;
    const immediate = (...args: unknown[]) => {
      if (trouble.full) this.pragma(`max_page_count = ${this.pragma('page_count', { simple: true })}`);
      const { once } = trouble;
      delete trouble.once;
      if (once && !once.landed) throw errorOf(once.kind);
      const result = (made.immediate as (...of: unknown[]) => unknown)(...args);
      if (once) throw errorOf(once.kind);
      return result;
    };
    return Object.assign((...args: never[]) => made(...args), { immediate }) as never;
  } as Database['transaction'];
}

const errorOf = (kind: 'sync' | 'kill'): Error =>
  kind === 'kill' ? new Killed() : new Sqlite.SqliteError('disk I/O error', 'SQLITE_IOERR_FSYNC');

export function makeSqliteCard(): Card {
  troubleTransactions();
  const folder = mkdtempSync(join(MEMORY_FOLDER, 'tournee-card-'));
  let n = 0;
  let copies = 0;
  const nowPath = () => join(folder, `${n}`, 'van.db');
  mkdirSync(join(folder, '0'));
  let trouble: Trouble = { full: false };
  troubles.set(nowPath(), trouble);

  /** The files stand in a new place, as the next boot finds them; the old process keeps its own. */
  const moveOn = (from: string | undefined) => {
    troubles.delete(nowPath());
    const before = join(folder, `${n}`);
    n++;
    mkdirSync(join(folder, `${n}`));
    if (from !== undefined) copyDatabase(from, nowPath());
    trouble = { full: trouble.full };
    troubles.set(nowPath(), trouble);
    rmSync(before, { recursive: true });
  };
  const copyDatabase = (from: string, to: string) => {
    for (const suffix of SUFFIXES) if (existsSync(from + suffix)) copyFileSync(from + suffix, to + suffix);
  };

  return {
    open: (settings) => openJournal(nowPath(), settings),
    kill: () => moveOn(nowPath()),
    cut: () => {},
    copy() {
      const path = join(folder, `copy-${copies++}`);
      copyDatabase(nowPath(), path);
      return path;
    },
    put: (copy) => moveOn(copy as string | undefined),
    extents() {
      if (!existsSync(nowPath())) return new Map();
      const db = openForReading(nowPath());
      try {
        const lastOf = ({ lanes }: JournalHead) => ({ urgent: lanes.urgent.last, bulk: lanes.bulk.last });
        return new Map(readHeads(db).map((head) => [head.journal, lastOf(head)]));
      } finally {
        db.close();
      }
    },
    full(on) {
      trouble.full = on;
    },
    failSync(landed) {
      trouble.once = { kind: 'sync', landed };
    },
    killWithin(landed) {
      trouble.once = { kind: 'kill', landed };
    },
    lie: () => {},
    rot: () => false,
    dispose() {
      troubles.delete(nowPath());
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Folders that a killed run has left behind. */
export function sweepFolders(): void {
  for (const name of readdirSync(MEMORY_FOLDER))
    if (name.startsWith('tournee-card-')) rmSync(join(MEMORY_FOLDER, name), { recursive: true, force: true });
}
