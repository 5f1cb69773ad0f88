import type { Sentence } from '../lines.ts';
import { numberIn } from './fields.ts';
import { MAX_DOP, type Report } from './report.ts';

/**
 * GSA: dilution of precision and satellites used; no time, so it belongs to the instant that is open.
 *
 *     $GNGSA,A,3,80,71,73,79,69,,,,,,,,1.83,1.09,1.47,1*hh
 *      1      A            choice of 2D or 3D: A automatic, M manual
 *      2      3            1 no fix, 2 2D, 3 3D
 *      3-14   80,…         satellites used, 12 places (one sentence a constellation, more than one when it has more)
 *      15     1.83         PDOP
 *      16     1.09         HDOP
 *      17     1.47         VDOP
 *      18     1            system (NMEA 4.1)
 */
export function decodeGsa(s: Sentence): Report | undefined {
  return {
    type: 'GSA',
    mode: numberIn(s, 2, 1, 3) as 1 | 2 | 3 | undefined,
    hdop: numberIn(s, 16, 0.01, MAX_DOP),
  };
}
