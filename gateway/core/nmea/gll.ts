import type { Sentence } from '../lines.ts';
import { letter, MALFORMED, position, timeOfDay } from './fields.ts';
import { type Report, statusSays } from './report.ts';

/**
 * GLL: latitude and longitude; no date.
 *
 *     $GPGLL,4916.45,N,12311.12,W,225444,A,A*hh
 *      1,2    4916.45,N    latitude
 *      3,4    12311.12,W   longitude
 *      5      225444       UTC of position
 *      6      A            status: A valid, V void
 *      7      A            mode (NMEA 2.3)
 *
 * Garmin 48 and 65 send neither time nor status: such a line places nothing.
 */
export function decodeGll(s: Sentence): Report | undefined {
  const timeOfDayMs = timeOfDay(s, 5);
  if (timeOfDayMs === MALFORMED) return undefined;
  const says = statusSays(letter(s, 6), letter(s, 7));
  if (says !== 'valid') return { type: 'GLL', timeOfDayMs, says };
  const where = position(s, 1);
  if (where === MALFORMED) return undefined;
  return { type: 'GLL', timeOfDayMs, says, position: where, estimated: letter(s, 7) === 'E' };
}
