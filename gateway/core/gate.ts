import type { Fix } from '../../protocol/readings.ts';
import { apartM } from '../../visit/place.ts';
import { initialMotion, type MotionState, stepMotion } from './motion.ts';
import { initialStuck, type StuckState, stepStuck } from './stuck.ts';

/**
 * Believable or not, with the reason (Traccar's FilterHandler names them alike). Reasons are counted, never exceptions.
 * The gate turns speed into `moving`; nothing after it sees a speed (DESIGN §1.2).
 */
export const GATE_REASONS = [
  'place',
  'future',
  'duplicate',
  'accuracy',
  /** Further from the last believed place than a van can come in that time. */
  'speed',
  /** A receiver that repeats itself while the van moves. */
  'stuck',
] as const;
export type GateReason = (typeof GATE_REASONS)[number];

export type GateSettings = {
  /** No fix is older than the software: such a date has lost 1024 weeks (hazards.md §3). Epoch ms. */
  readonly buildMs: number;
  readonly maxSpeedMps: number;
  /** A worse fix says nothing about a circle of some tens of metres. */
  readonly maxAccuracyM: number;
};
export const gateSettings = (buildMs: number): GateSettings => ({
  buildMs,
  maxSpeedMps: 60,
  maxAccuracyM: 150,
});

export type BelievedFix = {
  readonly at: number;
  readonly latitude: number;
  readonly longitude: number;
  readonly accuracyM?: number;
  readonly moving: boolean;
  readonly satellitesUsed?: number;
  readonly rollover?: true;
  /** Its own time lies before the last one's. */
  readonly late?: true;
};
export type GateVerdict =
  | { readonly fix: BelievedFix; readonly rejected?: undefined }
  | { readonly rejected: GateReason; readonly fix?: undefined };

type Seen = { readonly at: number; readonly latitude: number; readonly longitude: number };
/** JSON. */
export type GateState = {
  readonly last: (Seen & { readonly accuracyM: number; readonly speedMps: number }) | undefined;
  /** A run of fixes that contradict the last believed one and agree with each other. */
  readonly rival: (Seen & { readonly since: number }) | undefined;
  readonly motion: MotionState;
  readonly stuck: StuckState;
};
export const initialGate = (): GateState => ({
  last: undefined,
  rival: undefined,
  motion: initialMotion,
  stuck: initialStuck,
});

const ROLLOVER_MS = 1024 * 7 * 86_400_000;
/** The anchored clock and the receiver agree within this, or one of them is wrong. */
const FUTURE_MS = 10 * 60_000;
/** Error of a fix in metres for each unit of HDOP. */
const METRES_PER_HDOP = 5;
const UNKNOWN_ACCURACY_M = 8;
/** What a van gains at full throttle with some to spare, m/s². */
const GAIN_MPS2 = 4;
/** Jumps of the error itself: a reflection that comes and goes. */
const JUMP_M = 15;
/** Fixes that agree for so long are believed although they lie far away: the old place was wrong, or a gap explains it. */
const RIVAL_NEAR_MS = 20_000;
const RIVAL_FAR_MS = 60_000;

/** The date of a fix with its week rollover repaired: + 1024 weeks while before the build date. */
export function repairedAt(at: number, buildMs: number): number {
  return at >= buildMs ? at : at + Math.ceil((buildMs - at) / ROLLOVER_MS) * ROLLOVER_MS;
}

const accuracyOf = ({ accuracyM, hdop }: Fix): number | undefined =>
  accuracyM ?? (hdop === undefined ? undefined : hdop * METRES_PER_HDOP);

type GateStep = { readonly state: GateState; readonly verdict: GateVerdict };
const rejection = (rejected: GateReason, state: GateState): GateStep => ({ state, verdict: { rejected } });

/** One fix. `nowMs`: the anchored clock, where there is one. */
export function stepGate(state: GateState, fix: Fix, settings: GateSettings, nowMs?: number): GateStep {
  const at = repairedAt(fix.at, settings.buildMs);
  const accuracyM = accuracyOf(fix);
  const { last } = state;
  if (!isOnEarth(fix)) return rejection('place', state);
  if (nowMs !== undefined && at > nowMs + FUTURE_MS) return rejection('future', state);
  if (accuracyM !== undefined && accuracyM > settings.maxAccuracyM) return rejection('accuracy', state);
  if (last && at === last.at) return rejection('duplicate', state);
  if (last && at < last.at) {
    const moving = (fix.speedMps ?? 0) >= LATE_MOVING_MPS;
    return { state, verdict: { fix: { ...believed(fix, at, accuracyM, moving), late: true } } };
  }
  const { state: stuck, isStuck } = stepStuck(state.stuck, at, fix, state.motion.moving);
  if (isStuck) return rejection('stuck', { ...state, stuck });
  const assumedM = accuracyM ?? UNKNOWN_ACCURACY_M;
  if (last && !isWithinReach(last, fix, at, assumedM, settings)) {
    const rival = rivalAfter(state.rival, fix, at, settings);
    const impliedMps = apartM(last, fix) / Math.max(1, (at - last.at) / 1000);
    const neededMs = impliedMps <= settings.maxSpeedMps ? RIVAL_NEAR_MS : RIVAL_FAR_MS;
    if (at - rival.since < neededMs) return rejection('speed', { ...state, stuck, rival });
  }
  const motion = stepMotion(state.motion, at, fix, assumedM);
  const { latitude, longitude } = fix;
  return {
    state: {
      last: { at, latitude, longitude, accuracyM: assumedM, speedMps: motion.speedMps },
      rival: undefined,
      motion,
      stuck,
    },
    verdict: { fix: believed(fix, at, accuracyM, motion.moving) },
  };
}

/** Written out, not spread: this runs for every fix of a replay. */
function believed(fix: Fix, at: number, accuracyM: number | undefined, moving: boolean): BelievedFix {
  const made: { -readonly [K in keyof BelievedFix]: BelievedFix[K] } = {
    at,
    latitude: fix.latitude,
    longitude: fix.longitude,
    moving,
  };
  if (accuracyM !== undefined) made.accuracyM = accuracyM;
  if (fix.satellitesUsed !== undefined) made.satellitesUsed = fix.satellitesUsed;
  if (at !== fix.at) made.rollover = true;
  return made;
}

/** A late fix is judged by its own speed alone. */
const LATE_MOVING_MPS = 1;

const isOnEarth = ({ latitude, longitude }: Fix): boolean =>
  Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180 && !(latitude === 0 && longitude === 0);

function isWithinReach(
  last: NonNullable<GateState['last']>,
  fix: Fix,
  at: number,
  accuracyM: number,
  settings: GateSettings,
): boolean {
  const seconds = (at - last.at) / 1000;
  const fastest = Math.max(last.speedMps, fix.speedMps ?? 0) + GAIN_MPS2 * 0.5 * seconds;
  const slackM = JUMP_M + 1.5 * (last.accuracyM + accuracyM);
  return apartM(last, fix) <= Math.min(settings.maxSpeedMps, fastest) * seconds + slackM;
}

/** The run of disbelieved fixes, begun anew when this one contradicts them too. */
function rivalAfter(
  rival: GateState['rival'],
  fix: Fix,
  at: number,
  settings: GateSettings,
): NonNullable<GateState['rival']> {
  const seen = { at, latitude: fix.latitude, longitude: fix.longitude };
  if (!rival) return { ...seen, since: at };
  const agrees = apartM(rival, fix) <= (settings.maxSpeedMps * Math.max(1, at - rival.at)) / 1000;
  return { ...seen, since: agrees ? rival.since : at };
}
