import type { Forecast } from '../forecast.ts';
import { MINUTE_MS } from './reading.ts';
import type { AlertKind, AlertVisit, Facts } from './types.ts';

/** The battery will be empty before the last stop ends: «tiendra jusqu'à 16 h 10, dernier arrêt 17 h». */
export const batteryForecast: AlertKind = {
  alert: 'battery_forecast',
  holdMs: { warning: 5 * MINUTE_MS, critical: 5 * MINUTE_MS },
  clearMs: 15 * MINUTE_MS,
  coolDownMs: 240 * MINUTE_MS,
  judge(facts, _settings, at) {
    const last = lastStop(facts, at);
    if (!last) return { levels: {}, clear: true, values: {} };
    const made = facts.expected;
    if (!made || at - made.at > 10 * MINUTE_MS) return undefined;
    const { forecast } = made;
    if (!forecast) return { levels: { warning: false, critical: false }, clear: true, values: {} };
    const isShort = facts.duty && likelyBy(forecast) < last.toMs;
    return {
      levels: { warning: isShort, critical: isShort && forecast.emptyAt - at < 60 * MINUTE_MS },
      clear: forecast.emptyAt > last.toMs + 30 * MINUTE_MS || forecast.earlyAt > last.toMs,
      values: {
        untilAt: forecast.emptyAt,
        earlyAt: forecast.earlyAt,
        lateAt: forecast.lateAt,
        lastStop: last.name,
        lastStopAt: last.toMs,
      },
    };
  },
};

/** Rather than not: half way to the late edge, so that a forecast that knows little says little. */
const likelyBy = ({ emptyAt, lateAt }: Forecast): number => emptyAt + (lateAt - emptyAt) / 2;

/** The last visit of today that is not over. */
function lastStop(facts: Facts, at: number): AlertVisit | undefined {
  return facts.visits
    .filter((v) => v.toMs > at)
    .reduce<AlertVisit | undefined>((last, v) => (!last || v.toMs > last.toMs ? v : last), undefined);
}
