import { LANES, type Lane } from '../../protocol/rows.ts';

/** The lanes as the courier sees them: cursors only (DESIGN §1.4, §5). */
export type JournalExtent = {
  readonly journal: string;
  readonly lanes: Readonly<Record<Lane, { readonly received: number; readonly last: number }>>;
};

export type CourierLane = {
  /** By the depot's receipt. */
  readonly received: number;
  /** Published in this connection. */
  readonly sent: number;
  /** Committed. */
  readonly last: number;
  /** Offered to the link up to here; `offeredAt` is when the oldest row without receipt was. */
  readonly offered: number;
  readonly offeredAt?: number;
  /** When the first row that is not offered yet was committed. */
  readonly waitingAt?: number;
  /** A receipt came that moved nothing while batches were on their way. */
  readonly stalled: boolean;
  /** Sends again without progress, and the rows that a batch may hold because of them. */
  readonly tries: number;
  readonly limit: number;
  readonly refused?: number;
  /** Nothing more of this lane in this connection: a fork, or a row that cannot be sent. */
  readonly stopped: boolean;
};
export type CourierJournal = {
  readonly journal: string;
  /** The depot has answered in this connection. */
  readonly answered: boolean;
  /** Its answer lay below our cursor: it lost rows, perhaps older ones too. */
  readonly rewound: boolean;
  /** A receipt lay below our cursor: it is asked about, whether it has rows to give or not. */
  readonly doubted: boolean;
  readonly lanes: Readonly<Record<Lane, CourierLane>>;
};

/** What a receipt did to a lane of the journal, and where its cursor stands now. */
export type SettledLane = {
  readonly outcome: 'same' | 'advanced' | 'behind' | 'rewound' | 'fork';
  readonly received: number;
};

/** Rows of one batch, unless something made it smaller. */
export const NO_LIMIT = Number.MAX_SAFE_INTEGER;

const freshLane = (received: number, last: number, at: number): CourierLane => ({
  received,
  sent: received,
  last,
  offered: received,
  ...(last > received ? { waitingAt: at } : {}),
  stalled: false,
  tries: 0,
  limit: NO_LIMIT,
  stopped: false,
});

type Change = (lane: CourierLane, name: Lane, journal: CourierJournal) => CourierLane;

export function changeLanes(
  journals: readonly CourierJournal[],
  change: Change,
  only?: string,
): readonly CourierJournal[] {
  let changed = false;
  const next = journals.map((journal) => {
    if (only !== undefined && journal.journal !== only) return journal;
    const urgent = change(journal.lanes.urgent, 'urgent', journal);
    const bulk = change(journal.lanes.bulk, 'bulk', journal);
    if (urgent === journal.lanes.urgent && bulk === journal.lanes.bulk) return journal;
    changed = true;
    return { ...journal, lanes: { urgent, bulk } };
  });
  return changed ? next : journals;
}

/**
 * The journals of the file; what is known of them already stays. A file reopened after an error may have lost cursors:
 * the depot is asked about those.
 */
export function fromExtents(
  extents: readonly JournalExtent[],
  before: readonly CourierJournal[],
  at: number,
): readonly CourierJournal[] {
  const known = new Map(before.map((j) => [j.journal, j]));
  return extents.map(({ journal, lanes }) => {
    const fresh = (lane: Lane) => {
      const { received, last } = lanes[lane];
      // Urgent rows wait for nothing, the opening of a journal that began in flight neither.
      return lane === 'urgent'
        ? offer(freshLane(received, last, at), last, at)
        : freshLane(received, last, at);
    };
    const old = known.get(journal);
    if (old)
      return LANES.some((lane) => lanes[lane].received < old.lanes[lane].received)
        ? lowered(old, lanes)
        : old;
    return {
      journal,
      answered: false,
      rewound: false,
      doubted: false,
      lanes: { urgent: fresh('urgent'), bulk: fresh('bulk') },
    };
  });
}

function lowered(journal: CourierJournal, lanes: JournalExtent['lanes']): CourierJournal {
  const lower = (lane: Lane): CourierLane => ({
    ...journal.lanes[lane],
    received: Math.min(journal.lanes[lane].received, lanes[lane].received),
  });
  return {
    ...journal,
    answered: false,
    doubted: true,
    lanes: { urgent: lower('urgent'), bulk: lower('bulk') },
  };
}

/** Rows are offered up to `upTo`: they may go, and their age begins to count. */
function offer(lane: CourierLane, upTo: number, at: number): CourierLane {
  const { waitingAt: _waiting, ...rest } = lane;
  if (upTo <= lane.offered) return lane;
  return {
    ...rest,
    offered: upTo,
    ...(upTo < lane.last ? { waitingAt: at } : {}),
    ...(lane.offeredAt === undefined ? { offeredAt: at } : {}),
  };
}

export function addCommitted(
  journals: readonly CourierJournal[],
  journal: string,
  last: Readonly<Partial<Record<Lane, number>>>,
  due: number | undefined,
  at: number,
): readonly CourierJournal[] {
  return changeLanes(
    journals,
    (lane, name) => {
      const grown = {
        ...lane,
        last: last[name] ?? lane.last,
        ...(last[name] !== undefined && lane.waitingAt === undefined ? { waitingAt: at } : {}),
      };
      // Urgent rows at once; bulk up to what an urgent row follows.
      return offer(grown, name === 'urgent' ? grown.last : (due ?? 0), at);
    },
    journal,
  );
}

/** Everything goes: what waited for a connection. */
export const offerAll = (journals: readonly CourierJournal[], at: number): readonly CourierJournal[] =>
  changeLanes(journals, (lane) => offer(lane, lane.last, at));

/** Bulk that is many or old enough; all of a journal that is written no more. */
export const offerDue = (
  journals: readonly CourierJournal[],
  current: string,
  at: number,
  limits: { readonly rows: number; readonly ageMs: number },
): readonly CourierJournal[] =>
  changeLanes(journals, (lane, _name, journal) => {
    if (lane.waitingAt === undefined) return lane;
    // Nothing waits after all: a deadline that stays in the past would be asked for without end.
    if (lane.last <= lane.offered) {
      const { waitingAt: _waiting, ...rest } = lane;
      return rest;
    }
    const due =
      journal.journal !== current ||
      lane.last - lane.offered >= limits.rows ||
      at - lane.waitingAt >= limits.ageMs;
    return due ? offer(lane, lane.last, at) : lane;
  });

/** As at the beginning of a connection: nothing sent, nothing known of the depot. */
export const restart = (journals: readonly CourierJournal[]): readonly CourierJournal[] =>
  changeLanes(journals, (lane) => ({ ...lane, sent: lane.received, stalled: false, stopped: false })).map(
    (j) => ({
      ...j,
      answered: false,
      rewound: false,
      doubted: false,
    }),
  );

/** Cursors after a receipt; one that answers our question makes its journal `answered`. */
export function settleJournal(
  journals: readonly CourierJournal[],
  journal: string,
  settled: Readonly<Record<Lane, SettledLane>>,
  toAsk: boolean,
  at: number,
): readonly CourierJournal[] {
  const moved = changeLanes(
    journals,
    (lane, name) => {
      const { outcome, received } = settled[name];
      if (outcome === 'fork') return { ...lane, stopped: true };
      if (outcome === 'advanced') return advanced(lane, received, at);
      if (outcome === 'rewound')
        return offer({ ...advanced(lane, received, at), sent: received, offered: received }, lane.last, at);
      return lane;
    },
    journal,
  );
  const behind = LANES.some((lane) => settled[lane].outcome === 'behind');
  const rewound = LANES.some((lane) => settled[lane].outcome === 'rewound');
  if (!toAsk && !behind) return moved;
  return moved.map((j) =>
    j.journal === journal
      ? { ...j, answered: toAsk && !behind, doubted: behind, rewound: j.rewound || rewound }
      : j,
  );
}

function advanced(lane: CourierLane, received: number, at: number): CourierLane {
  const { offeredAt: _at, refused: _refused, ...rest } = lane;
  return {
    ...rest,
    received,
    sent: Math.max(lane.sent, received),
    offered: Math.max(lane.offered, received),
    ...(lane.offered > received ? { offeredAt: at } : {}),
    stalled: false,
    tries: 0,
    limit: Math.min(NO_LIMIT, lane.limit * 2),
  };
}

/** When the oldest row without receipt was offered. */
export function oldestOfferedAt(journals: readonly CourierJournal[]): number | undefined {
  let oldest: number | undefined;
  for (const { lanes } of journals)
    for (const name of LANES) {
      const at = lanes[name].offeredAt;
      if (at !== undefined && lanes[name].offered > lanes[name].received) oldest = Math.min(oldest ?? at, at);
    }
  return oldest;
}
