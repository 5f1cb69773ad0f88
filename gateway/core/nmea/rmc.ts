import type { Sentence } from '../lines.ts';
import { dateDdmmyy, letter, MALFORMED, numberIn, position, timeOfDay } from './fields.ts';
import { KNOT_MPS, MAX_KNOTS, type Report, statusSays } from './report.ts';

/**
 * RMC: recommended minimum, the usual carrier of the date.
 *
 *     $GPRMC,225446.33,A,4916.45,N,12311.12,W,000.5,054.7,191194,020.3,E,A,V*hh
 *      1      225446.33   UTC of position
 *      2      A           status: A valid, V void (D in some old receivers)
 *      3,4    4916.45,N   latitude
 *      5,6    12311.12,W  longitude
 *      7      000.5       speed over ground, knots
 *      8      054.7       course over ground, degrees true
 *      9      191194      date ddmmyy
 *      10,11  020.3,E     magnetic variation
 *      12     A           mode (NMEA 2.3)
 *      13     V           navigational status (NMEA 4.1): V on good fixes of u-blox and Quectel, so never read
 *
 * A void RMC gives neither date nor position: MTK 3301 and others print bogus ones while they search. Telit HE910
 * prints the year -1: such a date is absent. `$GPRMC,,V,,,,,,,,,,N` (Quectel) forgets the date.
 */
export function decodeRmc(s: Sentence): Report | undefined {
  const timeOfDayMs = timeOfDay(s, 1);
  if (timeOfDayMs === MALFORMED) return undefined;
  const says = statusSays(letter(s, 2), letter(s, 12));
  const day = dateDdmmyy(s, 9);
  if (says !== 'valid')
    return {
      type: 'RMC',
      timeOfDayMs,
      says,
      forgetsDate: says === 'void' && (timeOfDayMs === undefined || day === undefined),
    };
  const where = position(s, 3);
  if (where === MALFORMED) return undefined;
  const knots = numberIn(s, 7, 0, MAX_KNOTS);
  return {
    type: 'RMC',
    timeOfDayMs,
    says,
    position: where,
    day: day === MALFORMED ? undefined : day,
    estimated: letter(s, 12) === 'E',
    speedMps: knots === undefined ? undefined : knots * KNOT_MPS,
    courseDeg: numberIn(s, 8, 0, 360),
  };
}
