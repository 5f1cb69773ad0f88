import {
  type Journal,
  JournalFull,
  type JournalRow,
  type JournalSettings,
  type NewRow,
  type Settled,
} from '../../gateway/io/journal.ts';
import { canonicalText, chainOrder, gapAt, runCrc } from '../../protocol/canonical.ts';
import type { Receipt } from '../../protocol/messages.ts';
import { LANES, type Lane, type Row, type RowOf } from '../../protocol/rows.ts';
import { isoOf, msOf } from '../../protocol/time.ts';
import type { Random } from '../../simulators/random.ts';
import { type Card, Killed } from './card.ts';

/**
 * A journal in memory that keeps the promises of gateway/io/journal.ts, on a disk that need not keep its own. That the
 * two agree is shown by fidelity.test.ts.
 */
type ModelLane = {
  received: number;
  receivedCrc: number;
  gone: number;
  goneCrc: number;
  last: number;
  lastCrc: number;
  rows: JournalRow[];
};
type Head = {
  readonly journal: string;
  readonly boot: string;
  readonly previous?: string;
  clean: boolean;
  readonly lanes: Record<Lane, ModelLane>;
};
type Content = { heads: Head[]; salvage: boolean; readonly kept: Map<string, JournalRow> };
/** What one transaction does: applied to what is there, and again to what a power cut left. */
type Change = (content: Content) => void;
type Cursors = Record<Lane, { received: number; receivedCrc: number }>;

const DROP_ROWS = 500;
const MAINTAIN_EVERY = 64;
const REFUSED_BYTES_MAX = 24 * 1024;
const ROW_BYTES = 40;
const RARE = ['agenda', 'settings', 'snapshot', 'anchor', 'duty'];

const emptyLane = (): ModelLane => ({
  received: 0,
  receivedCrc: 0,
  gone: 0,
  goneCrc: 0,
  last: 0,
  lastCrc: 0,
  rows: [],
});
const copyOf = ({ heads, salvage, kept }: Content): Content => ({
  salvage,
  kept: new Map(kept),
  heads: heads.map((h) => ({
    ...h,
    lanes: {
      urgent: { ...h.lanes.urgent, rows: [...h.lanes.urgent.rows] },
      bulk: { ...h.lanes.bulk, rows: [...h.lanes.bulk.rows] },
    },
  })),
});

/** Index of the first row at or behind `seq`. */
export function indexAt(rows: readonly { readonly seq: number }[], seq: number): number {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rows[middle]!.seq < seq) low = middle + 1;
    else high = middle;
  }
  return low;
}

function crcAt(lane: ModelLane, seq: number): number | undefined {
  if (seq === 0) return 0;
  if (seq === lane.gone) return lane.goneCrc;
  if (seq === lane.received) return lane.receivedCrc;
  const row = lane.rows[indexAt(lane.rows, seq)];
  return row?.seq === seq ? row.crc : undefined;
}

const bytesOf = (rows: readonly JournalRow[]) => rows.reduce((sum, r) => sum + r.text.length + ROW_BYTES, 0);
const timeOf = (row: Row) => ('at' in row && typeof row.at === 'string' ? msOf(row.at) : undefined);

export function makeModelCard(random: Random): Card {
  let content: Content = { heads: [], salvage: false, kept: new Map() };
  /** What the disk really holds, while it lies: `content` less the changes that it only says it has. */
  let really: { base: Content; changes: Change[] } | undefined;
  let lying = false;
  let isFull = false;
  let room = 0;
  let syncError: { landed: boolean } | undefined;
  let death: { landed: boolean } | undefined;

  /** One transaction, as durable as the disk is honest. */
  const change = (apply: Change) => {
    apply(content);
    if (lying) really?.changes.push(apply);
    else really = undefined;
  };
  const headOf = (c: Content, journal: string) => c.heads.find((h) => h.journal === journal);

  function open(settings: JournalSettings): Journal {
    const listeners = new Set<(rows: readonly JournalRow[]) => void>();
    const moved = new Map<string, Cursors>();
    let opening = { clean: true, salvaged: false };
    let uuid = begin();
    let committedMs = settings.clock.monotonicMs();
    let commits = 0;
    let newestAtMs: number | undefined;
    const nowIso = () => (newestAtMs === undefined ? null : isoOf(newestAtMs));

    function begin(): string {
      const { clock, boot, software } = settings;
      const salvaged = content.salvage;
      const before = content.heads.at(-1);
      const clean = !salvaged && (before?.clean ?? true);
      opening = { clean, salvaged };
      const journal = crypto.randomUUID();
      const monoMs = clock.monotonicMs();
      const anchor = last('anchor')?.row;
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
      change((c) => {
        c.salvage = false;
        c.heads.push({
          journal,
          boot,
          ...(before ? { previous: before.journal } : {}),
          clean: false,
          lanes: { urgent: emptyLane(), bulk: emptyLane() },
        });
        append(c, journal, [{ lane: 'urgent', row }]);
      });
      return journal;
    }

    function last<K extends Row['kind']>(kind: K): JournalRow<K> | undefined {
      for (const { lanes } of [...chainOrder(content.heads)].reverse())
        for (const lane of ['bulk', 'urgent'] as const) {
          const found = lanes[lane].rows.findLast((r) => r.row.kind === kind);
          if (found) return found as JournalRow as never;
        }
      return content.kept.get(kind) as never;
    }

    /** The daemon's view: cursors that no commit has saved yet are its own. */
    const cursorOf = (head: Head, lane: Lane) => moved.get(head.journal)?.[lane] ?? head.lanes[lane];
    const saveCursors: (saved: ReadonlyMap<string, Cursors>) => Change = (saved) => (c) => {
      for (const [journal, cursors] of saved) {
        const head = headOf(c, journal);
        if (head) for (const lane of LANES) Object.assign(head.lanes[lane], cursors[lane]);
      }
    };

    function dropReceived(beforeMs?: number): boolean {
      for (const head of content.heads)
        for (const lane of LANES) {
          const { rows } = head.lanes[lane];
          let upTo: number | undefined;
          for (const [seen, { seq, row }] of rows.entries()) {
            if (seq > cursorOf(head, lane).received || seen >= DROP_ROWS) break;
            const at = timeOf(row);
            if (beforeMs !== undefined && at !== undefined && at >= beforeMs) break;
            if (beforeMs === undefined || at !== undefined) upTo = seq;
          }
          if (upTo === undefined) continue;
          const { journal } = head;
          change((c) => {
            const own = headOf(c, journal)?.lanes[lane];
            if (!own) return;
            const end = indexAt(own.rows, upTo + 1);
            const gone = own.rows.splice(0, end);
            for (const r of gone) if (RARE.includes(r.row.kind)) c.kept.set(r.row.kind, r);
            const front = gone.at(-1);
            if (front) Object.assign(own, { gone: front.seq, goneCrc: front.crc });
            room += bytesOf(gone);
          });
          return true;
        }
      return false;
    }

    function dropBulk(reason: RowOf<'gap'>['reason']): boolean {
      for (const head of content.heads) {
        const { last, lastCrc, rows } = head.lanes.bulk;
        const { received } = cursorOf(head, 'bulk');
        if (received >= last) continue;
        const start = indexAt(rows, received + 1);
        const to = rows[start + DROP_ROWS] ?? { seq: last, crc: lastCrc };
        if (indexAt(rows, to.seq + 1) - start <= 1) continue;
        putGap(head.journal, 'bulk', { from: received + 1, to: to.seq, crc: to.crc, reason, at: nowIso() });
        return true;
      }
      return false;
    }

    function putGap(
      journal: string,
      lane: Lane,
      {
        from,
        to,
        crc,
        reason,
        at,
        bytes,
      }: {
        from: number;
        to: number;
        crc: number;
        reason: RowOf<'gap'>['reason'];
        at: string | null;
        bytes?: string;
      },
    ): void {
      const row: RowOf<'gap'> = {
        kind: 'gap',
        at,
        lane,
        journal,
        from,
        to,
        reason,
        crc,
        ...(bytes === undefined ? {} : { bytes }),
      };
      change((c) => {
        const head = headOf(c, journal);
        if (!head) return;
        const { rows } = head.lanes[lane];
        const after = head.lanes.urgent.rows.findLast((r) => r.seq <= to)?.after ?? 0;
        const start = indexAt(rows, from);
        const gone = rows.splice(start, indexAt(rows, to + 1) - start, {
          journal,
          lane,
          seq: to,
          ...(lane === 'urgent' ? { after } : {}),
          row,
          text: JSON.stringify(row),
          crc,
        });
        room += bytesOf(gone);
      });
    }

    function append(c: Content, journal: string, rows: readonly NewRow[]): JournalRow[] {
      const lanes = headOf(c, journal)!.lanes;
      return rows.map(({ lane, row }) => {
        const own = lanes[lane];
        const text = canonicalText(row);
        const seq = own.last + 1;
        const crc = runCrc(own.lastCrc, lane, seq, text);
        const after = lane === 'urgent' ? lanes.bulk.last : undefined;
        const placed: JournalRow = {
          journal,
          lane,
          seq,
          ...(after === undefined ? {} : { after }),
          row,
          text,
          crc,
        };
        own.rows.push(placed);
        Object.assign(own, { last: seq, lastCrc: crc });
        return placed;
      });
    }

    function write(rows: readonly NewRow[]): readonly JournalRow[] {
      if (isFull) {
        const needed = rows.reduce((sum, { row }) => sum + JSON.stringify(row).length + ROW_BYTES, 0);
        while (room < needed)
          if (!dropReceived() && !dropBulk('disk_full'))
            throw new JournalFull('disk full, nothing more to drop');
        room -= needed;
      }
      let placed: readonly JournalRow[] = [];
      const saved = new Map(moved);
      moved.clear();
      change((c) => {
        saveCursors(saved)(c);
        // A disk that has lost the opening of this journal has lost its rows too.
        if (headOf(c, uuid)) placed = append(c, uuid, rows);
      });
      return placed;
    }

    function commitOrReopen(rows: readonly NewRow[]): readonly JournalRow[] {
      if (death) {
        const { landed } = death;
        death = undefined;
        if (landed) write(rows);
        throw new Killed();
      }
      if (!syncError) return write(rows);
      const { landed } = syncError;
      syncError = undefined;
      const placed = landed ? write(rows) : undefined;
      moved.clear();
      uuid = begin();
      settings.onReopened?.('SQLITE_IOERR_FSYNC');
      return placed ?? write(rows);
    }

    function maintain(): void {
      if (newestAtMs !== undefined) dropReceived(newestAtMs - settings.retentionMs);
      const used = () =>
        content.heads.reduce((sum, h) => sum + bytesOf(h.lanes.urgent.rows) + bytesOf(h.lanes.bulk.rows), 0);
      for (let n = 0; n < 8 && used() > settings.maxBytes * 0.9; n++)
        if (!dropReceived() && !dropBulk('size_cap')) break;
    }

    const extentOf = (head: Head, lane: Lane) => ({
      received: cursorOf(head, lane).received,
      last: head.lanes[lane].last,
    });
    const settleLane = (
      head: Head,
      lane: Lane,
      { upTo, crc }: Receipt['lanes'][Lane],
      mayRewind: boolean,
    ): Settled => {
      const own = head.lanes[lane];
      const cursor = cursorOf(head, lane);
      const target = Math.min(upTo, own.last);
      if (target === upTo) {
        const ours = upTo === cursor.received && upTo > 0 ? cursor.receivedCrc : crcAt(own, upTo);
        if (ours !== undefined && ours !== crc) return 'fork';
      }
      if (target === cursor.received) return 'same';
      const move = (received: number, receivedCrc: number) => {
        const both = moved.get(head.journal) ?? {
          urgent: { received: cursorOf(head, 'urgent').received, receivedCrc: head.lanes.urgent.receivedCrc },
          bulk: { received: cursorOf(head, 'bulk').received, receivedCrc: head.lanes.bulk.receivedCrc },
        };
        moved.set(head.journal, { ...both, [lane]: { received, receivedCrc } });
      };
      if (target > cursor.received) {
        move(target, crcAt(own, target) ?? crc);
        return 'advanced';
      }
      if (!mayRewind) return 'behind';
      if (upTo < own.gone) {
        putGap(head.journal, lane, {
          from: upTo + 1,
          to: own.gone,
          crc: own.goneCrc,
          reason: 'retention',
          at: nowIso(),
        });
        change((c) => {
          const there = headOf(c, head.journal)?.lanes[lane];
          if (there) Object.assign(there, { gone: upTo, goneCrc: crc });
        });
      }
      move(upTo, crc);
      return 'rewound';
    };

    function outbox(journal: string, lane: Lane, from: number, limit: number) {
      const own = headOf(content, journal)?.lanes[lane];
      if (!own) return { prevCrc: 0, rows: [] };
      const start = indexAt(own.rows, from);
      const rows: JournalRow[] = [];
      for (let i = start; i < own.rows.length && rows.length < limit; i++) {
        const row = own.rows[i]!;
        if (rows.length > 0 && gapAt(lane, row.seq, row.text)) break;
        rows.push(row);
      }
      const [first] = rows;
      if (!first) return { prevCrc: 0, rows };
      const before = (gapAt(lane, first.seq, first.text)?.from ?? first.seq) - 1;
      const cursor = cursorOf(headOf(content, journal)!, lane);
      return {
        prevCrc: (before > 0 && before === cursor.received ? cursor.receivedCrc : crcAt(own, before)) ?? 0,
        rows,
      };
    }

    const journal = {
      get uuid() {
        return uuid;
      },
      get opening() {
        return opening;
      },
      commit(rows) {
        if (rows.length === 0) return [];
        const committed = commitOrReopen(rows);
        committedMs = settings.clock.monotonicMs();
        for (const { row } of committed) {
          const at = timeOf(row);
          if (at !== undefined && (newestAtMs === undefined || at > newestAtMs)) newestAtMs = at;
        }
        if (commits++ % MAINTAIN_EVERY === 0) maintain();
        for (const listener of listeners) listener(committed);
        return committed;
      },
      last,
      *merged() {
        for (const { lanes } of chainOrder(content.heads)) {
          let u = 0;
          const urgent = lanes.urgent.rows;
          for (const row of lanes.bulk.rows) {
            while (u < urgent.length && urgent[u]!.after! < row.seq) yield urgent[u++]!;
            yield row;
          }
          while (u < urgent.length) yield urgent[u++]!;
        }
      },
      backlog() {
        let [rows, urgent] = [0, 0];
        for (const head of content.heads)
          for (const lane of LANES) {
            const waiting = Math.max(0, head.lanes[lane].last - cursorOf(head, lane).received);
            rows += waiting;
            if (lane === 'urgent') urgent += waiting;
          }
        return { rows, urgent };
      },
      lastCommitMs: () => committedMs,
      onCommit(listener) {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
      extents: () =>
        chainOrder(content.heads.slice(0, -1))
          .concat(content.heads.slice(-1))
          .map((head) => ({
            journal: head.journal,
            lanes: { urgent: extentOf(head, 'urgent'), bulk: extentOf(head, 'bulk') },
          })),
      outbox,
      settle(receipt, mayRewind) {
        const settled: Record<Lane, Settled> = { urgent: 'same', bulk: 'same' };
        const head = headOf(content, receipt.journal);
        if (head)
          for (const lane of LANES) settled[lane] = settleLane(head, lane, receipt.lanes[lane], mayRewind);
        if (settled.urgent === 'rewound' || settled.bulk === 'rewound') {
          change(saveCursors(new Map(moved)));
          moved.clear();
        }
        return settled;
      },
      refuse(journal, lane, seq) {
        const row = outbox(journal, lane, seq, 1).rows[0];
        if (!row) return;
        const bytes = Buffer.from(row.text);
        putGap(journal, lane, {
          from: row.row.kind === 'gap' ? row.row.from : seq,
          to: seq,
          crc: row.crc,
          reason: 'refused',
          at: nowIso(),
          ...(bytes.length <= REFUSED_BYTES_MAX ? { bytes: bytes.toString('base64') } : {}),
        });
      },
      async check() {},
      close() {
        const saved = new Map(moved);
        change((c) => {
          saveCursors(saved)(c);
          const head = headOf(c, uuid);
          if (head) head.clean = true;
        });
      },
    } satisfies Partial<Journal> & Record<string, unknown>;
    return journal as Journal;
  }

  return {
    open,
    kill() {
      death = undefined;
      syncError = undefined;
    },
    cut() {
      if (really) {
        const kept = Math.floor(random.next() * (really.changes.length + 1));
        content = really.base;
        for (const apply of really.changes.slice(0, kept)) apply(content);
        really = lying ? { base: copyOf(content), changes: [] } : undefined;
      }
    },
    copy: () => copyOf(content),
    put(copy) {
      content = copy === undefined ? { heads: [], salvage: false, kept: new Map() } : copyOf(copy as Content);
      really = lying ? { base: copyOf(content), changes: [] } : undefined;
    },
    extents: () =>
      new Map(
        content.heads.map((h) => [h.journal, { urgent: h.lanes.urgent.last, bulk: h.lanes.bulk.last }]),
      ),
    full(on) {
      isFull = on;
      room = 0;
    },
    failSync(landed) {
      syncError = { landed };
    },
    killWithin(landed) {
      death = { landed };
    },
    lie(on) {
      lying = on;
      if (on) really ??= { base: copyOf(content), changes: [] };
    },
    rot() {
      const heads = content.heads.filter((h) => h.lanes.bulk.rows.length > 3);
      const head = heads[Math.floor(random.next() * heads.length)];
      if (!head) return false;
      const { rows } = head.lanes.bulk;
      const from = Math.floor(random.next() * (rows.length - 1));
      const lost = rows.splice(from, 1 + Math.floor(random.next() * (rows.length - from - 1)));
      const [first, end] = [lost[0]!, lost.at(-1)!];
      const next = rows[from];
      if (next) {
        const begins = gapAt('bulk', first.seq, first.text)?.from ?? first.seq;
        const row: RowOf<'gap'> = {
          kind: 'gap',
          at: null,
          lane: 'bulk',
          journal: head.journal,
          from: begins,
          to: end.seq,
          reason: 'corrupt',
          crc: end.crc,
        };
        rows.splice(from, 0, {
          journal: head.journal,
          lane: 'bulk',
          seq: end.seq,
          row,
          text: JSON.stringify(row),
          crc: end.crc,
        });
      } else {
        const tail = rows.at(-1) ?? { seq: head.lanes.bulk.gone, crc: head.lanes.bulk.goneCrc };
        Object.assign(head.lanes.bulk, { last: tail.seq, lastCrc: tail.crc });
      }
      content.salvage = true;
      really = lying ? { base: copyOf(content), changes: [] } : undefined;
      return true;
    },
    dispose() {},
  };
}
