import { destination, type Place } from '../protocol/geo.ts';
import type { Random } from './random.ts';

/**
 * What a receiver makes of the true place. GNSS error is not white: it wanders over minutes (ionosphere, orbits),
 * over tens of seconds (multipath) and jitters a little; so a parked van draws a slow curve of some metres.
 */
export type Seen = Place & {
  readonly speedMps: number;
  readonly courseDeg: number;
  readonly altitudeM: number;
  readonly hdop: number;
  readonly satellites: number;
  /** One sigma of latitude and longitude, metres. */
  readonly sigmaM: number;
};

export interface GnssError {
  /** The place as seen `dtS` seconds after the last call. */
  see(truth: Place & { speedMps: number; courseDeg: number }, dtS: number): Seen;
}

/** A first-order Gauss-Markov process: deviation `sigma`, forgets in `tauS`. */
function wander(sigma: number, tauS: number, random: Random) {
  let value = sigma * random.gauss();
  return (dtS: number) => {
    const keep = Math.exp(-dtS / tauS);
    value = value * keep + sigma * Math.sqrt(1 - keep * keep) * random.gauss();
    return value;
  };
}

const SLOW_M = 1.3;
const MULTIPATH_M = 0.8;
const JITTER_M = 0.12;

export function makeGnssError(random: Random): GnssError {
  const [slowEast, slowNorth] = [wander(SLOW_M, 240, random), wander(SLOW_M, 240, random)];
  const [nearEast, nearNorth] = [wander(MULTIPATH_M, 15, random), wander(MULTIPATH_M, 15, random)];
  const up = wander(3, 180, random);
  const sky = wander(1, 600, random);
  return {
    see(truth, dtS) {
      const east = slowEast(dtS) + nearEast(dtS) + JITTER_M * random.gauss();
      const north = slowNorth(dtS) + nearNorth(dtS) + JITTER_M * random.gauss();
      const seen = destination(truth, Math.hypot(east, north), (Math.atan2(east, north) * 180) / Math.PI);
      const moving = truth.speedMps > 0.5;
      const satellites = Math.max(6, Math.min(20, Math.round(12 + 2 * sky(dtS))));
      return {
        ...seen,
        speedMps: moving
          ? Math.max(0, truth.speedMps + 0.08 * random.gauss())
          : Math.abs(0.06 * random.gauss()),
        courseDeg: (truth.courseDeg + (moving ? random.gauss() : 0) + 360) % 360,
        altitudeM: 92 + up(dtS),
        hdop: Math.round(100 * (0.6 + 4 / satellites)) / 100,
        satellites,
        sigmaM: Math.round(10 * Math.hypot(SLOW_M, MULTIPATH_M, JITTER_M)) / 10,
      };
    },
  };
}
