import type { Sentence } from '../lines.ts';
import { dayNumber, MALFORMED, numberIn, timeOfDay } from './fields.ts';
import type { Report } from './report.ts';

/**
 * ZDA: time and date with the century. Its time may be the present second rather than that of the fix, so it
 * neither begins nor ends an instant.
 *
 *     $GPZDA,160012.71,11,03,2004,-1,00*hh
 *      1      160012.71    UTC
 *      2      11           day
 *      3      03           month
 *      4      2004         year
 *      5,6    -1,00        local zone, hours and minutes
 */
export function decodeZda(s: Sentence): Report | undefined {
  const timeOfDayMs = timeOfDay(s, 1);
  if (timeOfDayMs === MALFORMED) return undefined;
  const day = numberIn(s, 2, 1, 31);
  const month = numberIn(s, 3, 1, 12);
  const year = numberIn(s, 4, 1980, 2200);
  if (day === undefined || month === undefined || year === undefined) return { type: 'ZDA', timeOfDayMs };
  const days = dayNumber(year, month, day);
  return days === MALFORMED ? undefined : { type: 'ZDA', timeOfDayMs, day: days };
}
