import { expect, it } from 'vitest';
import { initialAlerts, openEpisodes, stepAlerts } from '../../../gateway/core/alerts.ts';
import {
  type DataPlanState,
  initialDataPlan,
  restoreDataPlan,
  stepDataPlan,
} from '../../../gateway/core/dataPlan.ts';
import { alertSettings } from '../../../gateway/core/settings.ts';
import type { RowOf } from '../../../protocol/rows.ts';

const SETTINGS = { monthBytes: 1e9, renewsOn: 5, timezone: 'Europe/Paris' };
const T0 = Date.parse('2026-11-05T08:00:00+01:00');
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const local = (ms: number) => new Date(ms + HOUR).toISOString().slice(0, 16);

/** Ten hours a day on five days of the week, `mb` each, from the renewal on: as the counter of one boot a day. */
function weeks(days: number, mb: number, from = initialDataPlan()) {
  let state: DataPlanState = from;
  const rows: RowOf<'event'>[] = [];
  let last: ReturnType<typeof stepDataPlan> | undefined;
  for (let day = 0; day < days; day++) {
    const weekday = new Date(T0 + day * DAY).getUTCDay();
    if (weekday === 0 || weekday === 6) continue;
    for (let minute = 0; minute <= 600; minute += 20) {
      const bytes = (mb * 1e6 * minute) / 600;
      last = stepDataPlan(state, { at: T0 + day * DAY + minute * 60_000, bytes, boot: `b${day}` }, SETTINGS);
      state = last.state;
      if (last.row) rows.push(last.row);
    }
  }
  return { state, rows, forecast: last!.forecast };
}

it('foresees the day on which the plan runs out from the pace of its weeks', () => {
  // 14 days at 60 MB on ten of them: 600 MB; 400 MB last 9.3 days at 43 MB a day, until the 28th.
  const { forecast } = weeks(14, 60);
  expect(forecast.usedPercent).toBeCloseTo(60, 0);
  expect(local(forecast.renewsAt)).toBe('2026-12-05T00:00');
  expect(local(forecast.runsOutAt!).slice(0, 10)).toBe('2026-11-27');
  expect(weeks(14, 20).forecast.runsOutAt).toBeGreaterThan(forecast.renewsAt);
});

it('says nothing of the day before three days are known, nor of what was used before it counted', () => {
  const { forecast } = weeks(2, 60);
  expect(forecast.runsOutAt).toBeUndefined();
  const first = stepDataPlan(initialDataPlan(), { at: T0, bytes: 5e8, boot: 'b' }, SETTINGS);
  expect(first.forecast.usedPercent).toBe(0);
});

it('counts on over a reboot and over a modem that comes back, and begins anew with the month', () => {
  const look = (state: DataPlanState, at: number, bytes: number, boot: string) =>
    stepDataPlan(state, { at, bytes, boot }, SETTINGS).state;
  let state = look(initialDataPlan(), T0, 1e6, 'a');
  state = look(state, T0 + 60_000, 11e6, 'a');
  state = look(state, T0 + 120_000, 3e6, 'a');
  state = look(state, T0 + 180_000, 20e6, 'b');
  expect(state.usedBytes).toBe(10e6 + 3e6 + 20e6);
  state = look(state, Date.parse('2026-12-04T23:59:00+01:00'), 20e6, 'b');
  expect(state.usedBytes).toBe(33e6);
  state = look(state, Date.parse('2026-12-05T00:01:00+01:00'), 21e6, 'b');
  expect(state.usedBytes).toBe(1e6);
});

it('renews on the last day of a month that is shorter', () => {
  const renewsAt = (at: string) =>
    local(
      stepDataPlan(
        initialDataPlan(),
        { at: Date.parse(at), bytes: 0, boot: 'a' },
        { ...SETTINGS, renewsOn: 31 },
      ).forecast.renewsAt,
    );
  expect(renewsAt('2027-02-10T12:00:00+01:00')).toBe('2027-02-28T00:00');
  expect(renewsAt('2026-12-31T12:00:00+01:00')).toBe('2027-01-31T00:00');
});

it('outlives a restart by its row, and a row a day at the least is written', () => {
  const { state, rows } = weeks(14, 60);
  expect(rows.length).toBeGreaterThan(20);
  const restored = restoreDataPlan(rows);
  expect(restored.days.slice(0, -1)).toEqual(state.days.slice(0, -1));
  expect(state.usedBytes - restored.usedBytes).toBeLessThanOrEqual(6e6);
  const after = stepDataPlan(restored, { at: T0 + 14 * DAY, bytes: 0, boot: 'new' }, SETTINGS);
  expect(after.forecast.usedPercent).toBeGreaterThan(55);
  expect(restoreDataPlan([{ kind: 'event', at: null, what: 'data plan', detail: { boot: 1 } }])).toEqual(
    initialDataPlan(),
  );
});

it('is an alert as soon as it is short', () => {
  const at = T0 + 14 * DAY;
  const settings = alertSettings({ timezone: 'Europe/Paris' });
  const told = (mb: number) => {
    const step = stepAlerts(initialAlerts(), { kind: 'plan', at, ...weeks(14, mb).forecast }, settings);
    return openEpisodes(step.state).map((e) => `${e.alert} ${e.severity}`);
  };
  expect(told(20)).toEqual([]);
  expect(told(60)).toEqual(['data_plan notice']);
});
