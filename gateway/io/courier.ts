import type * as z from 'zod';
import { Agenda as AgendaSchema } from '../../protocol/agenda.ts';
import { type Agenda, CabMessage, type Position, Receipt, type Status } from '../../protocol/messages.ts';
import type { Lane } from '../../protocol/rows.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Part } from '../../runtime/lifecycle.ts';
import type { Log } from '../../runtime/log.ts';
import {
  COURIER_SETTINGS,
  type CourierEffect,
  type CourierInput,
  type CourierSettings,
  type LinkCause,
  startCourierState,
  stepCourier,
} from '../core/courier.ts';
import { oldestOfferedAt } from '../core/courierLanes.ts';
import { payloadOf } from './batch.ts';
import type { Journal, JournalRow } from './journal.ts';
import { type MqttConnection, type MqttDeps, openMqtt } from './mqtt.ts';

export type { LinkCause } from '../core/courier.ts';

/** The courier's edge: runs what core/courier.ts decides on the journal and on MQTT. */
export type CourierLink = {
  readonly connected: boolean;
  /** Why it is not, or was not the last time. Absent while connected. */
  readonly cause?: LinkCause;
  /** Monotonic ms since when the present state holds. */
  readonly sinceMs: number;
  /** Publish → receipt of the last batch. */
  readonly roundTripMs?: number;
  /** Age of the oldest row without receipt, counted from its first offer to the link. */
  readonly oldestUnreceivedMs?: number;
  readonly backlogRows: number;
  /** Monotonic ms of the last receipt. */
  readonly lastReceiptMs?: number;
};

export type CourierDeps = {
  /** `mqtt://host:port` or `mqtts://host:port`. */
  readonly broker: string;
  readonly van: string;
  readonly secret?: string;
  /** PEM. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
  readonly journal: Journal;
  readonly clock: Clock;
  readonly log: Log;
  /** Uniform in 0 … 1. */
  readonly random: () => number;
  /** What the status says beside session, journal, ask and backlog, which are the courier's own. */
  readonly status: () => Pick<Status, 'at' | 'software' | 'agenda' | 'duty'>;
  /** No duty is expected: heartbeat and keepalive may be slow. */
  readonly quiet?: () => boolean;
  readonly on: {
    /** A checked agenda, not yet compared with the one in force. */
    agenda(agenda: Agenda): void;
    cab(message: z.infer<typeof CabMessage>): void;
    /** Each change of `connected` or `cause`. */
    link(link: CourierLink): void;
  };
  readonly settings?: Partial<CourierSettings>;
  /** `openMqtt`; the simulation of the whole system gives its own network. */
  readonly open?: (deps: MqttDeps) => MqttConnection;
};

export interface Courier extends Part {
  /** `undefined` erases the retained one: off duty. While not connected only the newest waits. */
  publishPosition(position: Position | undefined): void;
  /** Somebody at the depot looks at this van now. */
  watched(): boolean;
  /** Publishes `status` again: duty or agenda changed. */
  statusChanged(): void;
  link(): CourierLink;
  /** Payload bytes and messages published so far, by topic. */
  counters(): Readonly<Record<string, number>>;
}

const WATCHED_MS = 60_000;
/** Positions only put the next heartbeat off: told to the fold this often, not once a second. */
const PUBLISHED_MS = 5_000;
const END_MS = 2_000;
const KEEPALIVE_S = 30;
const QUIET_KEEPALIVE_S = 240;
/** A timer no shorter than this: a deadline that has passed must not spin. */
const TICK_MIN_MS = 10;

export function startCourier(deps: CourierDeps): Courier {
  const { journal, clock, log } = deps;
  const settings = { ...COURIER_SETTINGS, ...deps.settings };
  const now = () => clock.monotonicMs();
  let state = startCourierState(journal.extents(), journal.uuid, now());
  let connection: MqttConnection | undefined;
  let session = '';
  let openedQuiet = false;
  let position: { readonly value: Position | undefined } | undefined;
  let publishedToldMs = Number.NEGATIVE_INFINITY;
  let cancelTick = () => {};
  let stopped = false;
  const inputs: CourierInput[] = [];
  let stepping = false;
  const counts: Record<string, number> = {};

  type Unstamped<I> = I extends unknown ? Omit<I, 'at'> : never;
  const dispatch = (input: Unstamped<CourierInput>) => {
    if (stopped) return;
    inputs.push({ ...input, at: now() } as CourierInput);
    if (stepping) return;
    const quiet = deps.quiet?.() ?? false;
    if (quiet !== state.quiet) inputs.unshift({ kind: 'quiet', quiet, at: now() });
    stepping = true;
    const before = state;
    let nextAt = Number.POSITIVE_INFINITY;
    for (let next = inputs.shift(); next; next = inputs.shift()) {
      const step = stepCourier(state, next, settings);
      ({ state, nextAt } = step);
      for (const effect of step.effects) perform(effect);
    }
    stepping = false;
    cancelTick();
    cancelTick = clock.after(Math.max(TICK_MIN_MS, nextAt - now()), () => dispatch({ kind: 'tick' }));
    if ((before.phase === 'connected') !== (state.phase === 'connected') || before.cause !== state.cause)
      tellLink();
    if (connection && state.phase === 'connected' && openedQuiet !== state.quiet) renew(connection);
  };

  /** The keepalive is fixed at CONNECT: another one is another connection. Ended in good order, nobody sees a will. */
  const renew = (old: MqttConnection) => {
    connection = undefined;
    void old.end(END_MS).then(() => dispatch({ kind: 'closed', cause: 'closed', random: deps.random() }));
  };

  const publish = (
    leaf: 'status' | 'position' | Lane,
    payload: Uint8Array | string,
    options: { qos: 0 | 1; retain: boolean },
    acked?: () => void,
  ) => {
    counts[`${leaf} messages`] = (counts[`${leaf} messages`] ?? 0) + 1;
    counts[`${leaf} bytes`] = (counts[`${leaf} bytes`] ?? 0) + payload.length;
    connection?.publish(leaf, payload, options, acked);
  };

  const publishStatus = (ask?: string, journals?: readonly string[]) => {
    const { rows } = journal.backlog();
    const oldestAt = oldestOfferedAt(state.journals);
    const status: Status = {
      state: 'online',
      session: state.session,
      ...deps.status(),
      journal: journal.uuid,
      ...(ask === undefined ? {} : { ask }),
      // The present journal alone is what an ask without a list means.
      ...(journals && !(journals.length === 1 && journals[0] === journal.uuid)
        ? { asks: [...journals] }
        : {}),
      backlog: {
        rows,
        ...(oldestAt === undefined ? {} : { oldestS: Math.round((now() - oldestAt) / 1000) }),
      },
    };
    publish('status', JSON.stringify(status), { qos: 1, retain: true });
  };

  const sendPosition = () => {
    if (!position || state.phase !== 'connected') return;
    const payload = position.value ? JSON.stringify(position.value) : '';
    position = undefined;
    publish('position', payload, { qos: 0, retain: true });
    if (now() - publishedToldMs < PUBLISHED_MS) return;
    publishedToldMs = now();
    dispatch({ kind: 'published' });
  };

  const send = ({ journal: id, lane, from, limit }: Extract<CourierEffect, { kind: 'send' }>) => {
    const payload = payloadOf(journal, id, lane, from, limit);
    if (payload)
      publish(lane, payload.bytes, { qos: 1, retain: false }, () =>
        dispatch({ kind: 'acked', journal: id, lane, from }),
      );
    dispatch({ kind: 'sent', journal: id, lane, from, to: payload?.to ?? from - 1 });
  };

  const connect = () => {
    session = crypto.randomUUID().slice(0, 8);
    openedQuiet = state.quiet;
    const opened = (deps.open ?? openMqtt)({
      broker: deps.broker,
      van: deps.van,
      ...(deps.secret === undefined ? {} : { secret: deps.secret }),
      ...(deps.tls ? { tls: deps.tls } : {}),
      session,
      keepaliveS: openedQuiet ? QUIET_KEEPALIVE_S : KEEPALIVE_S,
      onConnected: () => {
        dispatch({ kind: 'connected', session });
        sendPosition();
      },
      onClosed: (cause) => {
        if (connection === opened) connection = undefined;
        dispatch({ kind: 'closed', cause, random: deps.random() });
      },
      onMessage: take,
    });
    connection = opened;
  };

  function perform(effect: CourierEffect): void {
    if (effect.kind === 'connect') connect();
    else if (effect.kind === 'disconnect') connection?.cut(effect.cause);
    else if (effect.kind === 'status') publishStatus(effect.ask, effect.journals);
    else if (effect.kind === 'send') send(effect);
    else journal.refuse(effect.journal, effect.lane, effect.seq);
  }

  function take(leaf: 'receipt' | 'agenda' | 'cab', payload: Uint8Array): void {
    const value = readJson(payload);
    if (leaf === 'receipt') takeReceipt(value);
    else if (leaf === 'agenda') {
      const agenda = AgendaSchema.safeParse(value).data;
      if (agenda) deps.on.agenda(agenda);
      else log.warn('agenda not understood');
    } else takeCab(value);
  }

  function takeReceipt(value: unknown): void {
    const receipt = Receipt.safeParse(value).data;
    if (!receipt) return void log.warn('receipt not understood');
    const toAsk = receipt.ask !== undefined && receipt.ask === state.ask?.id;
    const outcomes = journal.settle(receipt, toAsk);
    const extent = journal.extents().find((e) => e.journal === receipt.journal);
    if (!extent) return;
    const laneOf = (lane: Lane) => ({ outcome: outcomes[lane], received: extent.lanes[lane].received });
    const lanes = { urgent: laneOf('urgent'), bulk: laneOf('bulk') };
    for (const lane of ['urgent', 'bulk'] as const)
      if (lanes[lane].outcome === 'fork')
        log.error({ journal: receipt.journal, lane }, 'fork: the depot holds another history');
    dispatch({
      kind: 'receipt',
      journal: receipt.journal,
      ...(receipt.ask === undefined ? {} : { ask: receipt.ask }),
      lanes,
    });
  }

  function takeCab(value: unknown): void {
    const message = CabMessage.safeParse(value).data;
    if (!message) return void log.warn('cab message not understood');
    if ('watched' in message) dispatch({ kind: 'watched', forMs: WATCHED_MS });
    if ('ask' in message) dispatch({ kind: 'askAgain' });
    else deps.on.cab(message);
  }

  const link = (): CourierLink => {
    const oldestAt = oldestOfferedAt(state.journals);
    return {
      connected: state.phase === 'connected',
      ...(state.cause === undefined ? {} : { cause: state.cause }),
      sinceMs: state.sinceAt,
      ...(state.roundTripMs === undefined ? {} : { roundTripMs: state.roundTripMs }),
      ...(oldestAt === undefined ? {} : { oldestUnreceivedMs: now() - oldestAt }),
      backlogRows: journal.backlog().rows,
      ...(state.lastReceiptAt === undefined ? {} : { lastReceiptMs: state.lastReceiptAt }),
    };
  };
  const tellLink = () => {
    const told = link();
    log.info(
      { connected: told.connected, cause: told.cause, backlog: told.backlogRows },
      'link to the depot',
    );
    deps.on.link(told);
  };

  const unsubscribe = journal.onCommit((rows) => {
    // Reopened after an error: the rows may have landed in the journal before, and the new one has its opening to send.
    if (!state.journals.some((j) => j.journal === journal.uuid))
      dispatch({ kind: 'extents', extents: journal.extents(), current: journal.uuid });
    dispatch(committedInput(rows));
  });
  dispatch({ kind: 'tick' });

  return {
    publishPosition(value) {
      position = { value };
      sendPosition();
    },
    watched: () => now() < state.watchedUntil,
    statusChanged() {
      if (state.phase !== 'connected') return;
      publishStatus();
      dispatch({ kind: 'published' });
    },
    link,
    counters: () => counts,
    async stop() {
      unsubscribe();
      cancelTick();
      const last = connection;
      const wasConnected = state.phase === 'connected';
      stopped = true;
      if (!last) return;
      const status: Status = { state: 'offline', session, at: deps.status().at, reason: 'stopped' };
      if (wasConnected) publish('status', JSON.stringify(status), { qos: 1, retain: true });
      await last.end(END_MS);
    },
  };
}

/** The last seqs that a commit wrote, and the bulk seq that its urgent rows follow. */
function committedInput(rows: readonly JournalRow[]) {
  const last: Partial<Record<Lane, number>> = {};
  let due: number | undefined;
  for (const { lane, seq, after } of rows) {
    last[lane] = seq;
    if (after !== undefined) due = after;
  }
  return {
    kind: 'committed' as const,
    journal: rows[0]!.journal,
    last,
    ...(due === undefined ? {} : { due }),
  };
}

function readJson(payload: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(payload).toString('utf8'));
  } catch {
    return undefined;
  }
}
