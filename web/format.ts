import { clock, type Language, localDate, longDate } from '../visit/format.ts';

export {
  type Bilingual,
  clock,
  type Language,
  localDate,
  longDate,
  shortDate,
} from '../visit/format.ts';

/** `il y a 20 s`, `il y a 3 min`, then the time of day: an age in hours tells nobody anything. */
export function age(language: Language, atMs: number, nowMs: number, timezone: string): string {
  const seconds = Math.max(0, Math.round((nowMs - atMs) / 1000));
  const ago = (text: string) => (language === 'fr' ? `il y a ${text}` : `${text} ago`);
  if (seconds < 5) return language === 'fr' ? "à l'instant" : 'just now';
  if (seconds < 90) return ago(`${Math.floor(seconds / 5) * 5} s`);
  if (seconds < 3600) return ago(`${Math.round(seconds / 60)} min`);
  return when(language, atMs, nowMs, timezone);
}

/** `à 10 h 12` today, else with the day. */
export function when(language: Language, atMs: number, nowMs: number, timezone: string): string {
  const time = clock(language, atMs, timezone);
  if (localDate(atMs, timezone) === localDate(nowMs, timezone))
    return language === 'fr' ? `à ${time}` : `at ${time}`;
  const day = longDate(language, atMs, timezone);
  return language === 'fr' ? `le ${day} à ${time}` : `on ${day} at ${time}`;
}

/** `9 h 30–12 h` · `9:30–12:00`. */
export function hours(language: Language, fromMs: number, toMs: number, timezone: string): string {
  return `${clock(language, fromMs, timezone)}–${clock(language, toMs, timezone)}`;
}
