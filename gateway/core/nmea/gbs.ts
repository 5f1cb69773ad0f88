import type { Sentence } from '../lines.ts';
import { MALFORMED, timeOfDay } from './fields.ts';
import { horizontalErrorM } from './gst.ts';
import type { Report } from './report.ts';

/**
 * GBS: satellite fault detection, with the errors expected of the fix of that time.
 *
 *     $GNGBS,003956.00,2.3,3.5,4.0,,,,,,*hh
 *      1      003956.00    UTC of the fix it speaks of
 *      2,3,4  2.3,3.5,4.0  expected error of latitude, longitude, altitude, m
 *      5-8    ,,,          satellite most likely failed, probability, bias, its deviation
 */
export function decodeGbs(s: Sentence): Report | undefined {
  const timeOfDayMs = timeOfDay(s, 1);
  if (timeOfDayMs === MALFORMED) return undefined;
  return { type: 'GBS', timeOfDayMs, accuracyM: horizontalErrorM(s, 2) };
}
