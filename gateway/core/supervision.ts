import type { PortContent } from './sniff.ts';
import type { DeviceKind } from './sourceUrl.ts';

/**
 * When is a source open, believed, silent, given up and tried again? A pure fold over what happened to one connection:
 * error, end, close and silence lead to the same path (close, wait, open anew; a port is never used again), and a rate
 * that gives bytes but nothing intact leads to the next rate. Times are monotonic milliseconds.
 */
export type Content = Exclude<PortContent, 'unknown'>;

/** Why a device is lost. `unreadable`: bytes come and nothing in them is intact. */
export type LossReason =
  | 'missing'
  | 'busy'
  | 'refused'
  | 'hang_up'
  | 'error'
  | 'silence'
  | 'unreadable'
  | 'wrong_device';

export type SupervisionSettings = {
  readonly device: DeviceKind;
  /** No byte for so long: the device is lost. */
  readonly silenceMs: number;
  /** Rates to try, the likeliest first; empty where there is no rate (TCP). */
  readonly bauds: readonly number[];
  /** Bytes for so long, or so many of them, and nothing intact among them: not this rate. */
  readonly trialMs: number;
  readonly trialBytes: number;
  /** A device that only answers is silent at a wrong rate. */
  readonly silentWhenWrong: boolean;
};

export const BACKOFF_FIRST_MS = 500;
export const BACKOFF_MOST_MS = 10_000;
const OPEN_MS = 5000;
/** Wait for the close before the next open, but not for ever (node-serialport#2735). */
export const CLOSE_MS = 2000;

export type Supervision = {
  readonly phase: 'waiting' | 'opening' | 'open' | 'closing';
  /** When the phase began. */
  readonly sinceMs: number;
  /** How long `waiting` lasts. */
  readonly waitMs: number;
  /** Connections in a row that gave nothing intact. */
  readonly failures: number;
  /** Index in `bauds`, how many rates in a row gave nothing, and the one that gave something last. */
  readonly rate: number;
  readonly ratesTried: number;
  readonly provenRate?: number;
  /** Of this connection: first and last byte, and last intact unit. */
  readonly firstByteMs?: number;
  readonly lastByteMs?: number;
  readonly bytes: number;
  readonly intactMs?: number;
  /** What was told last, and the reasons already told of this loss: each is news once. */
  readonly told: 'opening' | 'reading' | 'lost';
  readonly toldReasons: readonly LossReason[];
};

export type SupervisionInput =
  | { readonly kind: 'tick' }
  | { readonly kind: 'opened' }
  /** `intact`: a sentence, block or reply was whole; `found`: what the bytes are instead. */
  | { readonly kind: 'bytes'; readonly length: number; readonly intact: boolean; readonly found?: Content }
  | { readonly kind: 'ended'; readonly reason: LossReason; readonly detail?: string }
  | { readonly kind: 'closed' };

export type SupervisionAction =
  | { readonly do: 'open'; readonly baud?: number }
  | { readonly do: 'close' }
  | {
      readonly do: 'tell';
      readonly state: 'reading' | 'lost';
      readonly reason?: LossReason;
      readonly detail?: string;
      readonly baud?: number;
    };

export type SupervisionStep = { readonly state: Supervision; readonly actions: readonly SupervisionAction[] };

export const newSupervision = (monoMs: number): Supervision => ({
  phase: 'waiting',
  sinceMs: monoMs,
  waitMs: 0,
  failures: 0,
  rate: 0,
  ratesTried: 0,
  bytes: 0,
  told: 'opening',
  toldReasons: [],
});

const BELONGS: Record<Content, { device: DeviceKind; what: string }> = {
  nmea: { device: 'gps', what: 'a GPS receiver' },
  vedirect: { device: 'power', what: 'a shunt' },
  at: { device: 'modem', what: 'a modem' },
};
const PLACE: Record<DeviceKind, string> = { gps: 'the GPS', power: 'the shunt', modem: 'the modem' };

/** When the fold must be stepped next although nothing has happened. */
export function nextSupervisionMs(s: Supervision, settings: SupervisionSettings): number {
  switch (s.phase) {
    case 'waiting':
      return s.sinceMs + s.waitMs;
    case 'opening':
      return s.sinceMs + OPEN_MS;
    case 'closing':
      return s.sinceMs + CLOSE_MS;
    case 'open':
      return Math.min(
        silentAtMs(s, settings),
        s.intactMs === undefined ? trialEndsMs(s, settings) : Number.POSITIVE_INFINITY,
      );
  }
}

/**
 * Silence is measured from the last intact unit, and by bytes while there has been none: a line that only rustles is
 * as dead as a silent one.
 */
const silentAtMs = (s: Supervision, settings: SupervisionSettings) =>
  (s.intactMs ?? s.lastByteMs ?? s.sinceMs) + settings.silenceMs;

function trialEndsMs(s: Supervision, settings: SupervisionSettings): number {
  if (settings.bauds.length < 2) return Number.POSITIVE_INFINITY;
  if (s.bytes >= settings.trialBytes) return s.lastByteMs ?? s.sinceMs;
  const from = s.firstByteMs ?? (settings.silentWhenWrong ? s.sinceMs : undefined);
  return from === undefined ? Number.POSITIVE_INFINITY : from + settings.trialMs;
}

export function stepSupervision(
  s: Supervision,
  input: SupervisionInput,
  settings: SupervisionSettings,
  monoMs: number,
): SupervisionStep {
  switch (input.kind) {
    case 'opened':
      return s.phase === 'opening' ? keep({ ...s, phase: 'open', sinceMs: monoMs }) : keep(s);
    case 'bytes':
      return s.phase === 'open' ? onBytes(s, input, settings, monoMs) : keep(s);
    case 'ended':
      return s.phase === 'open' || s.phase === 'opening'
        ? giveUp(s, input.reason, input.detail, monoMs)
        : keep(s);
    case 'closed':
      return s.phase === 'closing' ? wait(s, monoMs) : keep(s);
    case 'tick':
      return onTick(s, settings, monoMs);
  }
}

const keep = (state: Supervision): SupervisionStep => ({ state, actions: [] });

function onTick(s: Supervision, settings: SupervisionSettings, monoMs: number): SupervisionStep {
  if (monoMs < nextSupervisionMs(s, settings)) return keep(s);
  switch (s.phase) {
    case 'waiting':
      return open(s, settings, monoMs);
    case 'opening':
      return giveUp(s, 'error', 'opening takes too long', monoMs);
    case 'closing':
      return wait(s, monoMs);
    case 'open': {
      if (s.intactMs === undefined && monoMs >= trialEndsMs(s, settings))
        return nextRate(s, settings, monoMs);
      const rustles = s.lastByteMs !== undefined && monoMs - s.lastByteMs < settings.silenceMs;
      return giveUp(s, rustles ? 'unreadable' : 'silence', undefined, monoMs);
    }
  }
}

function open(s: Supervision, settings: SupervisionSettings, monoMs: number): SupervisionStep {
  const { firstByteMs: _f, lastByteMs: _l, intactMs: _i, ...rest } = s;
  const baud = settings.bauds[s.rate];
  return {
    state: { ...rest, phase: 'opening', sinceMs: monoMs, bytes: 0 },
    actions: [{ do: 'open', ...(baud === undefined ? {} : { baud }) }],
  };
}

function onBytes(
  s: Supervision,
  input: Extract<SupervisionInput, { kind: 'bytes' }>,
  settings: SupervisionSettings,
  monoMs: number,
): SupervisionStep {
  const heard = {
    ...s,
    firstByteMs: s.firstByteMs ?? monoMs,
    lastByteMs: monoMs,
    bytes: s.bytes + input.length,
  };
  if (!input.intact) {
    if (s.intactMs !== undefined) return keep(heard);
    const found = input.found === undefined ? undefined : BELONGS[input.found];
    if (!found || found.device === settings.device) return onTick(heard, settings, monoMs);
    const { what } = found;
    return giveUp(
      heard,
      'wrong_device',
      `${what} is plugged where ${PLACE[settings.device]} should be`,
      monoMs,
    );
  }
  const state: Supervision = {
    ...heard,
    intactMs: monoMs,
    failures: 0,
    ratesTried: 0,
    provenRate: s.rate,
    told: 'reading',
    toldReasons: [],
  };
  if (s.told === 'reading') return keep(state);
  const baud = settings.bauds[s.rate];
  return { state, actions: [{ do: 'tell', state: 'reading', ...(baud === undefined ? {} : { baud }) }] };
}

/** On to the next rate at once; after a whole round, by the common path. */
function nextRate(s: Supervision, settings: SupervisionSettings, monoMs: number): SupervisionStep {
  const ratesTried = s.ratesTried + 1;
  const moved = { ...s, rate: (s.rate + 1) % settings.bauds.length, ratesTried };
  if (ratesTried >= settings.bauds.length)
    return giveUp(moved, s.firstByteMs === undefined ? 'silence' : 'unreadable', undefined, monoMs);
  return {
    state: { ...moved, phase: 'closing', sinceMs: monoMs, waitMs: 0 },
    actions: [{ do: 'close' }],
  };
}

/** The one path of every loss. The rate that was proven is tried first again. */
function giveUp(
  s: Supervision,
  reason: LossReason,
  detail: string | undefined,
  monoMs: number,
): SupervisionStep {
  const news = !s.toldReasons.includes(reason);
  const state: Supervision = {
    ...s,
    phase: 'closing',
    sinceMs: monoMs,
    waitMs: Math.min(BACKOFF_MOST_MS, BACKOFF_FIRST_MS * 2 ** Math.min(s.failures, 10)),
    failures: s.failures + 1,
    rate: s.provenRate ?? s.rate,
    ratesTried: 0,
    told: 'lost',
    toldReasons: news ? [...s.toldReasons, reason] : s.toldReasons,
  };
  return {
    state,
    actions: [
      { do: 'close' },
      ...(news
        ? [{ do: 'tell', state: 'lost', reason, ...(detail === undefined ? {} : { detail }) } as const]
        : []),
    ],
  };
}

const wait = (s: Supervision, monoMs: number): SupervisionStep =>
  keep({ ...s, phase: 'waiting', sinceMs: monoMs });
