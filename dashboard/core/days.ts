import { civilFromDays, daysFromCivil } from '../../protocol/time.ts';

/** Calendar arithmetic on local dates `YYYY-MM-DD`; without Temporal, so that a page may use it. */
const two = (n: number) => `${n}`.padStart(2, '0');

const numberOf = (date: string): number =>
  daysFromCivil(Number(date.slice(0, 4)), Number(date.slice(5, 7)), Number(date.slice(8, 10)));

function dateOf(days: number): string {
  const { year, month, day } = civilFromDays(days);
  return `${`${year}`.padStart(4, '0')}-${two(month)}-${two(day)}`;
}

export const addDays = (date: string, days: number): string => dateOf(numberOf(date) + days);
export const daysBetween = (from: string, to: string): number => numberOf(to) - numberOf(from);
/** 1 Monday … 7 Sunday. */
export const weekdayOf = (date: string): number => ((((numberOf(date) + 3) % 7) + 7) % 7) + 1;
export const mondayOf = (date: string): string => addDays(date, 1 - weekdayOf(date));
/** A date that exists: `2026-02-31` does not. */
export const isDate = (date: string): boolean =>
  /^\d{4}-\d\d-\d\d$/.test(date) && dateOf(numberOf(date)) === date;
/** First day of the month `YYYY-MM`, and of the next one. */
export function monthSpan(month: string): { readonly first: string; readonly next: string } {
  const first = `${month}-01`;
  return { first, next: `${addDays(first, 31).slice(0, 7)}-01` };
}

/** Easter Sunday (Meeus, Jones, Butcher). */
function easter(year: number): string {
  const a = year % 19;
  const b = Math.floor(year / 100);
  const c = year % 100;
  const d = (19 * a + b - Math.floor(b / 4) - Math.floor((b - Math.floor((b + 8) / 25) + 1) / 3) + 15) % 30;
  const e = (32 + 2 * (b % 4) + 2 * Math.floor(c / 4) - d - (c % 4)) % 7;
  const m = d + e - 7 * Math.floor((a + 11 * d + 22 * e) / 451) + 114;
  return `${year}-${two(Math.floor(m / 31))}-${two((m % 31) + 1)}`;
}

/** The eleven public holidays of metropolitan France (Code du travail, L3133-1). */
export function holidaysOf(year: number): ReadonlySet<string> {
  const fixed = ['01-01', '05-01', '05-08', '07-14', '08-15', '11-01', '11-11', '12-25'];
  const moving = [1, 39, 50].map((days) => addDays(easter(year), days));
  return new Set([...fixed.map((day) => `${year}-${day}`), ...moving]);
}
export const isHoliday = (date: string): boolean => holidaysOf(Number(date.slice(0, 4))).has(date);
