import { MAX_ASKED_JOURNALS } from '../../protocol/messages.ts';
import { LANES } from '../../protocol/rows.ts';
import type {
  CourierEffect,
  CourierInput,
  CourierSettings,
  CourierState,
  Flight,
  LinkCause,
} from './courier.ts';
import { type CourierJournal, type CourierLane, changeLanes } from './courierLanes.ts';

/** What flows in a connection: questions, batches, deadlines. */

const unreceived = ({ lanes }: CourierJournal) =>
  LANES.some((lane) => lanes[lane].last > lanes[lane].received);

/** Fills the window: questions first, then urgent rows, then bulk, each in order of the chain. */
export function pump(
  state: CourierState,
  at: number,
  settings: CourierSettings,
  effects: CourierEffect[],
): CourierState {
  const { state: resent, refused } = sendAgain(state, at, settings);
  effects.push(...refused);
  const asking = ask(resent, at, effects);
  if (asking.flights.length >= asking.window || looksBack(asking)) return asking;
  // One a step: what the edge could send of it decides the next.
  const next = nextBatch(asking, settings);
  if (next) effects.push(next);
  return asking;
}

/** Asks about the journals that have rows to give and are not answered, and about those that the depot may have lost. */
function ask(state: CourierState, at: number, effects: CourierEffect[]): CourierState {
  if (state.ask) return state;
  const open = state.journals.filter((j) => !j.answered);
  // Were the depot restored from a backup, the newest journal that it held whole would show it.
  const whole = state.asks === 0 ? open.findLast((j) => !unreceived(j)) : undefined;
  const wanted = [
    ...lostToo(state),
    ...(whole ? [whole] : []),
    ...open.filter((j) => j.doubted || unreceived(j)),
  ];
  const journals = [...new Set(wanted.map((j) => j.journal))].slice(0, MAX_ASKED_JOURNALS);
  if (journals.length === 0) return state;
  const id = `${state.session}.${state.asks}`;
  effects.push({ kind: 'status', ask: id, journals });
  return { ...state, ask: { id, journals, at }, asks: state.asks + 1, lastSentAt: at };
}

/** The depot does not know it, or knows less of it than it did. */
const missed = ({ rewound, lanes }: CourierJournal) => rewound || lanes.urgent.received === 0;

/**
 * Journals just before the oldest answered one, when the depot turned out to miss that: back to one that it knows, in
 * steps that grow.
 */
function lostToo({ journals, asks }: CourierState): readonly CourierJournal[] {
  const oldest = journals.findIndex((j) => j.answered);
  const step = Math.min(MAX_ASKED_JOURNALS, 4 ** asks);
  return oldest > 0 && missed(journals[oldest]!) ? journals.slice(Math.max(0, oldest - step), oldest) : [];
}

/**
 * Older journals than one that the depot misses are asked about. Nothing goes meanwhile: were that one there again and
 * the connection gone, nothing would show any more that they are missing too.
 */
function looksBack({ ask, journals }: CourierState): boolean {
  const last = journals.findLastIndex((j) => j.answered && missed(j));
  return (
    ask !== undefined && journals.slice(0, Math.max(0, last)).some((j) => ask.journals.includes(j.journal))
  );
}

function nextBatch(state: CourierState, settings: CourierSettings): CourierEffect | undefined {
  for (const lane of LANES)
    for (const { journal, answered, lanes } of state.journals) {
      const { sent, last, offered, stopped, stalled, limit, tries } = lanes[lane];
      if (!answered || stopped || stalled || sent >= last || sent >= offered) continue;
      // While a lane is tried again, one batch at a time tells which is the offender.
      if (tries > 0 && state.flights.some((f) => f.journal === journal && f.lane === lane)) continue;
      const most = lane === 'urgent' ? settings.urgentRows : settings.drainRows;
      return { kind: 'send', journal, lane, from: sent + 1, limit: Math.min(most, limit) };
    }
  return undefined;
}

/** A stalled lane whose last answers must be in: once more from the cursor, smaller after some tries. */
function sendAgain(state: CourierState, at: number, settings: CourierSettings) {
  const refused: CourierEffect[] = [];
  let { flights } = state;
  const journals = changeLanes(state.journals, (lane, name, { journal }) => {
    if (!lane.stalled) return lane;
    const own = flights.filter((f) => f.journal === journal && f.lane === name);
    if (own.some((f) => at - f.sentAt < settings.resendMs)) return lane;
    flights = flights.filter((f) => !own.includes(f));
    const next = triedAgain({ ...lane, stalled: false, sent: lane.received }, settings);
    if (next.refused !== lane.refused && next.refused !== undefined)
      refused.push({ kind: 'refuse', journal, lane: name, seq: next.refused });
    return next;
  });
  return { state: { ...state, journals, flights }, refused };
}

function triedAgain(lane: CourierLane, settings: CourierSettings): CourierLane {
  if (lane.tries + 1 < settings.tries) return { ...lane, tries: lane.tries + 1 };
  const size = Math.min(lane.limit, settings.drainRows, lane.last - lane.received);
  if (size > 1) return { ...lane, tries: 1, limit: Math.floor(size / 2) };
  const seq = lane.received + 1;
  // Its gap row is not taken either: the lane rests until the next connection.
  return lane.refused === seq ? { ...lane, stopped: true, tries: 0 } : { ...lane, refused: seq, tries: 1 };
}

/** Flights that the receipt covers leave, the window follows the round trip, a lane that did not move is stalled. */
export function afterReceipt(
  state: CourierState,
  receipt: Extract<CourierInput, { kind: 'receipt' }>,
  settings: CourierSettings,
): CourierState {
  const { journal, lanes, at } = receipt;
  const here = (f: Flight) => f.journal === journal;
  const covered = state.flights.filter((f) => here(f) && f.to <= lanes[f.lane].received);
  const flights = state.flights.filter(
    (f) => !covered.includes(f) && !(here(f) && lanes[f.lane].outcome === 'rewound'),
  );
  // It answers no question and moved neither lane: something on its way does not continue what the depot holds.
  const still = receipt.ask === undefined && LANES.every((lane) => lanes[lane].outcome === 'same');
  const journals = still
    ? changeLanes(
        state.journals,
        (lane, name) => (flights.some((f) => here(f) && f.lane === name) ? { ...lane, stalled: true } : lane),
        journal,
      )
    : state.journals;
  const moved = settleAsk({ ...state, journals, flights });
  const last = covered.at(-1);
  if (!last) return moved;
  const roundTripMs = at - last.sentAt;
  return { ...moved, roundTripMs, window: windowAfter(state.window, roundTripMs, settings) };
}

const windowAfter = (window: number, roundTripMs: number, settings: CourierSettings) =>
  roundTripMs > settings.roundTripMs
    ? Math.max(1, Math.floor(window / 2))
    : Math.min(settings.window, window + 1);

/** A question leaves when all its journals are answered. */
function settleAsk(state: CourierState): CourierState {
  const { ask, ...rest } = state;
  const open = ask?.journals.some((name) => state.journals.some((j) => j.journal === name && !j.answered));
  return ask && !open ? rest : state;
}

/** Why the connection is given up, if it is. */
export function overdue(state: CourierState, at: number, settings: CourierSettings): LinkCause | undefined {
  if (state.phase === 'connecting') return at >= state.deadlineAt ? 'timeout' : undefined;
  if (state.flights.some((f) => !f.acked && at - f.sentAt >= settings.pubackMs)) return 'timeout';
  const since = waitingSince(state);
  return since !== undefined && at - since >= settings.silenceMs ? 'no_receipt' : undefined;
}

/** Since when the depot owes us a word. */
function waitingSince(state: CourierState): number | undefined {
  const owed = [...state.flights.map((f) => f.sentAt), ...(state.ask ? [state.ask.at] : [])];
  if (owed.length === 0) return undefined;
  return Math.max(Math.min(...owed), state.lastReceiptAt ?? Number.NEGATIVE_INFINITY);
}

export const heartbeatMs = ({ quiet }: CourierState, settings: CourierSettings): number =>
  quiet ? settings.quietHeartbeatMs : settings.heartbeatMs;

/** When the next thing may be due, at the latest. */
export function nextDeadline(state: CourierState, at: number, settings: CourierSettings): number {
  const age = at < state.watchedUntil ? settings.watchedAgeMs : settings.bulkAgeMs;
  const deadlines = [
    state.phase === 'connected' ? state.lastSentAt + heartbeatMs(state, settings) : state.deadlineAt,
  ];
  for (const { lanes } of state.journals)
    for (const name of LANES) {
      const { waitingAt, stalled } = lanes[name];
      if (waitingAt !== undefined) deadlines.push(waitingAt + age);
      if (stalled) deadlines.push(at + settings.resendMs);
    }
  const since = waitingSince(state);
  if (since !== undefined) deadlines.push(since + settings.silenceMs);
  for (const flight of state.flights) if (!flight.acked) deadlines.push(flight.sentAt + settings.pubackMs);
  return Math.max(at, Math.min(...deadlines));
}
