import type { Fix } from '../../protocol/readings.ts';

/**
 * A receiver that repeats one position. Many freeze it on purpose below some speed (static hold), so identical
 * coordinates prove nothing, unless the receiver's own speed contradicts them, or this receiver has jittered for ten
 * minutes while parked without ever freezing (facts/presence.md §5).
 */
export type StuckState = {
  readonly at: number;
  readonly latitude: number;
  readonly longitude: number;
  /** Since when, and how often, the coordinates are the same. */
  readonly since: number;
  readonly same: number;
  /** Time parked with coordinates that change. */
  readonly jitteredMs: number;
  /** Seen to hold its position on purpose: never suspected again. */
  readonly holds: boolean;
};
export const initialStuck: StuckState = {
  at: 0,
  latitude: Number.MAX_VALUE,
  longitude: 0,
  since: 0,
  same: 0,
  jitteredMs: 0,
  holds: false,
};

const PROVEN_MS = 10 * 60_000;
const RUN = 3;
const RUN_MS = 3000;
/** Nothing is frozen on purpose at this speed; nor at walking pace for long. */
const DRIVING_MPS = 3;
const WALKING_MPS = 1;
const WALKING_MS = 10_000;
/** Parked time is counted between fixes no further apart. */
const STEP_MAX_MS = 60_000;

export function stepStuck(
  state: StuckState,
  at: number,
  { latitude, longitude, speedMps }: Fix,
  moving: boolean,
): { readonly state: StuckState; readonly isStuck: boolean } {
  const elapsedMs = at - state.at;
  if (latitude !== state.latitude || longitude !== state.longitude) {
    const parked = !moving && elapsedMs <= STEP_MAX_MS ? elapsedMs : 0;
    return {
      state: {
        at,
        latitude,
        longitude,
        since: at,
        same: 0,
        jitteredMs: Math.min(PROVEN_MS, state.jitteredMs + parked),
        holds: state.holds,
      },
      isStuck: false,
    };
  }
  const same = state.same + 1;
  const isRun = same >= RUN && at - state.since >= RUN_MS;
  const contradicts =
    speedMps !== undefined && speedMps >= (at - state.since >= WALKING_MS ? WALKING_MPS : DRIVING_MPS);
  const isProven = state.jitteredMs >= PROVEN_MS && !state.holds;
  const isStuck = isRun && (contradicts || isProven);
  return {
    state: { ...state, at, same, holds: state.holds || (isRun && !isProven && !contradicts) },
    isStuck,
  };
}
