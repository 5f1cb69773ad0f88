import type { Position, Status } from '../../protocol/messages.ts';
import type { Row, RowOf } from '../../protocol/rows.ts';
import { isoOf, msOf } from '../../protocol/time.ts';
import { foldAlert } from './alertFold.ts';
import type { FeedEvent, StoredRow } from './feed.ts';
import { present } from './present.ts';
import type { AlertView, DeviceView, LinkView, MessageView, PositionView, PowerView } from './vanView.ts';
import { foldAct, foldVisit, type VisitRecord } from './visitFold.ts';

/**
 * What is known of one van, folded from its feed. Rows may come late (a backlog drains after the news): each kind
 * keeps the newest by the row's own time, so that late points never move anything backwards.
 */
export type VanState = {
  readonly van: string;
  /** Depot's reception of the newest thing from the van itself; a will is the broker's word. */
  readonly heardMs?: number;
  readonly online?: boolean;
  readonly session?: string;
  readonly duty?: boolean;
  readonly moving?: boolean;
  readonly position?: Omit<PositionView, 'stale'> & {
    readonly fixAgeMs: number;
    readonly receivedMs: number;
  };
  readonly visits: ReadonlyMap<string, VisitRecord>;
  readonly alerts: ReadonlyMap<string, AlertView>;
  readonly power?: PowerView;
  readonly link?: LinkView;
  readonly devices: ReadonlyMap<string, DeviceView>;
  readonly messages: readonly MessageView[];
  /** What the depot itself found wrong with the chain of this van's journals. */
  readonly concerns: ReadonlyMap<string, AlertView>;
  readonly backlog?: { readonly rows: number; readonly oldestS?: number };
  readonly software?: string;
  readonly journal?: string;
  readonly agendaTaken?: number;
};

const MAX_DEVICES = 40;
const MAX_CONCERNS = 20;
const GRAVE = new Set<string>(['clone', 'fork']);

export const newVan = (van: string): VanState => ({
  van,
  visits: new Map(),
  alerts: new Map(),
  devices: new Map(),
  messages: [],
  concerns: new Map(),
});

export function stepVan(state: VanState, event: FeedEvent): VanState {
  switch (event.kind) {
    case 'status':
      return foldStatus(state, event.status, event.will, event.receivedAt);
    case 'position':
      return foldPosition(
        { ...state, heardMs: heard(state, event.receivedAt) },
        event.position,
        event.receivedAt,
      );
    case 'rows':
      return event.rows.reduce(foldRow, {
        ...state,
        ...received(state, event.rows.length),
        heardMs: heard(state, event.receivedAt),
      });
    case 'trust':
      return foldTrust(state, event);
  }
}

/** One open concern a kind and journal: a van that forks a hundred times is one alert with its newest values. */
function foldTrust(state: VanState, event: Extract<FeedEvent, { kind: 'trust' }>): VanState {
  const { concern, journal, values, receivedAt } = event;
  const episode = `${concern}:${journal ?? ''}`;
  const concerns = new Map(state.concerns);
  const since = concerns.get(episode)?.since ?? isoOf(receivedAt);
  concerns.delete(episode);
  concerns.set(episode, {
    episode,
    alert: concern,
    severity: GRAVE.has(concern) ? 'critical' : concern === 'gap' ? 'warning' : 'notice',
    values,
    since,
    at: isoOf(receivedAt),
    byDepot: true,
  });
  if (concerns.size > MAX_CONCERNS) concerns.delete(concerns.keys().next().value!);
  return { ...state, concerns };
}

/** Raises or clears the alert of one day's verdicts. */
export function judged(state: VanState, date: string, differs: boolean, at: number): VanState {
  const episode = `verdict_differs:${date}`;
  if (differs === state.concerns.has(episode)) return state;
  const concerns = new Map(state.concerns);
  concerns.delete(episode);
  if (differs)
    concerns.set(episode, {
      episode,
      alert: 'verdict_differs',
      severity: 'warning',
      values: { date },
      since: isoOf(at),
      at: isoOf(at),
      byDepot: true,
    });
  return { ...state, concerns };
}

/** What the van said it had to send, less what came since: it says it anew only with its next status. */
function received({ backlog }: VanState, rows: number): Pick<VanState, 'backlog'> {
  if (!backlog) return {};
  const left = Math.max(0, backlog.rows - rows);
  return { backlog: left === 0 ? { rows: 0 } : { ...backlog, rows: left } };
}

const heard = (state: VanState, receivedAt: number) => Math.max(state.heardMs ?? 0, receivedAt);

/** An `offline` of an older session is ignored: a will that comes after the van is back (DESIGN §4). */
function foldStatus(state: VanState, status: Status, will: boolean, receivedAt: number): VanState {
  if (status.state === 'offline') {
    if (state.session !== undefined && state.session !== status.session) return state;
    return { ...state, online: false, ...(will ? {} : { heardMs: heard(state, receivedAt) }) };
  }
  const { backlog: _, ...rest } = state;
  return {
    ...rest,
    heardMs: heard(state, receivedAt),
    online: true,
    session: status.session,
    ...present('duty', status.duty),
    ...present('software', status.software),
    ...present('journal', status.journal),
    ...present('agendaTaken', status.agenda),
    ...(status.backlog
      ? {
          backlog: { rows: status.backlog.rows, ...present('oldestS', status.backlog.oldestS) },
        }
      : {}),
  };
}

function foldPosition(state: VanState, position: Position | undefined, receivedMs: number): VanState {
  if (!position) {
    const { position: _, ...rest } = state;
    return { ...rest, duty: false };
  }
  if (state.position && position.at < state.position.at) return state;
  const { at, latitude, longitude, moving, fixAgeMs } = position;
  return {
    ...state,
    moving,
    position: {
      at,
      latitude,
      longitude,
      moving,
      fixAgeMs,
      receivedAt: isoOf(receivedMs),
      receivedMs,
      ...present('accuracyM', position.accuracyM),
    },
  };
}

function foldRow(state: VanState, stored: StoredRow): VanState {
  const { row, receivedAt } = stored;
  const identity = `${stored.van}/${stored.journal}/${stored.lane}/${stored.seq}`;
  switch (row.kind) {
    case 'visit':
      return { ...state, visits: foldVisit(state.visits, row, receivedAt, identity) };
    case 'act':
      return { ...state, visits: foldAct(state.visits, row, receivedAt, identity) };
    case 'alert':
      return { ...state, alerts: foldAlert(state.alerts, row, receivedAt) };
    case 'duty':
      return row.on ? { ...state, duty: true } : foldPosition(state, undefined, receivedAt);
    case 'fix':
      return foldFix(state, row, receivedAt);
    case 'power':
      return isNewer(row, state.power) ? { ...state, power: powerOf(row, state.power) } : state;
    case 'link':
      return isNewer(row, state.link) ? { ...state, link: linkOf(row) } : state;
    case 'event':
      return foldMessage(state, row) ?? foldDevice(state, row);
    default:
      return state;
  }
}

/** After a restart of the depot the journal is all there is; a fix of a duty that ended shows nothing. */
function foldFix(state: VanState, row: RowOf<'fix'>, receivedMs: number): VanState {
  if (state.duty === false) return state;
  const at = msOf(row.at);
  if (at === undefined || (state.position && row.at <= state.position.at)) return state;
  return foldPosition(state, { ...row, fixAgeMs: Math.max(0, receivedMs - at) }, receivedMs);
}

const isNewer = (row: Row & { at: string | null }, held: { at: string } | undefined) =>
  row.at !== null && (!held || row.at >= held.at);

/** A reading that lacks a value keeps the last one only of what changes slowly: never a current or a voltage. */
function powerOf(row: RowOf<'power'>, held: PowerView | undefined): PowerView {
  return {
    at: row.at!,
    ...present('soc', row.soc ?? held?.soc),
    ...present('houseV', row.houseV),
    ...present('houseA', row.houseA),
    ...present('starterV', row.starterV ?? held?.starterV),
    ...present('timeToGoMin', row.timeToGoMin),
    ...present('engine', row.engine),
  };
}

function linkOf(row: RowOf<'link'>): LinkView {
  return {
    at: row.at!,
    state: row.state,
    ...present('cause', row.cause),
    ...present('technology', row.technology),
    ...present('operator', row.operator),
    ...present('rsrpDbm', row.rsrpDbm),
  };
}

const MAX_MESSAGES = 10;

/** A message to the cab that came on board, or was read there (docs/PROTOCOL.md, `cab`); newest first. */
function foldMessage(state: VanState, row: RowOf<'event'>): VanState | undefined {
  const { key, text } = row.detail ?? {};
  if (typeof key !== 'string') return undefined;
  const at = present('at', row.at ?? undefined);
  if (row.what === 'message_read')
    return {
      ...state,
      messages: state.messages.map((m) =>
        m.key === key ? { ...m, read: true, ...present('readAt', at.at) } : m,
      ),
    };
  if (row.what !== 'message' || typeof text !== 'string') return undefined;
  const others = state.messages.filter((m) => m.key !== key);
  return { ...state, messages: [{ key, text, ...at, read: false }, ...others].slice(0, MAX_MESSAGES) };
}

/** What a van learns and counts for itself: no news of a device. */
const LEARNT = new Set(['alerts learnt', 'data plan']);

function foldDevice(state: VanState, row: RowOf<'event'>): VanState {
  if (row.at === null || LEARNT.has(row.what)) return state;
  const key = typeof row.detail?.source === 'string' ? `${row.what} ${row.detail.source}` : row.what;
  const devices = new Map(state.devices);
  devices.delete(key);
  devices.set(key, { what: row.what, at: row.at, ...present('detail', row.detail) });
  if (devices.size > MAX_DEVICES) devices.delete(devices.keys().next().value!);
  return { ...state, devices };
}
