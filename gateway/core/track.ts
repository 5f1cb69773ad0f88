import type { Place } from '../../protocol/geo.ts';

/**
 * Is the road since the last kept fix still a straight line? A cone from that fix through every fix since, each
 * widened by the tolerance; the fix that no direction of the cone reaches is kept. One pass, constant memory.
 * The tolerance leaves room for what the kept fix itself stands aside, so that the error stays ≤ 10 m.
 */
export type TrackState = {
  /** Bearings, radians relative to `axis`, between which every fix since is passed within the tolerance. */
  readonly axis?: number;
  readonly low: number;
  readonly high: number;
  /** Furthest fix since: a van that turns back has left the line. */
  readonly farM: number;
};
export const initialTrack: TrackState = { low: -Math.PI, high: Math.PI, farM: 0 };

const TOLERANCE_M = 4;
const DEGREE_M = 111_195;

function polar(from: Place, to: Place): { bearing: number; lengthM: number } {
  const east = (to.longitude - from.longitude) * DEGREE_M * Math.cos((from.latitude * Math.PI) / 180);
  const north = (to.latitude - from.latitude) * DEGREE_M;
  return { bearing: Math.atan2(east, north), lengthM: Math.sqrt(east * east + north * north) };
}

const turned = (angle: number) => Math.atan2(Math.sin(angle), Math.cos(angle));

/** Whether the line from `kept` to `fix` passes all fixes since within the tolerance. */
export function isStraight(kept: Place, track: TrackState, fix: Place): boolean {
  const { bearing, lengthM } = polar(kept, fix);
  if (lengthM < track.farM - TOLERANCE_M) return false;
  if (track.axis === undefined || lengthM <= TOLERANCE_M) return true;
  const aside = turned(bearing - track.axis);
  return aside >= track.low && aside <= track.high;
}

/** The cone after a fix that was not kept. */
export function trackAfter(kept: Place, track: TrackState, fix: Place): TrackState {
  const { bearing, lengthM } = polar(kept, fix);
  const farM = Math.max(track.farM, lengthM);
  if (lengthM <= TOLERANCE_M) return { ...track, farM };
  const half = Math.asin(TOLERANCE_M / lengthM);
  const axis = track.axis ?? bearing;
  const aside = turned(bearing - axis);
  return { axis, low: Math.max(track.low, aside - half), high: Math.min(track.high, aside + half), farM };
}
