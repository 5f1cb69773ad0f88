import { describe, expect, it } from 'vitest';
import { forecastOf, initialForecast, stepForecast } from '../../../gateway/core/forecast.ts';
import { alertSettings } from '../../../gateway/core/settings.ts';
import { quantile, runTrial } from './forecastTrial.ts';

const HOUR = 3_600_000;
const T0 = Date.parse('2026-11-24T09:00:00+01:00');

describe('the battery forecast', () => {
  it('is a straight line while nothing has been learnt', () => {
    const settings = alertSettings({ chemistry: 'lifepo4', capacityAh: 100, reserveSoc: 10 });
    const visits = [{ fromMs: T0, toMs: T0 + 8 * HOUR }];
    let state = initialForecast();
    for (let s = 0; s <= 1800; s += 10)
      state = stepForecast(state, T0 + s * 1000, { houseA: -10, soc: 60 }, visits, 'Europe/Paris');
    const forecast = forecastOf(state, T0 + 0.5 * HOUR, visits, settings)!;
    expect((forecast.emptyAt - T0) / HOUR).toBeCloseTo(5.5, 1);
    expect(forecast.earlyAt).toBeLessThan(forecast.emptyAt);
    expect(forecast.lateAt).toBeGreaterThan(forecast.emptyAt);
  });

  it('says nothing without a state of charge, and nothing of a battery that outlasts the day', () => {
    const settings = alertSettings({ capacityAh: 100 });
    let state = initialForecast();
    state = stepForecast(state, T0, { houseA: -5 }, [], 'Europe/Paris');
    expect(forecastOf(state, T0, [], settings)).toBeUndefined();
    for (let s = 0; s <= 60; s += 10)
      state = stepForecast(state, T0 + s * 1000, { houseA: -0.2, soc: 90 }, [], 'Europe/Paris');
    expect(forecastOf(state, T0 + 60_000, [], settings)).toBeUndefined();
  });

  it('learns what the battery gives, not what is printed on it', () => {
    let state = initialForecast();
    let ah = 80;
    for (let s = 0; s < 5 * 3600; s += 20) {
      ah -= (8 * 20) / 3600;
      const soc = Math.round((ah / 80) * 1000) / 10;
      state = stepForecast(state, T0 + s * 1000, { houseA: -8, soc }, [], 'Europe/Paris');
    }
    expect(state.learnt.capacityAh).toBeGreaterThan(77);
    expect(state.learnt.capacityAh).toBeLessThan(83);
  });

  it('is within 15 min at the median three hours before, where a shunt and a straight line are not', () => {
    const trial = runTrial({ tour: 'one', seed: 1, trainingDays: 20, testDays: 40, aheadMs: 3 * HOUR });
    expect(trial.ours.length).toBeGreaterThan(30);
    expect(quantile(trial.ours, 0.5)).toBeLessThanOrEqual(15);
    expect(quantile(trial.ours, 0.8)).toBeLessThanOrEqual(30);
    expect(quantile(trial.timeToGo, 0.5)).toBeGreaterThan(2 * quantile(trial.ours, 0.5));
    expect(quantile(trial.straight, 0.5)).toBeGreaterThan(1.3 * quantile(trial.ours, 0.5));
    expect(trial.within).toBeGreaterThan(0.7);
  }, 60_000);
});
