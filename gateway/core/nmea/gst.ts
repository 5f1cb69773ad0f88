import type { Sentence } from '../lines.ts';
import { MALFORMED, numberIn, timeOfDay } from './fields.ts';
import type { Report } from './report.ts';

/** A larger error estimate is a receiver's way to say that it has none. */
const MAX_ERROR_M = 100_000;

/**
 * GST: error estimates of the fix of that time.
 *
 *     $GPGST,172814.0,0.006,0.023,0.020,273.6,0.023,0.020,0.031*hh
 *      1      172814.0     UTC of the fix it speaks of
 *      2      0.006        RMS of the residuals of the ranges
 *      3,4,5  0.023,…      error ellipse: semi-major m, semi-minor m, orientation
 *      6      0.023        standard deviation of latitude, m
 *      7      0.020        standard deviation of longitude, m
 *      8      0.031        standard deviation of altitude, m
 *
 * The accuracy is the root of the sum of both squares (DRMS), of the ellipse where the errors are empty. Zero is what a receiver prints that does not know.
 */
export function decodeGst(s: Sentence): Report | undefined {
  const timeOfDayMs = timeOfDay(s, 1);
  if (timeOfDayMs === MALFORMED) return undefined;
  return { type: 'GST', timeOfDayMs, accuracyM: horizontalErrorM(s, 6) ?? horizontalErrorM(s, 3) };
}

/** Of two errors at right angles, in two fields from `index`. */
export function horizontalErrorM(s: Sentence, index: number): number | undefined {
  const north = numberIn(s, index, 0, MAX_ERROR_M);
  const east = numberIn(s, index + 1, 0, MAX_ERROR_M);
  const errorM = north === undefined || east === undefined ? 0 : Math.hypot(north, east);
  return errorM > 0 ? errorM : undefined;
}
