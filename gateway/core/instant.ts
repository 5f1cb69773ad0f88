import type { Fix } from '../../protocol/readings.ts';
import type { FixSentence, Report } from './nmea/report.ts';

/** What the sentences of one instant have said so far, and the fix that follows. */
export type Instant = {
  readonly timeOfDayMs: number;
  isValid: boolean;
  isVoid: boolean;
  /** Time of day as the best sentence has it. */
  shownMs: number;
  /** The day that its own RMC tells, days since 1970. */
  day: number | undefined;
  latitude: number | undefined;
  longitude: number | undefined;
  /** Of the position so far: a finer one takes its place. */
  decimals: number;
  estimated: boolean;
  mode: number | undefined;
  altitudeM: number | undefined;
  accuracyM: number | undefined;
  hdop: number | undefined;
  satellitesUsed: number | undefined;
  speedMps: number | undefined;
  courseDeg: number | undefined;
  /** How many of each sentence so far, by its place in `TYPES`. */
  readonly seen: number[];
  /** The last sentence, as `tagOf`. */
  last: number;
};

/** A receiver that tells no error in metres: HDOP × this (one sigma of a modern single-frequency receiver). */
export const METRES_PER_HDOP = 5;

const TYPES: readonly FixSentence[] = ['RMC', 'GGA', 'GNS', 'GLL', 'GSA', 'VTG', 'ZDA', 'GST', 'GBS'];
const PLACE = Object.fromEntries(TYPES.map((type, i) => [type, i])) as Record<FixSentence, number>;

/** A sentence and its how-manieth of the instant, as one number: five GSA in an instant are five tags. */
const tagOf = (place: number, times: number) => times * TYPES.length + place;
export const NO_TAG = -1;

export const hasSeen = (instant: Instant, type: FixSentence): boolean => instant.seen[PLACE[type]]! > 0;

export function newInstant(timeOfDayMs: number): Instant {
  return {
    timeOfDayMs,
    isValid: false,
    isVoid: false,
    shownMs: timeOfDayMs,
    day: undefined,
    latitude: undefined,
    longitude: undefined,
    decimals: -1,
    estimated: false,
    mode: undefined,
    altitudeM: undefined,
    accuracyM: undefined,
    hdop: undefined,
    satellitesUsed: undefined,
    speedMps: undefined,
    courseDeg: undefined,
    seen: [0, 0, 0, 0, 0, 0, 0, 0, 0],
    last: NO_TAG,
  };
}

/** Adds what a report says. Where two speak of one thing: the finer position, RMC's speed, GST's error, the higher mode. */
export function merge(instant: Instant, r: Report): void {
  const place = PLACE[r.type];
  instant.last = tagOf(place, ++instant.seen[place]!);
  if (r.says === 'void') instant.isVoid = true;
  else if (r.says === 'valid') instant.isValid = true;
  if (r.type === 'RMC' && r.day !== undefined) {
    instant.day = r.day;
    instant.shownMs = r.timeOfDayMs!;
  }
  if (r.position && r.position.decimals > instant.decimals) {
    instant.latitude = r.position.latitude;
    instant.longitude = r.position.longitude;
    instant.decimals = r.position.decimals;
  }
  if (r.estimated) instant.estimated = true;
  if (r.mode !== undefined && r.mode > (instant.mode ?? 0)) instant.mode = r.mode;
  if (r.altitudeM !== undefined) instant.altitudeM = r.altitudeM;
  if (r.hdop !== undefined) instant.hdop ??= r.hdop;
  // Some receivers send a GGA for each constellation, with its own satellites (SiRFstarV).
  if (r.satellitesUsed !== undefined && r.satellitesUsed > (instant.satellitesUsed ?? -1))
    instant.satellitesUsed = r.satellitesUsed;
  if (r.accuracyM !== undefined && (r.type === 'GST' || instant.accuracyM === undefined))
    instant.accuracyM = r.accuracyM;
  // RMC carries the time to which its speed belongs; VTG only follows.
  if (r.speedMps !== undefined && (r.type === 'RMC' || instant.speedMps === undefined))
    instant.speedMps = r.speedMps;
  if (r.courseDeg !== undefined && (r.type === 'RMC' || instant.courseDeg === undefined))
    instant.courseDeg = r.courseDeg;
}

/** 2D or 3D: as GSA says, now or last; else an altitude from four satellites is 3D. */
function modeOf(i: Instant, lastMode: number | undefined): 2 | 3 {
  const told = i.mode ?? lastMode;
  if (told === 2 || told === 3) return told;
  return i.altitudeM !== undefined && (i.satellitesUsed ?? 0) >= 4 ? 3 : 2;
}

/** The fix of a valid instant that has a position; `at` is its time, epoch ms. */
export function fixOf(i: Instant, at: number, lastMode: number | undefined): Fix {
  const mode = modeOf(i, lastMode);
  const accuracyM = i.accuracyM ?? (i.hdop === undefined ? undefined : i.hdop * METRES_PER_HDOP);
  const fix: { -readonly [K in keyof Fix]: Fix[K] } = {
    at,
    latitude: i.latitude!,
    longitude: i.longitude!,
    mode,
  };
  // The altitude of a 2D fix is an assumption of the receiver.
  if (i.altitudeM !== undefined && mode === 3) fix.altitudeM = i.altitudeM;
  if (accuracyM !== undefined) fix.accuracyM = accuracyM;
  if (i.hdop !== undefined) fix.hdop = i.hdop;
  if (i.satellitesUsed !== undefined) fix.satellitesUsed = i.satellitesUsed;
  if (i.speedMps !== undefined) fix.speedMps = i.speedMps;
  if (i.courseDeg !== undefined) fix.courseDeg = i.courseDeg;
  if (i.estimated) fix.estimated = true;
  return fix;
}
