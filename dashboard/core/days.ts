import { Temporal } from 'temporal-polyfill';

/** Calendar arithmetic on local dates `YYYY-MM-DD`. */
export const addDays = (date: string, days: number): string =>
  Temporal.PlainDate.from(date).add({ days }).toString();

/** 1 Monday … 7 Sunday. */
export const weekdayOf = (date: string): number => Temporal.PlainDate.from(date).dayOfWeek;

export const mondayOf = (date: string): string => addDays(date, 1 - weekdayOf(date));

/** First day of the month `YYYY-MM`, and of the next one. */
export function monthSpan(month: string): { first: string; next: string } {
  const first = Temporal.PlainDate.from(`${month}-01`);
  return { first: first.toString(), next: first.add({ months: 1 }).toString() };
}
