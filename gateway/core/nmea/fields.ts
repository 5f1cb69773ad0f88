import { civilFromDays, daysFromCivil } from '../../../protocol/time.ts';
import type { Sentence } from '../lines.ts';

/**
 * Fields read straight from the bytes of a sentence. An empty field is absent (`undefined`): IEC 61162-1 §7.2.3.4
 * makes empty mean «not available». `MALFORMED` is a field that holds something else than it should; a sentence
 * whose time or position is malformed is dropped whole, of other fields only the value.
 */
export const MALFORMED = Symbol('malformed');
export type Field<T> = T | undefined | typeof MALFORMED;

const SPACE = 0x20;
const POINT = 0x2e;
const MINUS = 0x2d;
const POWERS = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12];

const isDigit = (byte: number) => byte >= 0x30 && byte <= 0x39;
/** Where field `index` begins, blanks skipped: some receivers pad. */
function from(s: Sentence, index: number): number {
  let at = s.starts[index]!;
  const end = s.starts[index + 1]! - 1;
  while (at < end && s.bytes[at] === SPACE) at++;
  return at;
}
/** One past the last byte of field `index`, blanks dropped. */
function to(s: Sentence, index: number): number {
  let end = s.starts[index + 1]! - 1;
  const start = s.starts[index]!;
  while (end > start && s.bytes[end - 1] === SPACE) end--;
  return end;
}

/** True when the field is missing or holds nothing. */
export const isEmpty = (s: Sentence, index: number): boolean =>
  index >= s.count || from(s, index) >= to(s, index);

/** The first letter of a field, '' when it is empty or missing. */
export function letter(s: Sentence, index: number): string {
  return isEmpty(s, index) ? '' : String.fromCharCode(s.bytes[from(s, index)]!);
}

/** The text of a field, '' when it is empty or missing. */
export function text(s: Sentence, index: number): string {
  if (index >= s.count) return '';
  let out = '';
  for (let i = from(s, index), end = to(s, index); i < end; i++) out += String.fromCharCode(s.bytes[i]!);
  return out;
}

/** A decimal number `[-]d…[.d…]`. */
function decimal(s: Sentence, index: number): Field<number> {
  if (index >= s.count) return undefined;
  const { bytes } = s;
  let i = from(s, index);
  const end = to(s, index);
  if (i >= end) return undefined;
  const negative = bytes[i] === MINUS;
  if (negative || bytes[i] === 0x2b) i++;
  let mantissa = 0;
  let digits = 0;
  let decimals = -1;
  for (; i < end; i++) {
    const byte = bytes[i]!;
    if (isDigit(byte)) {
      // Past 15 digits a double holds no more: further decimals are dropped, further units are no number of ours.
      if (digits < 15) {
        mantissa = mantissa * 10 + (byte - 0x30);
        if (decimals >= 0) decimals++;
      } else if (decimals < 0) return MALFORMED;
      digits++;
    } else if (byte === POINT && decimals < 0) decimals = 0;
    else return MALFORMED;
  }
  if (digits === 0) return MALFORMED;
  const value = decimals > 0 ? mantissa / (POWERS[decimals] ?? 10 ** decimals) : mantissa;
  return negative ? -value : value;
}

/** A number within `min … max`; anything else is absent. */
export function numberIn(s: Sentence, index: number, min: number, max: number): number | undefined {
  const value = decimal(s, index);
  return typeof value === 'number' && value >= min && value <= max ? value : undefined;
}

/** Two digits at `at`, -1 when they are none. */
function pair(bytes: Uint8Array, at: number): number {
  const tens = bytes[at]!;
  const ones = bytes[at + 1]!;
  return isDigit(tens) && isDigit(ones) ? (tens - 0x30) * 10 + ones - 0x30 : -1;
}

/** `hhmmss[.f…]` as milliseconds of the day, the fraction cut at three decimals; 23:59:60 is a leap second. */
export function timeOfDay(s: Sentence, index: number): Field<number> {
  if (isEmpty(s, index)) return undefined;
  const { bytes } = s;
  const start = from(s, index);
  const end = to(s, index);
  if (end - start < 6) return MALFORMED;
  const hour = pair(bytes, start);
  const minute = pair(bytes, start + 2);
  const second = pair(bytes, start + 4);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0) return MALFORMED;
  if (second > 59 && !(second === 60 && hour === 23 && minute === 59)) return MALFORMED;
  let ms = 0;
  if (end > start + 6) {
    if (bytes[start + 6] !== POINT) return MALFORMED;
    for (let i = start + 7, weight = 100; i < end; i++, weight = weight === 1 ? 0 : weight / 10) {
      if (!isDigit(bytes[i]!)) return MALFORMED;
      ms += (bytes[i]! - 0x30) * weight;
    }
  }
  return ((hour * 60 + minute) * 60 + second) * 1000 + ms;
}

/** Days since 1970 of a civil date, `MALFORMED` when there is no such day. */
export function dayNumber(year: number, month: number, day: number): number | typeof MALFORMED {
  if (month < 1 || month > 12 || day < 1 || day > 31) return MALFORMED;
  const days = daysFromCivil(year, month, day);
  return civilFromDays(days).month === month ? days : MALFORMED;
}

/**
 * `ddmmyy` as days since 1970. GPS time began in 1980, so 80-99 are 19xx and 00-79 are 20xx, as gpsd has it; a
 * date that a week rollover has moved is given as sent.
 */
export function dateDdmmyy(s: Sentence, index: number): Field<number> {
  if (isEmpty(s, index)) return undefined;
  const start = from(s, index);
  if (to(s, index) - start !== 6) return MALFORMED;
  const day = pair(s.bytes, start);
  const month = pair(s.bytes, start + 2);
  const year = pair(s.bytes, start + 4);
  if (day < 0 || month < 0 || year < 0) return MALFORMED;
  return dayNumber(year < 80 ? 2000 + year : 1900 + year, month, day);
}

/** Degrees of `d…dmm.m…`; the two digits left of the point are whole minutes. */
function degrees(s: Sentence, index: number): number | typeof MALFORMED {
  const { bytes } = s;
  const end = to(s, index);
  let whole = 0;
  let i = from(s, index);
  const start = i;
  for (; i < end && isDigit(bytes[i]!); i++) whole = whole * 10 + bytes[i]! - 0x30;
  // Without a point it is no position but a bare number (gpsd asks for it too).
  if (i === start || i - start > 5 || i >= end || bytes[i] !== POINT) return MALFORMED;
  let fraction = 0;
  let scale = 1;
  for (i++; i < end; i++) {
    if (!isDigit(bytes[i]!)) return MALFORMED;
    if (scale < 1e12) {
      fraction = fraction * 10 + bytes[i]! - 0x30;
      scale *= 10;
    }
  }
  const minutes = whole % 100;
  if (minutes > 59) return MALFORMED;
  return Math.floor(whole / 100) + (minutes + fraction / scale) / 60;
}

/** Decimals of a field that has a point: of two sentences of one instant, the finer position is taken. */
function decimalsOf(s: Sentence, index: number): number {
  const end = to(s, index);
  let point = end - 1;
  while (s.bytes[point] !== POINT) point--;
  return end - point - 1;
}

export type Position = { readonly latitude: number; readonly longitude: number; readonly decimals: number };

/**
 * Latitude, N|S, longitude, E|W in four fields from `index`. All four or nothing; 0,0 is what receivers print that
 * have no position and no taste for empty fields.
 */
export function position(s: Sentence, index: number): Field<Position> {
  if (isEmpty(s, index) || isEmpty(s, index + 1) || isEmpty(s, index + 2) || isEmpty(s, index + 3))
    return undefined;
  const latitude = degrees(s, index);
  const longitude = degrees(s, index + 2);
  if (latitude === MALFORMED || longitude === MALFORMED) return MALFORMED;
  const northSouth = letter(s, index + 1);
  const eastWest = letter(s, index + 3);
  if (latitude > 90 || longitude > 180) return MALFORMED;
  if ((northSouth !== 'N' && northSouth !== 'S') || (eastWest !== 'E' && eastWest !== 'W')) return MALFORMED;
  if (latitude === 0 && longitude === 0) return undefined;
  return {
    // 0 - x, since -0 is no latitude.
    latitude: northSouth === 'S' ? 0 - latitude : latitude,
    longitude: eastWest === 'W' ? 0 - longitude : longitude,
    decimals: Math.min(decimalsOf(s, index), decimalsOf(s, index + 2)),
  };
}
