import { healthNow, MINUTE_MS } from './reading.ts';
import type { AlertKind } from './types.ts';

/** Cores are throttled from 80 °C on, cores and GPU at 85 °C (devices.md §5). */
const WARN_C = 75;
const CRITICAL_C = 82;
const CLEAR_C = 70;

export const piHot: AlertKind = {
  alert: 'pi_hot',
  holdMs: { warning: MINUTE_MS, critical: 30_000 },
  clearMs: 5 * MINUTE_MS,
  judge(facts, _settings, at) {
    const temperatureC = healthNow(facts, at)?.temperatureC;
    if (temperatureC === undefined) return undefined;
    return {
      levels: { critical: temperatureC >= CRITICAL_C, warning: temperatureC >= WARN_C },
      clear: temperatureC < CLEAR_C,
      values: { temperatureC: Math.round(temperatureC) },
    };
  },
};
