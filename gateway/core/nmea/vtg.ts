import type { Sentence } from '../lines.ts';
import { letter, numberIn } from './fields.ts';
import { KMH_MPS, KNOT_MPS, MAX_KNOTS, modeSays, type Report } from './report.ts';

/**
 * VTG: course and speed over ground; no time, so it belongs to the instant that is open.
 *
 *     $GPVTG,054.7,T,034.4,M,005.5,N,010.2,K,A*hh
 *      1,2    054.7,T      course, degrees true
 *      3,4    034.4,M      course, degrees magnetic
 *      5,6    005.5,N      speed, knots
 *      7,8    010.2,K      speed, km/h
 *      9      A            mode (NMEA 2.3)
 *
 *     $GPVTG,054.7,034.4,005.5,010.2*hh     before NMEA 2.0: the same four, without their letters
 */
export function decodeVtg(s: Sentence): Report | undefined {
  const bare = s.count === 5;
  if (!bare && modeSays(letter(s, 9)) === 'void') return { type: 'VTG' };
  const knots = numberIn(s, bare ? 3 : 5, 0, MAX_KNOTS);
  const kmh = numberIn(s, bare ? 4 : 7, 0, MAX_KNOTS * 1.852);
  return {
    type: 'VTG',
    courseDeg: numberIn(s, 1, 0, 360),
    speedMps: knots !== undefined ? knots * KNOT_MPS : kmh !== undefined ? kmh * KMH_MPS : undefined,
  };
}
