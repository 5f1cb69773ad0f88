import type { Position } from './fields.ts';

/** The sentences that make a fix. */
export type FixSentence = 'RMC' | 'GGA' | 'GNS' | 'GLL' | 'GSA' | 'VTG' | 'ZDA' | 'GST' | 'GBS';

/** What one sentence says; what it does not say is undefined. Units are in the names. */
export type Report = {
  readonly type: FixSentence;
  /** Milliseconds of the UTC day. */
  readonly timeOfDayMs?: number | undefined;
  /** Its word on the fix of that instant; a sentence without a validity field, or with an empty one, has none. */
  readonly says?: 'valid' | 'void' | undefined;
  readonly position?: Position | undefined;
  /** Days since 1970, as sent. */
  readonly day?: number | undefined;
  /** Position by dead reckoning. */
  readonly estimated?: boolean | undefined;
  /** A receiver that has lost even the time: what it said of the date holds no more. */
  readonly forgetsDate?: boolean | undefined;
  readonly mode?: 1 | 2 | 3 | undefined;
  readonly altitudeM?: number | undefined;
  readonly accuracyM?: number | undefined;
  readonly hdop?: number | undefined;
  readonly satellitesUsed?: number | undefined;
  readonly speedMps?: number | undefined;
  readonly courseDeg?: number | undefined;
};

export const KNOT_MPS = 1852 / 3600;
export const KMH_MPS = 1 / 3.6;
/** Faster than any aircraft: no speed. */
export const MAX_KNOTS = 2000;
/** Receivers print 99.0 or 99.99 for a DOP that they do not know. */
export const MAX_DOP = 98.9;

/**
 * The mode letter (FAA) of RMC, GLL and of one constellation of GNS. A autonomous, D differential, E estimated,
 * F float, R fixed, P precise, C caution (Quectel), O (Skytraq) are a fix; N not valid, M manual and S simulator never
 * are; U unsafe (Quectel) and what nobody knows is no word for either side. Absent before NMEA 2.3.
 */
export function modeSays(mode: string): 'valid' | 'void' | undefined {
  if ('ADEFRPCO'.includes(mode)) return 'valid';
  return 'NMS'.includes(mode) ? 'void' : undefined;
}

/** Status A|V together with the mode letter: the mode can take a fix away, never give one. */
export function statusSays(status: string, mode: string): 'valid' | 'void' | undefined {
  if (status === 'V') return 'void';
  // D: differential, of some receivers older than the mode field.
  if (status !== 'A' && status !== 'D') return undefined;
  return mode === '' ? 'valid' : modeSays(mode);
}
