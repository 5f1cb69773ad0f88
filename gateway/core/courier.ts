import type { Lane } from '../../protocol/rows.ts';
import { afterReceipt, heartbeatMs, nextDeadline, overdue, pump } from './courierFlow.ts';
import {
  addCommitted,
  type CourierJournal,
  fromExtents,
  type JournalExtent,
  offerAll,
  offerDue,
  restart,
  type SettledLane,
  settleJournal,
} from './courierLanes.ts';
import { backoffMs } from './courierLink.ts';

/**
 * The courier decides when to connect, what to ask, and what to send next (DESIGN §1.3, §1.4; hazards.md §2.1). It
 * knows cursors, never rows: the edge reads those from the journal. All times are monotonic ms.
 */
export type CourierSettings = {
  /** Batches in flight at most. */
  readonly window: number;
  /** Bulk goes at this many rows… */
  readonly bulkRows: number;
  /** …or at this age, */
  readonly bulkAgeMs: number;
  /** or at this one while somebody looks. */
  readonly watchedAgeMs: number;
  /** Rows of one batch while a backlog drains. */
  readonly drainRows: number;
  readonly urgentRows: number;
  readonly connectMs: number;
  /** No PUBACK for so long: the client object is dropped. */
  readonly pubackMs: number;
  /** Something waits for the depot and it says nothing: a dead link. */
  readonly silenceMs: number;
  readonly heartbeatMs: number;
  /** While no duty is expected: nobody counts the silence, and the SIM is metered. */
  readonly quietHeartbeatMs: number;
  readonly backoffBaseMs: number;
  readonly backoffMaxMs: number;
  readonly backoffAuthMaxMs: number;
  /** A link this old, with a receipt, has earned a fresh backoff. */
  readonly goodMs: number;
  /** After a receipt without progress the lane is sent again when this long nothing of it went. */
  readonly resendMs: number;
  /** Sends without progress before a batch is split. */
  readonly tries: number;
  /** More than this from publish to receipt, and the window shrinks: urgent rows must not queue behind bulk. */
  readonly roundTripMs: number;
};

export const COURIER_SETTINGS: CourierSettings = {
  window: 32,
  bulkRows: 100,
  bulkAgeMs: 300_000,
  watchedAgeMs: 10_000,
  drainRows: 500,
  urgentRows: 100,
  connectMs: 30_000,
  pubackMs: 20_000,
  silenceMs: 60_000,
  heartbeatMs: 60_000,
  // Below the five minutes after which operators forget an idle connection.
  quietHeartbeatMs: 240_000,
  backoffBaseMs: 1_000,
  backoffMaxMs: 120_000,
  backoffAuthMaxMs: 900_000,
  goodMs: 60_000,
  resendMs: 2_000,
  tries: 3,
  roundTripMs: 1_000,
};

/** Why the depot is not reached, as far as the van can tell. */
export type LinkCause =
  | 'dns'
  | 'refused'
  | 'unreachable'
  | 'timeout'
  | 'auth'
  | 'tls'
  | 'closed'
  | 'no_receipt';

/** A batch on its way: published, not yet receipted. */
export type Flight = {
  readonly journal: string;
  readonly lane: Lane;
  readonly from: number;
  readonly to: number;
  readonly sentAt: number;
  readonly acked: boolean;
};

/** Batches in flight before the round trip is known. */
const FIRST_WINDOW = 4;

export type CourierState = {
  readonly phase: 'waiting' | 'connecting' | 'connected';
  /** In order of their chain. */
  readonly journals: readonly CourierJournal[];
  /** The one being written. */
  readonly current: string;
  readonly flights: readonly Flight[];
  readonly window: number;
  /** When to connect (waiting), or to give the attempt up (connecting). */
  readonly deadlineAt: number;
  readonly attempts: number;
  readonly session: string;
  readonly connectedAt: number;
  /** The question in the air; absent when it is answered. */
  readonly ask?: { readonly id: string; readonly journals: readonly string[]; readonly at: number };
  /** Questions asked in this connection. */
  readonly asks: number;
  readonly lastReceiptAt?: number;
  readonly lastSentAt: number;
  readonly watchedUntil: number;
  /** No duty is expected: the heart beats slowly. */
  readonly quiet: boolean;
  readonly roundTripMs?: number;
  readonly cause?: LinkCause;
  /** Since when the present phase, connected or not, holds. */
  readonly sinceAt: number;
};

export type CourierInput = { readonly at: number } & (
  | { readonly kind: 'extents'; readonly extents: readonly JournalExtent[]; readonly current: string }
  /** `due`: bulk seq up to which an urgent row of the commit asks for. */
  | {
      readonly kind: 'committed';
      readonly journal: string;
      readonly last: Readonly<Partial<Record<Lane, number>>>;
      readonly due?: number;
    }
  | { readonly kind: 'connected'; readonly session: string }
  | { readonly kind: 'closed'; readonly cause: LinkCause; readonly random: number }
  /** What became of a `send`: `to` < `from` when there was no such row. */
  | {
      readonly kind: 'sent';
      readonly journal: string;
      readonly lane: Lane;
      readonly from: number;
      readonly to: number;
    }
  | { readonly kind: 'acked'; readonly journal: string; readonly lane: Lane; readonly from: number }
  | {
      readonly kind: 'receipt';
      readonly journal: string;
      readonly ask?: string;
      readonly lanes: Readonly<Record<Lane, SettledLane>>;
    }
  | { readonly kind: 'askAgain' }
  | { readonly kind: 'watched'; readonly forMs: number }
  | { readonly kind: 'published' }
  | { readonly kind: 'quiet'; readonly quiet: boolean }
  | { readonly kind: 'tick' }
);

export type CourierEffect =
  | { readonly kind: 'connect' }
  | { readonly kind: 'disconnect'; readonly cause: LinkCause }
  | { readonly kind: 'status'; readonly ask?: string; readonly journals?: readonly string[] }
  | {
      readonly kind: 'send';
      readonly journal: string;
      readonly lane: Lane;
      readonly from: number;
      readonly limit: number;
    }
  | { readonly kind: 'refuse'; readonly journal: string; readonly lane: Lane; readonly seq: number };

export type CourierStep = {
  readonly state: CourierState;
  readonly effects: readonly CourierEffect[];
  /** When to tick at the latest. */
  readonly nextAt: number;
};

export function startCourierState(
  extents: readonly JournalExtent[],
  current: string,
  at: number,
): CourierState {
  return {
    phase: 'waiting',
    journals: fromExtents(extents, [], at),
    current,
    flights: [],
    window: 1,
    deadlineAt: at,
    attempts: 0,
    session: '',
    connectedAt: at,
    asks: 0,
    lastSentAt: at,
    watchedUntil: Number.NEGATIVE_INFINITY,
    quiet: false,
    sinceAt: at,
  };
}

export function stepCourier(
  before: CourierState,
  input: CourierInput,
  settings: CourierSettings,
): CourierStep {
  const effects: CourierEffect[] = [];
  let state = take(before, input, settings);
  state = {
    ...state,
    journals: offerDue(state.journals, state.current, input.at, ageLimit(state, input.at, settings)),
  };
  state = run(state, input.at, settings, effects);
  return { state, effects, nextAt: nextDeadline(state, input.at, settings) };
}

const ageLimit = (state: CourierState, at: number, settings: CourierSettings) => ({
  rows: settings.bulkRows,
  ageMs: at < state.watchedUntil ? settings.watchedAgeMs : settings.bulkAgeMs,
});

/** What the input itself says. */
function take(state: CourierState, input: CourierInput, settings: CourierSettings): CourierState {
  const { at } = input;
  switch (input.kind) {
    case 'extents':
      return { ...state, current: input.current, journals: fromExtents(input.extents, state.journals, at) };
    case 'committed':
      return { ...state, journals: addCommitted(state.journals, input.journal, input.last, input.due, at) };
    case 'connected':
      return {
        ...connected(state, input.session, at),
        journals: restart(offerAll(state.journals, at)),
      };
    case 'closed':
      return closed(state, input.cause, input.random, at, settings);
    case 'sent':
      return sent(state, input, at);
    case 'acked':
      return {
        ...state,
        flights: state.flights.map((f) =>
          f.journal === input.journal && f.lane === input.lane && f.from === input.from
            ? { ...f, acked: true }
            : f,
        ),
      };
    case 'receipt': {
      if (state.phase !== 'connected') return state;
      const toAsk = input.ask !== undefined && state.ask?.id === input.ask;
      const journals = settleJournal(state.journals, input.journal, input.lanes, toAsk, at);
      return afterReceipt({ ...state, journals, lastReceiptAt: at }, input, settings);
    }
    case 'askAgain':
      return state.phase === 'connected' ? { ...asking(state), journals: restart(state.journals) } : state;
    case 'watched':
      return { ...state, watchedUntil: at + input.forMs };
    case 'quiet':
      return { ...state, quiet: input.quiet };
    case 'published':
      return { ...state, lastSentAt: at };
    case 'tick':
      return state;
  }
}

/** Nothing known of the depot, nothing on its way: the questions begin anew. */
function asking(state: CourierState): CourierState {
  const { ask: _ask, ...rest } = state;
  return { ...rest, flights: [] };
}

function connected(state: CourierState, session: string, at: number): CourierState {
  const { cause: _cause, ...rest } = asking(state);
  return {
    ...rest,
    phase: 'connected',
    session,
    connectedAt: at,
    sinceAt: at,
    window: FIRST_WINDOW,
    asks: 0,
  };
}

function closed(
  state: CourierState,
  cause: LinkCause,
  random: number,
  at: number,
  settings: CourierSettings,
): CourierState {
  const good =
    state.phase === 'connected' &&
    at - state.connectedAt >= settings.goodMs &&
    (state.lastReceiptAt ?? Number.NEGATIVE_INFINITY) >= state.connectedAt;
  const attempts = good ? 0 : state.attempts + (state.phase === 'waiting' ? 0 : 1);
  return {
    ...asking(state),
    phase: 'waiting',
    attempts,
    cause,
    sinceAt: state.phase === 'connected' ? at : state.sinceAt,
    deadlineAt: at + backoffMs(attempts, cause, random, settings),
  };
}

function sent(
  state: CourierState,
  { journal, lane, from, to }: Extract<CourierInput, { kind: 'sent' }>,
  at: number,
): CourierState {
  const journals = state.journals.map((j) =>
    j.journal === journal
      ? {
          ...j,
          lanes: {
            ...j.lanes,
            [lane]: { ...j.lanes[lane], ...(to < from ? { stopped: true } : { sent: to }) },
          },
        }
      : j,
  );
  if (to < from) return { ...state, journals };
  return {
    ...state,
    journals,
    lastSentAt: at,
    flights: [...state.flights, { journal, lane, from, to, sentAt: at, acked: false }],
  };
}

/** What time and room allow now. */
function run(
  state: CourierState,
  at: number,
  settings: CourierSettings,
  effects: CourierEffect[],
): CourierState {
  if (state.phase === 'waiting') {
    if (at < state.deadlineAt) return state;
    effects.push({ kind: 'connect' });
    return { ...state, phase: 'connecting', deadlineAt: at + settings.connectMs };
  }
  const cause = overdue(state, at, settings);
  if (cause) {
    effects.push({ kind: 'disconnect', cause });
    return state;
  }
  if (state.phase === 'connecting') return state;
  const pumped = pump(state, at, settings, effects);
  if (effects.length > 0 || at - pumped.lastSentAt < heartbeatMs(pumped, settings)) return pumped;
  effects.push({ kind: 'status' });
  return { ...pumped, lastSentAt: at };
}
