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
  /** Without a speed only: the last fixes, oldest first. */
  readonly trail: readonly Seen[];
  /** Without a speed only: how much the track stutters, metres a second: a road is smooth, a reflection is not. */
  readonly roughM: number;
};
type Seen = { readonly at: number; readonly latitude: number; readonly longitude: number };
export const initialMotion: MotionState = { moving: false, speedMps: 0, trail: [], roughM: 0 };

const START_MPS = 1.2;
const STOP_MPS = 0.7;
/** Way that tells motion from jitter; on a rough track it takes longer. */
const SPAN_MS = 4000;
const ROUGH_SPAN_MS = 8000;
const ROUGH_M = 2;
/** A fix before a gap says nothing about motion now. */
const TRAIL_MAX_MS = 90_000;
const NO_TRAIL: MotionState['trail'] = [];
/** Fixes further apart say nothing about roughness. */
const DENSE_MS = 3000;
const ROUGH_FORGETS = 0.04;

export function stepMotion(state: MotionState, at: number, fix: Fix, accuracyM: number): MotionState {
  const { speedMps } = fix;
  if (speedMps !== undefined) {
    const moving = speedMps >= (state.moving ? STOP_MPS : START_MPS);
    return { moving, speedMps, trail: NO_TRAIL, roughM: 0 };
  }
  const seen = { at, latitude: fix.latitude, longitude: fix.longitude };
  const trail = [...state.trail.filter((other) => at - other.at <= TRAIL_MAX_MS), seen];
  const roughM = roughAfter(state.roughM, trail);
  const spanMs = roughM > ROUGH_M ? ROUGH_SPAN_MS : SPAN_MS;
  // The newest fix that is old enough, and nothing before it.
  let first = trail.length - 2;
  while (first > 0 && at - trail[first]!.at < spanMs) first--;
  if (first < 0) return { moving: state.moving, speedMps: state.speedMps, trail, roughM };
  const from = trail[first]!;
  const seconds = (at - from.at) / 1000;
  const wayM = apartM(from, fix);
  // An error that forgets in 150 s wanders by 0.115 × its size × √seconds (one sigma, both axes).
  const noiseM = Math.max(0.3 * accuracyM, 2 * roughM) * Math.sqrt(seconds);
  const moving = wayM > Math.max((state.moving ? STOP_MPS : START_MPS) * seconds, noiseM);
  const kept = trail.filter((other) => at - other.at <= ROUGH_SPAN_MS || other === from);
  return { moving, speedMps: moving ? wayM / seconds : 0, trail: kept, roughM };
}

/** Mean second difference of the track: no van changes its speed by metres a second every second. */
function roughAfter(roughM: number, trail: readonly Seen[]): number {
  const [a, b, c] = trail.slice(-3);
  if (!a || !b || !c || c.at - b.at > DENSE_MS || b.at - a.at > DENSE_MS) return roughM;
  const middle = { latitude: (a.latitude + c.latitude) / 2, longitude: (a.longitude + c.longitude) / 2 };
  return roughM + (2 * apartM(middle, b) - roughM) * ROUGH_FORGETS;
}
