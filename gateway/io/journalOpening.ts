import type { Database } from 'better-sqlite3';
import type { RowOf } from '../../protocol/rows.ts';
import { isoOf, msOf } from '../../protocol/time.ts';
import type { Ballast } from './ballast.ts';
import type { JournalSettings } from './journal.ts';
import { openForWriting } from './journalFile.ts';
import { appendRows } from './journalLanes.ts';
import { makeRoom } from './journalRoom.ts';
import { type JournalHead, type JournalLane, lastOfKind, readHeads } from './journalRows.ts';
import { CrcMismatch, finishSalvage, isCorrupt, salvage, verifyUnreceived } from './journalSalvage.ts';

/** One opening of the file for writing: the connection, the journals in it, and the new one that it began. */
export type Session = {
  readonly db: Database;
  readonly heads: readonly JournalHead[];
  readonly head: JournalHead;
  readonly clean: boolean;
  readonly salvaged: boolean;
};

/** The file opened, verified or salvaged, and a new journal begun in it. `damaged`: what it holds is known to be bad. */
export function openSession(
  path: string,
  settings: JournalSettings,
  ballast: Ballast,
  damaged = false,
): Session {
  const isSalvaged = finishSalvage(path) !== undefined;
  try {
    if (damaged) throw new CrcMismatch('damage was found while it served');
    return begin(openForWriting(path), settings, ballast, isSalvaged);
  } catch (error) {
    if (!isCorrupt(error)) throw error;
    const { db, aside, taken } = salvage(path);
    settings.log.error({ aside, taken, error: String(error) }, 'journal corrupt, moved aside');
    return begin(db, settings, ballast, true);
  }
}

/** Closes the connection when the file turns out not to serve. */
function begin(db: Database, settings: JournalSettings, ballast: Ballast, salvaged: boolean): Session {
  try {
    const heads = readHeads(db);
    if (!salvaged) verifyUnreceived(db, heads);
    const before = heads.reduce<JournalHead | undefined>((a, b) => (a && a.n > b.n ? a : b), undefined);
    const clean = !salvaged && (before?.clean ?? true);
    const head = withRoom(db, heads, ballast, () => beginJournal(db, settings, before, clean, salvaged));
    return { db, heads: [...heads, head], head, clean, salvaged };
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Once more after making room, when the disk is full. */
function withRoom<T>(db: Database, heads: readonly JournalHead[], ballast: Ballast, write: () => T): T {
  try {
    return write();
  } catch (error) {
    if ((error as { code?: string }).code !== 'SQLITE_FULL') throw error;
    ballast.release();
    makeRoom(db, heads, null);
    return write();
  }
}

function beginJournal(
  db: Database,
  settings: JournalSettings,
  before: JournalHead | undefined,
  clean: boolean,
  salvaged: boolean,
): JournalHead {
  const journal = crypto.randomUUID();
  const { boot, software, clock, van } = settings;
  const monoMs = clock.monotonicMs();
  const anchor = lastOfKind(db, 'anchor')?.row as RowOf<'anchor'> | undefined;
  const at = anchor?.boot === boot ? isoOf(msOf(anchor.at)! + monoMs - anchor.monoMs) : null;
  const row: RowOf<'open'> = {
    kind: 'open',
    at,
    ...(at === null ? { boot, monoMs } : {}),
    software,
    ...(before
      ? {
          previous: {
            journal: before.journal,
            urgent: before.lanes.urgent.last,
            bulk: before.lanes.bulk.last,
            clean,
          },
        }
      : {}),
    ...(salvaged ? { salvaged } : {}),
  };
  const zero: JournalLane = { received: 0, receivedCrc: 0, gone: 0, goneCrc: 0, last: 0, lastCrc: 0 };
  const lanes = { urgent: { ...zero }, bulk: { ...zero } };
  return db
    .transaction(() => {
      db.prepare("INSERT OR REPLACE INTO about (key, value) VALUES ('van', ?)").run(van);
      const { lastInsertRowid } = db
        .prepare('INSERT INTO journals (journal, boot, previous) VALUES (?, ?, ?)')
        .run(journal, boot, before?.journal ?? null);
      const head: JournalHead = {
        n: Number(lastInsertRowid),
        journal,
        boot,
        ...(before ? { previous: before.journal } : {}),
        clean: false,
        lanes,
      };
      appendRows(db, head, lanes, [{ lane: 'urgent', row }]);
      return head;
    })
    .immediate();
}
