import type { FeedEvent } from '../../dashboard/core/feed.ts';
import type { VanMessage } from '../../dashboard/io/broker.ts';
import type { Stored } from '../../dashboard/io/store/store.ts';
import type { Journal, JournalRow, NewRow, Settled } from '../../gateway/io/journal.ts';
import { canonicalText, gapAt } from '../../protocol/canonical.ts';
import { Receipt } from '../../protocol/messages.ts';
import { LANES, type Lane, type Row, type RowOf } from '../../protocol/rows.ts';
import type { VanLeaf } from '../../protocol/topics.ts';
import { type Extents, keyOf } from './card.ts';
import type { HeldRow } from './depotSide.ts';
import type { World } from './world.ts';

/**
 * The history of what each van committed, against what the depot holds, in the manner of Jepsen: at each event what
 * must never be, at the end what must be. The first violation ends the run.
 */
export type Violation = {
  /** lost, duplicated, reordered, phantom, early receipt, … (facts/campaigns.md §2). */
  readonly kind: string;
  readonly detail: string;
  readonly atMs: number;
  readonly lines: readonly string[];
};

type Committed = {
  readonly text: string;
  /** The van's card does not hold it any more, through no fault of the code. */
  vanLost: boolean;
  /** At some moment neither side held it. */
  excused: boolean;
  /** A gap row that the depot took has named it as gone. */
  named?: true;
};
type Outgoing = {
  /** Of the urgent lane, by journal: committed, published in this connection, received. */
  readonly committed: Map<string, number>;
  readonly sent: Map<string, number>;
  readonly received: Map<string, number>;
  readonly answered: Set<string>;
  stalled: boolean;
};

const HOLES: Readonly<Record<Lane, readonly RowOf<'gap'>['reason'][]>> = {
  bulk: ['retention', 'disk_full', 'size_cap', 'corrupt'],
  urgent: ['retention', 'corrupt'],
};

const short = (journal: string) => journal.slice(0, 8);

export function makeChecker(world: World) {
  let violation: Violation | undefined;
  const histories = new Map<string, Map<string, Committed>>();
  /** Rows made and not known to be committed: a process that dies within a commit leaves some of them. */
  const made = new Map<string, Set<string>>();
  const openings = new Set<string>();
  let depot = new Map<string, string>();
  /** Cursor of the depot now, and the highest it ever was, by `van journal lane`. */
  let cursors = new Map<string, number>();
  const highest = new Map<string, number>();
  /** Identity of each fact at the depot, by van and text. */
  const facts = new Map<string, string>();
  const outgoing = new Map<string, Outgoing>();
  const sms = new Map<string, number>();
  const counts: Record<string, number> = {};
  const count = (what: string, by = 1) => {
    counts[what] = (counts[what] ?? 0) + by;
  };

  const fail = (kind: string, detail: string) => {
    if (violation) return;
    world.trace(`VIOLATION ${kind}: ${detail}`);
    violation = { kind, detail, atMs: world.now(), lines: world.lines.slice(-40) };
    world.stop();
  };
  const historyOf = (van: string) => {
    let history = histories.get(van);
    if (!history) histories.set(van, (history = new Map()));
    return history;
  };
  const outgoingOf = (van: string): Outgoing => {
    let own = outgoing.get(van);
    if (!own) {
      own = {
        committed: new Map(),
        sent: new Map(),
        received: new Map(),
        answered: new Set(),
        stalled: false,
      };
      outgoing.set(van, own);
    }
    return own;
  };
  const isFact = (row: Row) => row.kind !== 'open' && row.kind !== 'gap';

  function note(
    van: string,
    { journal, lane, seq, text }: Pick<JournalRow, 'journal' | 'lane' | 'seq' | 'text'>,
  ): void {
    const history = historyOf(van);
    const key = keyOf(journal, lane, seq);
    if (history.has(key)) return fail('seq used twice', `${van} ${key}`);
    history.set(key, { text, vanLost: false, excused: false });
    if (lane === 'urgent') outgoingOf(van).committed.set(journal, seq);
  }

  /** Rows named by a gap row that the depot took: allowed reasons only, and nothing that it should have had. */
  function checkGap(van: string, key: string, lane: Lane, gap: RowOf<'gap'>): void {
    const { from, to, reason, journal } = gap;
    if (!HOLES[lane].includes(reason))
      return fail('lost', `${van} ${key}: ${reason} in the ${lane} lane, ${from} to ${to}`);
    const had = highest.get(`${van} ${journal} ${lane}`) ?? 0;
    if (reason === 'retention' && had < to)
      fail('lost', `${van} ${key}: dropped for its retention, but the depot had only ${had} of ${to}`);
    for (let seq = from; seq <= to; seq++) {
      const row = historyOf(van).get(keyOf(journal, lane, seq));
      if (row) row.named = true;
    }
    count(`gap ${reason}`);
  }

  function checkHeld(
    van: string,
    row: { journal: string; lane: Lane; seq: number; text: string; row: Row },
  ): void {
    const { journal, lane, seq, text } = row;
    const key = keyOf(journal, lane, seq);
    if (row.row.kind === 'gap' && row.row.lane === lane) return checkGap(van, key, lane, row.row);
    const committed = historyOf(van).get(key);
    if (!committed) {
      if (!made.get(van)?.has(text) && !(row.row.kind === 'open' && seq === 1))
        return fail('phantom', `${van} ${key}: ${text}`);
      historyOf(van).set(key, { text, vanLost: false, excused: false });
    } else if (committed.text !== text)
      return fail('phantom', `${van} ${key}: ${text} in place of ${committed.text}`);
    if (!isFact(row.row)) return;
    const fact = `${van} ${text}`;
    const known = facts.get(fact);
    if (known !== undefined && known !== key)
      return fail('duplicated', `${van} ${text}: ${known} and ${key}`);
    facts.set(fact, key);
  }

  return {
    fail,
    count,
    counts,
    violation: () => violation,

    // ── the van ──────────────────────────────────────────────────────────────────────────────────────────────
    madeRows(van: string, rows: readonly NewRow[]) {
      let own = made.get(van);
      if (!own) made.set(van, (own = new Set()));
      for (const { row } of rows) own.add(canonicalText(row));
    },
    committed(van: string, rows: readonly JournalRow[]) {
      for (const row of rows) {
        note(van, row);
        made.get(van)?.delete(row.text);
      }
      count('rows', rows.length);
      const end = rows.at(-1)!;
      world.trace(`${van} commits ${rows.length}: ${short(end.journal)} ${end.lane} ${end.seq}`);
    },
    /** The first row of a journal says how the one before it ended. */
    opened(van: string, journal: Journal, wasClean: boolean) {
      if (openings.has(journal.uuid)) return;
      openings.add(journal.uuid);
      const [first] = journal.outbox(journal.uuid, 'urgent', 1, 1).rows;
      if (first?.seq !== 1) return fail('lost', `${van}: journal without its opening`);
      note(van, first);
      const { previous } = first.row as RowOf<'open'>;
      if (previous?.clean && !wasClean) fail('silent loss', `${van}: an unclean end told as clean`);
      count('openings');
      world.trace(`${van} opens ${short(journal.uuid)}`);
    },
    /** Rows that the card lost through no fault of the code. */
    vanLost(van: string, before: Extents, after: Extents) {
      for (const [key, row] of historyOf(van)) {
        const [journal, lane, seq] = key.split(' ') as [string, Lane, string];
        const has = Number(seq) <= (after.get(journal)?.[lane] ?? 0);
        if (has || Number(seq) <= (before.get(journal)?.[lane] ?? 0)) row.vanLost = !has;
        if (has || !row.vanLost) continue;
        if (!depot.has(`${van} ${key}`)) row.excused = true;
        count('rows lost by cards');
      }
      outgoingOf(van).committed.clear();
    },
    connected(van: string) {
      const own = outgoingOf(van);
      own.sent.clear();
      own.answered.clear();
      own.stalled = false;
    },
    published(van: string, leaf: VanLeaf, payload: Uint8Array, unacked: number, most: number) {
      if (unacked > most) fail('unbounded', `${van}: ${unacked} batches in flight, ${most} allowed`);
      count(`${leaf} messages`);
      const own = outgoingOf(van);
      if (leaf === 'urgent') {
        const { journal, rows } = JSON.parse(Buffer.from(payload).toString()) as {
          journal: string;
          rows: { seq: number }[];
        };
        own.sent.set(journal, Math.max(own.sent.get(journal) ?? 0, rows.at(-1)!.seq));
      }
      if (leaf !== 'bulk' || own.stalled) return;
      for (const journal of own.answered) {
        const left = Math.max(own.sent.get(journal) ?? 0, own.received.get(journal) ?? 0);
        if ((own.committed.get(journal) ?? 0) > left)
          fail('urgent behind backlog', `${van} ${journal}: bulk goes while urgent ${left + 1} waits`);
      }
    },
    settled(
      van: string,
      receipt: Receipt,
      toAsk: boolean,
      journal: Journal,
      outcomes: Readonly<Record<Lane, Settled>>,
    ) {
      const own = outgoingOf(van);
      const id = receipt.journal;
      const extent = journal.extents().find((e) => e.journal === id);
      for (const lane of LANES) {
        const { received = 0 } = extent?.lanes[lane] ?? {};
        if (outcomes[lane] !== 'same')
          world.trace(`${van} ${outcomes[lane]}: ${short(id)} ${lane} ${received}`);
        if (outcomes[lane] === 'fork') fail('fork', `${van} ${id} ${lane}`);
        if (received > (highest.get(`${van} ${id} ${lane}`) ?? 0))
          fail('early receipt', `${van} ${id} ${lane}: ${received} received, the depot never had it`);
        if (outcomes[lane] === 'behind') own.answered.delete(id);
        if (lane !== 'urgent') continue;
        own.received.set(id, received);
        if (outcomes[lane] === 'rewound') own.sent.set(id, received);
      }
      if (toAsk && outcomes.urgent !== 'behind' && outcomes.bulk !== 'behind') own.answered.add(id);
      if (receipt.ask === undefined && outcomes.urgent === 'same' && outcomes.bulk === 'same')
        own.stalled = true;
    },
    smsSent(van: string, key: string | undefined) {
      if (key === undefined) return fail('sms', `${van}: sent without a row that says so`);
      const times = (sms.get(`${van} ${key}`) ?? 0) + 1;
      sms.set(`${van} ${key}`, times);
      count('sms');
      const row = [...historyOf(van).values()].find(
        (r) => r.text.includes(key) && r.text.includes('"sending"'),
      );
      if (times > 1 && !row?.vanLost) fail('sms', `${van} ${key}: sent ${times} times`);
    },

    // ── the depot ────────────────────────────────────────────────────────────────────────────────────────────
    stored(results: readonly Stored[]) {
      for (const { decision, rows } of results) {
        count(decision);
        if (decision === 'fork' || decision === 'broken') fail(decision, 'at the depot');
        for (const stored of rows) {
          const { van, journal, lane, seq, text } = stored;
          const place = `${van} ${journal} ${lane}`;
          const upTo = cursors.get(place) ?? 0;
          const from = gapAt(lane, seq, text)?.from ?? seq;
          const key = `${van} ${keyOf(journal, lane, seq)}`;
          if (depot.has(key)) fail('duplicated', `${key} stored twice`);
          else if (seq <= upTo || from > upTo + 1) fail('reordered', `${key} behind ${upTo}`);
          depot.set(key, text);
          cursors.set(place, seq);
          highest.set(place, Math.max(highest.get(place) ?? 0, seq));
          checkHeld(van, stored);
        }
        const end = rows.at(-1);
        if (end) world.trace(`depot stores ${end.van} ${short(end.journal)} ${end.lane} ${end.seq}`);
      }
    },
    receipted(van: string, payload: unknown) {
      const receipt = Receipt.parse(payload);
      for (const lane of LANES)
        if (receipt.lanes[lane].upTo > (cursors.get(`${van} ${receipt.journal} ${lane}`) ?? 0))
          fail(
            'early receipt',
            `${van} ${receipt.journal} ${lane} ${receipt.lanes[lane].upTo} before its commit`,
          );
    },
    fed(event: FeedEvent, given: VanMessage | undefined) {
      if (event.kind === 'status' && given?.retained)
        fail('retained trusted', `${event.van}: what the broker remembered is told as news`);
      if (event.kind === 'trust') count(`trust ${event.concern}`);
    },
    given(message: VanMessage, sender: string) {
      if (sender !== message.van) fail('isolation', `${sender} speaks for ${message.van} on ${message.leaf}`);
    },
    /** For a backup, and for its restoration. */
    depotState: () => ({ depot: new Map(depot), cursors: new Map(cursors) }),
    depotRestored(state: { depot: Map<string, string>; cursors: Map<string, number> }) {
      for (const key of depot.keys()) {
        if (state.depot.has(key)) continue;
        const [van, journal, lane, seq] = key.split(' ') as [string, string, Lane, string];
        const row = historyOf(van).get(keyOf(journal, lane, Number(seq)));
        if (row?.vanLost) row.excused = true;
        count('rows lost by the depot');
      }
      depot = new Map(state.depot);
      cursors = new Map(state.cursors);
    },

    /** The final read: all that was committed is there, once, in order, byte for byte, or is named by a gap. */
    final(held: readonly HeldRow[], backlogs: ReadonlyMap<string, string>) {
      if (violation) return;
      for (const [van, waiting] of backlogs)
        if (waiting) fail('not live', `${van} after the quiet phase: ${waiting}`);
      const seen = new Map<string, string>();
      for (const { van, journal, lane, seq, text } of held) {
        const key = `${van} ${keyOf(journal, lane, seq)}`;
        if (seen.has(key)) fail('duplicated', key);
        seen.set(key, text);
      }
      let excused = 0;
      let named = 0;
      for (const [van, history] of histories)
        for (const [key, row] of history) {
          const text = seen.get(`${van} ${key}`);
          if (text === row.text) continue;
          if (row.named) named++;
          else if (row.excused) excused++;
          else if (text === undefined) fail('lost', `${van} ${key}: ${row.text}`);
          else fail('phantom', `${van} ${key}: ${text} in place of ${row.text}`);
        }
      for (const key of seen.keys()) if (!depot.has(key)) fail('phantom', `${key} in the final read`);
      count('rows named by gaps', named);
      count('rows excused', excused);
    },
  };
}
export type Checker = ReturnType<typeof makeChecker>;
