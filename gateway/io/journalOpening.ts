import type { Database } from 'better-sqlite3';
import type { RowOf } from '../../protocol/rows.ts';
import { isoOf, msOf } from '../../protocol/time.ts';
import type { Ballast } from './ballast.ts';
import type { JournalSettings } from './journal.ts';
import { openForWriting } from './journalFile.ts';
import { appendRows } from './journalLanes.ts';
import { makeRoom } from './journalRoom.ts';
import { type JournalHead, type JournalLane, lastOfKind, readHeads } from './journalRows.ts';
import { isCorrupt, salvage, verifyUnreceived } from './journalSalvage.ts';

/** One opening of the file for writing: the connection, the journals in it, and the new one that it began. */
export type Session = {
  readonly db: Database;
  readonly heads: readonly JournalHead[];
  readonly head: JournalHead;
  readonly clean: boolean;
  readonly salvaged: boolean;
};

/** The file opened, verified or salvaged, and a new journal begun in it. */
export function openSession(path: string, settings: JournalSettings, ballast: Ballast): Session {
  let db: Database;
  let heads: JournalHead[];
  let salvaged = false;
  let opened: Database | undefined;
  try {
    opened = openForWriting(path);
    db = opened;
    heads = readHeads(db);
    verifyUnreceived(db, heads);
  } catch (error) {
    if (!isCorrupt(error)) throw error;
    opened?.close();
    const { db: fresh, aside, taken } = salvage(path);
    settings.log.error({ aside, taken, error: String(error) }, 'journal corrupt, moved aside');
    db = fresh;
    heads = readHeads(db);
    salvaged = true;
  }
  const before = heads.reduce<JournalHead | undefined>((a, b) => (a && a.n > b.n ? a : b), undefined);
  const clean = !salvaged && (before?.clean ?? true);
  const begin = () => beginJournal(db, settings, before, clean, salvaged);
  let head: JournalHead;
  try {
    head = begin();
  } catch (error) {
    if ((error as { code?: string }).code !== 'SQLITE_FULL') throw error;
    ballast.release();
    makeRoom(db, heads, null);
    head = begin();
  }
  return { db, heads: [...heads, head], head, clean, salvaged };
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
