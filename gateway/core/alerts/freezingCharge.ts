import { known, MINUTE_MS, powerNow } from './reading.ts';
import type { AlertKind } from './types.ts';

const CURRENT_A = 0.5;
const THAWED_C = 2;

/** LiFePO4 must not be charged below freezing (devices.md §2). */
export const freezingCharge: AlertKind = {
  alert: 'freezing_charge',
  holdMs: { warning: MINUTE_MS },
  clearMs: 5 * MINUTE_MS,
  masked: true,
  judge(facts, settings, at) {
    if (settings.chemistry !== 'lifepo4') return undefined;
    const reading = powerNow(facts, at);
    const { temperatureC, houseA } = reading ?? {};
    if (temperatureC === undefined || houseA === undefined) return undefined;
    return {
      levels: { warning: temperatureC < 0 && houseA > CURRENT_A },
      clear: temperatureC > THAWED_C || houseA <= 0,
      values: known({ temperatureC, houseA }),
    };
  },
};
