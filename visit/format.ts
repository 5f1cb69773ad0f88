/**
 * Wall times and dates in words, for the statements and the pages. The zone's offset comes from Intl, the words from
 * here: two machines with two ICU releases say the same bytes, and a browser needs no Temporal.
 */

import { civilFromDays } from '../protocol/time.ts';

export const LANGUAGES = ['fr', 'en'] as const;
export type Language = (typeof LANGUAGES)[number];
/** The same words in both languages. */
export type Bilingual = { readonly fr: string; readonly en: string };

export type LocalTime = {
  readonly year: number;
  /** 1-12. */
  readonly month: number;
  readonly day: number;
  /** 0 Sunday … 6 Saturday. */
  readonly weekday: number;
  readonly hour: number;
  readonly minute: number;
};

const QUARTER_MS = 900_000;
const DAY_MS = 86_400_000;
const zones = new Map<string, { format: Intl.DateTimeFormat; offsets: Map<number, number> }>();

/** Minutes east of UTC at `atMs`; every zone in use changes its offset on a quarter of an hour. */
function offsetMin(atMs: number, timezone: string): number {
  let zone = zones.get(timezone);
  if (!zone) {
    const format = new Intl.DateTimeFormat('en-US', { timeZone: timezone, timeZoneName: 'longOffset' });
    zone = { format, offsets: new Map() };
    zones.set(timezone, zone);
  }
  const quarter = Math.floor(atMs / QUARTER_MS);
  const known = zone.offsets.get(quarter);
  if (known !== undefined) return known;
  const parts = zone.format.formatToParts(quarter * QUARTER_MS);
  const m = /GMT([+-])(\d\d):(\d\d)/.exec(parts.find((p) => p.type === 'timeZoneName')?.value ?? '');
  const minutes = m ? (m[1] === '-' ? -1 : 1) * (Number(m[2]) * 60 + Number(m[3])) : 0;
  if (zone.offsets.size > 5000) zone.offsets.clear();
  zone.offsets.set(quarter, minutes);
  return minutes;
}

/** The wall time that people in `timezone` read at `atMs`. */
export function localOf(atMs: number, timezone: string): LocalTime {
  const local = atMs + offsetMin(atMs, timezone) * 60_000;
  const days = Math.floor(local / DAY_MS);
  const minutes = Math.floor((local - days * DAY_MS) / 60_000);
  return {
    ...civilFromDays(days),
    weekday: (((days + 4) % 7) + 7) % 7,
    hour: Math.floor(minutes / 60),
    minute: minutes % 60,
  };
}

const two = (n: number) => `${n}`.padStart(2, '0');

/** `2026-11-24` of an instant: the local day that a visit belongs to. */
export function localDate(atMs: number, timezone: string): string {
  const { year, month, day } = localOf(atMs, timezone);
  return `${year}-${two(month)}-${two(day)}`;
}

/** `9 h 24`, `12 h` · `9:24`, `12:00`. */
export function clock(language: Language, atMs: number, timezone: string): string {
  const { hour, minute } = localOf(atMs, timezone);
  if (language === 'en') return `${hour}:${two(minute)}`;
  return minute === 0 ? `${hour} h` : `${hour} h ${two(minute)}`;
}

const WEEKDAYS = {
  fr: ['dimanche', 'lundi', 'mardi', 'mercredi', 'jeudi', 'vendredi', 'samedi'],
  en: ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'],
} as const;
const MONTHS = {
  fr: [
    'janvier',
    'février',
    'mars',
    'avril',
    'mai',
    'juin',
    'juillet',
    'août',
    'septembre',
    'octobre',
    'novembre',
    'décembre',
  ],
  en: [
    'January',
    'February',
    'March',
    'April',
    'May',
    'June',
    'July',
    'August',
    'September',
    'October',
    'November',
    'December',
  ],
} as const;
const SHORT_MONTHS = {
  fr: ['janv.', 'févr.', 'mars', 'avr.', 'mai', 'juin', 'juil.', 'août', 'sept.', 'oct.', 'nov.', 'déc.'],
  en: ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'June', 'July', 'Aug', 'Sept', 'Oct', 'Nov', 'Dec'],
} as const;

const dayNumber = (language: Language, day: number) => (language === 'fr' && day === 1 ? '1er' : `${day}`);

/** `mardi 24 novembre` · `Tuesday 24 November`. */
export function longDate(language: Language, atMs: number, timezone: string): string {
  const { weekday, day, month } = localOf(atMs, timezone);
  return `${WEEKDAYS[language][weekday]} ${dayNumber(language, day)} ${MONTHS[language][month - 1]}`;
}

/** `mar. 29 déc.` · `Tue 29 Dec`, for lists. */
export function shortDate(language: Language, atMs: number, timezone: string): string {
  const { weekday, day, month } = localOf(atMs, timezone);
  const name = WEEKDAYS[language][weekday]!.slice(0, 3);
  const dot = language === 'fr' ? '.' : '';
  return `${name}${dot} ${dayNumber(language, day)} ${SHORT_MONTHS[language][month - 1]}`;
}
