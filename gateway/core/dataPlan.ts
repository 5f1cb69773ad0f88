import * as z from 'zod';
import type { RowOf } from '../../protocol/rows.ts';
import { isoOf } from '../../protocol/time.ts';
import { instantOf } from '../../visit/agenda.ts';
import { localDate, localOf } from '../../visit/format.ts';

/**
 * How much of the month's data plan is used, and when it will be used up: pure fold of the byte counter of the modem's
 * interface (`/sys/class/net/<if>/statistics`, rx + tx: kernel.org ABI/testing/sysfs-class-net-statistics), which begins
 * again at every boot and whenever the modem comes back. What the SIM used before this gateway counted is not known.
 */

export type DataPlanSettings = {
  readonly monthBytes: number;
  /** Day of the month on which it begins anew; in a shorter month, its last day. */
  readonly renewsOn: number;
  readonly timezone: string;
};

export type DataPlanInput = {
  readonly at: number;
  /** Bytes both ways since the interface is there. */
  readonly bytes: number;
  readonly boot: string;
};

/** JSON-serialisable. */
export type DataPlanState = {
  readonly counter?: { readonly boot: string; readonly bytes: number };
  /** Local day on which the current month began. */
  readonly from?: string;
  readonly usedBytes: number;
  /** Bytes by local day, oldest first: the pace. */
  readonly days: readonly (readonly [date: string, bytes: number])[];
  /** Last one journaled. */
  readonly told?: { readonly at: number; readonly usedBytes: number };
};

export type DataPlanForecast = {
  readonly usedPercent: number;
  readonly renewsAt: number;
  /** At the pace of the last two weeks; absent while too few days are known. */
  readonly runsOutAt?: number;
};

export const initialDataPlan = (): DataPlanState => ({ usedBytes: 0, days: [] });

/** Two weeks: a pace of whole weeks knows of weekends. */
const PACE_DAYS = 14;
const MIN_PACE_DAYS = 3;
const DAY_MS = 86_400_000;
const TELL_MS = 3_600_000;
const TELL_BYTES = 1e6;

export function stepDataPlan(
  before: DataPlanState,
  { at, bytes, boot }: DataPlanInput,
  settings: DataPlanSettings,
): { readonly state: DataPlanState; readonly forecast: DataPlanForecast; readonly row?: RowOf<'event'> } {
  const { from, renewsAt } = monthOf(at, settings);
  const more = moreSince(before.counter, bytes, boot);
  const usedBytes = (before.from === from ? before.usedBytes : 0) + more;
  const days = daysAfter(before.days, localDate(at, settings.timezone), more);
  const counted = { ...before, counter: { boot, bytes }, from, usedBytes, days };
  const runsOutAt = runsOut(counted, at, settings);
  const forecast = {
    usedPercent: (usedBytes / settings.monthBytes) * 100,
    renewsAt,
    ...(runsOutAt === undefined ? {} : { runsOutAt }),
  };
  if (!isWorthARow(counted, at)) return { state: counted, forecast };
  const state = { ...counted, told: { at, usedBytes } };
  return { state, forecast, row: rowOf(state, at) };
}

/** What came since the last look; an interface that began anew has counted from nought. */
function moreSince(counter: DataPlanState['counter'], bytes: number, boot: string): number {
  if (!counter) return 0;
  return counter.boot === boot && bytes >= counter.bytes ? bytes - counter.bytes : bytes;
}

function daysAfter(days: DataPlanState['days'], today: string, more: number): DataPlanState['days'] {
  const last = days.at(-1);
  if (last?.[0] === today) return [...days.slice(0, -1), [today, last[1] + more]];
  return [...days, [today, more] as const].slice(-PACE_DAYS);
}

/** A van that stood still for days used nothing on them: the days are those of the calendar, not of the list. */
function runsOut(
  { days, usedBytes }: DataPlanState,
  at: number,
  { monthBytes, timezone }: DataPlanSettings,
): number | undefined {
  const left = monthBytes - usedBytes;
  if (left <= 0) return at;
  const recent = days.filter(([date]) => at - instantOf(date, '00:00', timezone) < PACE_DAYS * DAY_MS);
  const since = recent[0] ? instantOf(recent[0][0], '00:00', timezone) : at;
  const bytes = recent.reduce((sum, [, n]) => sum + n, 0);
  if (at - since < MIN_PACE_DAYS * DAY_MS || bytes === 0) return undefined;
  return Math.round(at + (left / bytes) * (at - since));
}

/** The month that runs: its first local day, and the midnight at which the next one begins. */
function monthOf(at: number, { renewsOn, timezone }: DataPlanSettings): { from: string; renewsAt: number } {
  const { year, month, day } = localOf(at, timezone);
  const thisMonth = renewal(year, month, renewsOn);
  const hasRenewed = day >= thisMonth.day;
  const next = hasRenewed ? renewal(year, month + 1, renewsOn) : thisMonth;
  const from = hasRenewed ? thisMonth : renewal(year, month - 1, renewsOn);
  return { from: from.date, renewsAt: instantOf(next.date, '00:00', timezone) };
}

/** `month` may be 0 or 13. */
function renewal(year: number, month: number, renewsOn: number): { day: number; date: string } {
  const y = year + Math.floor((month - 1) / 12);
  const m = ((month + 11) % 12) + 1;
  const day = Math.min(renewsOn, lengthOf(y, m));
  return { day, date: `${y}-${two(m)}-${two(day)}` };
}
const two = (n: number) => `${n}`.padStart(2, '0');

function lengthOf(year: number, month: number): number {
  if (month !== 2) return [4, 6, 9, 11].includes(month) ? 30 : 31;
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
}

const isWorthARow = ({ told, usedBytes }: DataPlanState, at: number): boolean =>
  !told ||
  usedBytes < told.usedBytes ||
  (at - told.at >= TELL_MS && usedBytes - told.usedBytes >= TELL_BYTES);

// ── the journal ──────────────────────────────────────────────────────────────────────────────────────────────
const WHAT = 'data plan';
const Bytes = z.number().min(0);
const Detail = z.object({
  boot: z.string(),
  counter: Bytes,
  from: z.string(),
  usedBytes: Bytes,
  days: z.record(z.string(), Bytes),
});

const rowOf = ({ counter, from, usedBytes, days }: DataPlanState, at: number): RowOf<'event'> => ({
  kind: 'event',
  at: isoOf(at),
  what: WHAT,
  detail: { boot: counter?.boot, counter: counter?.bytes, from, usedBytes, days: Object.fromEntries(days) },
});

/** After a restart: from the newest such row; any other, or one of another version, tells nothing. */
export function restoreDataPlan(rows: readonly RowOf<'event'>[]): DataPlanState {
  const detail = Detail.safeParse(rows.findLast(({ what }) => what === WHAT)?.detail).data;
  if (!detail) return initialDataPlan();
  const { boot, counter, from, usedBytes, days } = detail;
  return { counter: { boot, bytes: counter }, from, usedBytes, days: Object.entries(days) };
}
