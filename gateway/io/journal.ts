import type { Receipt } from '../../protocol/messages.ts';
import type { Lane, Row, RowOf } from '../../protocol/rows.ts';
import { LANES } from '../../protocol/rows.ts';
import { isoOf, msOf } from '../../protocol/time.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Log } from '../../runtime/log.ts';
import { makeBallast } from './ballast.ts';
import { usedBytes } from './journalFile.ts';
import { appendRows, outboxRows, settleLane } from './journalLanes.ts';
import { openSession, type Session } from './journalOpening.ts';
import { dropBulk, dropReceived, makeRoom, putGap, uncapPages } from './journalRoom.ts';
import { type JournalHead, lastOfKind, mergedRows, type Place, rareRows } from './journalRows.ts';
import { isCorrupt } from './journalSalvage.ts';
import { quickCheck } from './quickCheck.ts';

/**
 * The van's journal and outbox (DESIGN §1.3, §5): rows are durable when `commit` returns, and leave the outbox only on
 * the depot's receipt. One writing connection; every opening mints a new journal id, so that no seq is used twice
 * whatever happens to the file.
 */

/** A row to be committed; the journal gives it its place. */
export type NewRow = { readonly lane: Lane; readonly row: Row };

/** A row as it stands in the journal. */
export type JournalRow<K extends Row['kind'] = Row['kind']> = {
  readonly journal: string;
  readonly lane: Lane;
  readonly seq: number;
  /** Bulk seq that an urgent row follows; absent on bulk rows. */
  readonly after?: number;
  readonly row: RowOf<K>;
  /** Canonical JSON text of `row`: what the CRC covers and `export` prints. */
  readonly text: string;
  /** Running CRC-32 of the lane after this row. */
  readonly crc: number;
};

export type JournalSettings = {
  readonly van: string;
  readonly software: string;
  /** Id of this boot of the machine (`bootId()`): an anchor holds for one boot. */
  readonly boot: string;
  /** How long received rows stay. */
  readonly retentionMs: number;
  /** Cap of the file with its WAL. */
  readonly maxBytes: number;
  readonly clock: Clock;
  readonly log: Log;
  /** The file was reopened in flight after an I/O error or damage: worth an alert. */
  readonly onReopened?: (why: string) => void;
};

/** The journal cannot be written, and reopening did not help: there is no service without it. */
export class JournalFailed extends Error {}
/** The disk is full and there is nothing more to drop: keep the rows and try again later. */
export class JournalFull extends Error {}

/** How far a lane goes on the van: `received` by the depot, `last` written. */
export type Extent = { readonly received: number; readonly last: number };
export type JournalExtent = { readonly journal: string; readonly lanes: Readonly<Record<Lane, Extent>> };

/** What a receipt did to a lane. `behind`: it lies below the cursor, and may not rewind it. */
export type Settled = 'same' | 'advanced' | 'behind' | 'rewound' | 'fork';

export interface Journal {
  /** Minted at this opening; a new one after a reopening in flight. */
  readonly uuid: string;
  /** How this opening went: for the alerts and the cab. */
  readonly opening: { readonly clean: boolean; readonly salvaged: boolean };
  /**
   * One transaction, durable when it returns. Rows in the order in which they were made: an urgent row carries as
   * `after` the last bulk seq before it. Throws JournalFull (nothing written) or JournalFailed.
   */
  commit(rows: readonly NewRow[]): readonly JournalRow[];
  /** The newest row of a kind over the whole file. */
  last<K extends Row['kind']>(kind: K): JournalRow<K> | undefined;
  /** Rows in order of the chain of journals, lanes merged by `after`; from just after `place` when given. */
  merged(place?: Place): Iterable<JournalRow>;
  /** Rows not yet received by the depot. */
  backlog(): { readonly rows: number; readonly urgent: number; readonly oldestAtMs?: number };
  /** Monotonic ms of the last commit: the watchdog's proof. */
  lastCommitMs(): number;
  /** Called after each commit with its rows; returns its end. */
  onCommit(listener: (rows: readonly JournalRow[]) => void): () => void;
  /** Journals in the order of their chain. */
  extents(): readonly JournalExtent[];
  /**
   * Rows of a lane from `from` on, up to `limit`, without a hole: a gap row comes first or not at all. `prevCrc` is the
   * running CRC before the first.
   */
  outbox(
    journal: string,
    lane: Lane,
    from: number,
    limit: number,
  ): { readonly prevCrc: number; readonly rows: readonly JournalRow[] };
  /** Moves the cursors by a receipt; only one that answers our `ask` may rewind. */
  settle(receipt: Receipt, mayRewind: boolean): Readonly<Record<Lane, Settled>>;
  /** Replaces a row that the depot does not take by a gap row that holds its bytes, as far as they can be sent. */
  refuse(journal: string, lane: Lane, seq: number): void;
  /** Ends cleanly: the next opening says so. */
  close(): void;
}

/** The journal on a real file. */
export type JournalFile = Journal & {
  /**
   * Reads the whole file in the background, once it serves; damage is salvaged at once, not at the next boot. Resolves
   * when that is done.
   */
  check(): Promise<void>;
  /** Rows of rare kinds, from the newest back to the first dated before `sinceMs`, in the order of `merged`. */
  rare(kinds: readonly Row['kind'][], sinceMs: number): readonly JournalRow[];
};

/** Bytes of an offender that its gap row can carry and still be sent. */
const REFUSED_BYTES_MAX = 24 * 1024;
/** Share of `maxBytes` at which rows begin to go, so that the WAL still fits. */
const FULL_SHARE = 0.9;
const MAINTAIN_EVERY_COMMITS = 64;
const ROOM_TRIES = 50;

const codeOf = (error: unknown) => (error as { code?: string }).code ?? '';

export function openJournal(path: string, settings: JournalSettings): JournalFile {
  const { clock, log } = settings;
  const ballast = makeBallast(`${path}.ballast`);
  const listeners = new Set<(rows: readonly JournalRow[]) => void>();
  let session = openSession(path, settings, ballast);
  let committedMs = clock.monotonicMs();
  let commits = 0;
  let closed = false;
  const moved = new Set<JournalHead>();
  let newestAtMs: number | undefined;
  ballast.fill();

  const headOf = (journal: string) => session.heads.find((h) => h.journal === journal);
  const nowIso = () => (newestAtMs === undefined ? null : isoOf(newestAtMs));

  /** Cursors go to the disk with the next commit: losing them costs an `ask`, not a row. */
  const saveCursors = () => {
    if (moved.size === 0) return;
    const save = session.db.prepare(
      `UPDATE journals SET urgent_received = ?, urgent_received_crc = ?, bulk_received = ?, bulk_received_crc = ?
       WHERE n = ?`,
    );
    for (const { n, lanes } of moved)
      save.run(
        lanes.urgent.received,
        lanes.urgent.receivedCrc,
        lanes.bulk.received,
        lanes.bulk.receivedCrc,
        n,
      );
  };

  const write = (rows: readonly NewRow[]): JournalRow[] => {
    const { db, head } = session;
    const lanes = structuredClone(head.lanes);
    const committed = db
      .transaction(() => {
        saveCursors();
        return appendRows(db, head, lanes, rows);
      })
      .immediate();
    Object.assign(head.lanes, lanes);
    moved.clear();
    return committed;
  };

  const writeMakingRoom = (rows: readonly NewRow[]): JournalRow[] => {
    for (let tries = 0; ; tries++) {
      try {
        return write(rows);
      } catch (error) {
        if (codeOf(error) !== 'SQLITE_FULL') throw error;
        if (tries === 0) log.error({ path }, 'disk full');
        const released = ballast.release();
        if ((!makeRoom(session.db, session.heads, nowIso()) && !released) || tries >= ROOM_TRIES)
          throw new JournalFull('disk full, nothing more to drop');
      }
    }
  };

  /** After an error on sync nothing is certain: what the disk says counts, read back by a new connection. */
  const reopen = (why: string, damaged = false): JournalHead => {
    const failed = session.head;
    try {
      session.db.close();
    } catch {}
    moved.clear();
    session = openSession(path, settings, ballast, damaged);
    log.error({ why, journal: session.head.journal }, 'journal reopened');
    settings.onReopened?.(why);
    return failed;
  };

  /** A read that meets damage salvages the file and is done once more. */
  const healing = <T>(read: () => T): T => {
    try {
      return read();
    } catch (error) {
      if (closed || !isCorrupt(error)) throw error;
      reopen(codeOf(error), true);
      return read();
    }
  };

  function* merged(place?: Place): Generator<JournalRow> {
    let last = place;
    try {
      for (const row of mergedRows(session.db, place)) {
        last = row;
        yield row;
      }
    } catch (error) {
      if (closed || !isCorrupt(error)) throw error;
      reopen(codeOf(error), true);
      yield* mergedRows(session.db, last);
    }
  }

  const commitOrReopen = (rows: readonly NewRow[]): JournalRow[] => {
    try {
      return writeMakingRoom(rows);
    } catch (error) {
      if (error instanceof JournalFull || !/^SQLITE_/.test(codeOf(error))) throw error;
      try {
        const failed = reopen(codeOf(error), isCorrupt(error));
        return landed(session, failed, rows) ?? writeMakingRoom(rows);
      } catch (again) {
        if (again instanceof JournalFull) throw again;
        throw new JournalFailed(`${codeOf(error)}, then ${String(again)}`);
      }
    }
  };

  const maintain = () => {
    const { db, heads } = session;
    if (ballast.fill()) uncapPages(db);
    const over = () => usedBytes(db) > settings.maxBytes * FULL_SHARE;
    if (newestAtMs !== undefined) {
      const before = newestAtMs - settings.retentionMs;
      db.transaction(() => dropReceived(db, heads, before)).immediate();
    }
    for (let n = 0; n < 8 && over(); n++)
      if (
        !db
          .transaction(() => dropReceived(db, heads) || dropBulk(db, heads, 'size_cap', nowIso()))
          .immediate()
      )
        break;
  };

  return {
    get uuid() {
      return session.head.journal;
    },
    get opening() {
      return { clean: session.clean, salvaged: session.salvaged };
    },
    commit(rows) {
      if (rows.length === 0) return [];
      const committed = commitOrReopen(rows);
      committedMs = clock.monotonicMs();
      for (const { row } of committed) {
        const at = 'at' in row && typeof row.at === 'string' ? msOf(row.at) : undefined;
        if (at !== undefined && (newestAtMs === undefined || at > newestAtMs)) newestAtMs = at;
      }
      if (commits++ % MAINTAIN_EVERY_COMMITS === 0) maintain();
      for (const listener of listeners) listener(committed);
      return committed;
    },
    last: <K extends Row['kind']>(kind: K) =>
      healing(() => lastOfKind(session.db, kind)) as JournalRow<K> | undefined,
    merged,
    rare: (kinds, sinceMs) => healing(() => rareRows(session.db, kinds, sinceMs)),
    backlog() {
      const lanes = session.heads.map((h) => h.lanes);
      const waiting = (lane: Lane) =>
        lanes.reduce((sum, l) => sum + Math.max(0, l[lane].last - l[lane].received), 0);
      const oldestAtMs = healing(() => oldestUnreceived(session));
      return {
        rows: waiting('urgent') + waiting('bulk'),
        urgent: waiting('urgent'),
        ...(oldestAtMs === undefined ? {} : { oldestAtMs }),
      };
    },
    lastCommitMs: () => committedMs,
    onCommit(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    extents: () => session.heads.map(({ journal, lanes }) => ({ journal, lanes })),
    outbox(journal, lane, from, limit) {
      return healing(() => {
        const head = headOf(journal);
        return head ? outboxRows(session.db, head, lane, from, limit) : { prevCrc: 0, rows: [] };
      });
    },
    settle(receipt, mayRewind) {
      const head = headOf(receipt.journal);
      const settled = { urgent: 'same', bulk: 'same' } as Record<Lane, Settled>;
      if (!head) return settled;
      for (const lane of LANES) {
        settled[lane] = settleLane(session.db, head, lane, receipt.lanes[lane], mayRewind, nowIso());
        if (settled[lane] === 'advanced' || settled[lane] === 'rewound') moved.add(head);
      }
      // What the depot has lost must not be forgotten: nobody would ask about it again.
      if (settled.urgent === 'rewound' || settled.bulk === 'rewound') {
        session.db.transaction(saveCursors).immediate();
        moved.clear();
      }
      return settled;
    },
    refuse(journal, lane, seq) {
      const head = headOf(journal);
      const row = head && outboxRows(session.db, head, lane, seq, 1).rows[0];
      if (!head || !row) return;
      const from = row.row.kind === 'gap' ? row.row.from : seq;
      const bytes = Buffer.from(row.text);
      const { db } = session;
      db.transaction(() =>
        putGap(db, head, lane, {
          from,
          to: seq,
          crc: row.crc,
          reason: 'refused',
          at: nowIso(),
          ...(bytes.length <= REFUSED_BYTES_MAX ? { bytes: bytes.toString('base64') } : {}),
        }),
      ).immediate();
      log.error({ journal, lane, seq }, 'row refused by the depot, named by a gap row');
    },
    async check() {
      const found = await quickCheck(path).catch((error: unknown) => [String(error)]);
      if (found.length === 0 || closed) return;
      log.error({ found }, 'journal damaged');
      reopen('quick_check', true);
    },
    close() {
      closed = true;
      const { db, head } = session;
      try {
        db.transaction(() => {
          saveCursors();
          db.prepare('UPDATE journals SET clean = 1 WHERE n = ?').run(head.n);
        }).immediate();
      } finally {
        db.close();
      }
    },
  };
}

export type { Place };

/** The rows, when the transaction that reported an error is on the disk all the same. */
function landed(
  { db, heads }: Session,
  failed: JournalHead,
  rows: readonly NewRow[],
): JournalRow[] | undefined {
  const head = heads.find((h) => h.journal === failed.journal);
  const grown = head && LANES.some((lane) => head.lanes[lane].last > failed.lanes[lane].last);
  if (!head || !grown) return undefined;
  const next = { urgent: failed.lanes.urgent.last, bulk: failed.lanes.bulk.last };
  return rows.map(({ lane }) => outboxRows(db, head, lane, ++next[lane], 1).rows[0]!);
}

function oldestUnreceived({ db, heads }: Session): number | undefined {
  for (const head of heads)
    for (const lane of LANES) {
      const { received, last } = head.lanes[lane];
      if (received >= last) continue;
      const row = outboxRows(db, head, lane, received + 1, 1).rows[0]?.row;
      const at = row && 'at' in row && typeof row.at === 'string' ? msOf(row.at) : undefined;
      if (at !== undefined) return at;
    }
  return undefined;
}
