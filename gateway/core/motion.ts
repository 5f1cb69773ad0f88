import type { Fix } from '../../protocol/readings.ts';
import { apartM } from '../../visit/place.ts';

/**
 * Does the van move? From the receiver's Doppler speed; without one from the way made in the last seconds, against what
 * the wandering error alone would make of it. Two thresholds, so that a noisy speed does not chatter.
 */
export type MotionState = {
  readonly moving: boolean;
  /** Best estimate, for the gate's own use: how far can the van have come? */
  readonly speedMps: number;
  /** The last fixes of a receiver that gives no speed, oldest first. */
  readonly trail: readonly { readonly at: number; readonly latitude: number; readonly longitude: number }[];
};
export const initialMotion: MotionState = { moving: false, speedMps: 0, trail: [] };

const START_MPS = 1.2;
const STOP_MPS = 0.7;
/** Way that tells motion from jitter. */
const SPAN_MS = 4000;
/** A fix before a gap says nothing about motion now. */
const TRAIL_MAX_MS = 90_000;
const NO_TRAIL: MotionState['trail'] = [];

export function stepMotion(state: MotionState, at: number, fix: Fix, accuracyM: number): MotionState {
  const { speedMps } = fix;
  if (speedMps !== undefined) {
    const moving = speedMps >= (state.moving ? STOP_MPS : START_MPS);
    return { moving, speedMps, trail: NO_TRAIL };
  }
  const trail = [
    ...state.trail.filter((seen) => at - seen.at <= TRAIL_MAX_MS),
    { at, latitude: fix.latitude, longitude: fix.longitude },
  ];
  // The newest fix that is old enough, and nothing before it.
  let first = trail.length - 2;
  while (first > 0 && at - trail[first]!.at < SPAN_MS) first--;
  if (first < 0) return { moving: state.moving, speedMps: state.speedMps, trail };
  const from = trail[first]!;
  const seconds = (at - from.at) / 1000;
  const wayM = apartM(from, fix);
  // A first-order error that forgets in 150 s wanders by 0.115 × its size × √seconds (one sigma, both axes).
  const noiseM = 0.3 * accuracyM * Math.sqrt(seconds);
  const moving = wayM > Math.max((state.moving ? STOP_MPS : START_MPS) * seconds, noiseM);
  return { moving, speedMps: moving ? wayM / seconds : 0, trail: trail.slice(first) };
}
