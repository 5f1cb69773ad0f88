import type { HealthReading, PowerReading } from '../../../protocol/readings.ts';
import type { AlertValues, Facts } from './types.ts';

/** Readings that are still news; older ones say nothing. */

const POWER_FRESH_MS = 30_000;
const HEALTH_FRESH_MS = 10 * 60_000;
export const MINUTE_MS = 60_000;

export const powerNow = (facts: Facts, at: number): PowerReading | undefined =>
  facts.power && at - facts.power.at <= POWER_FRESH_MS ? facts.power.reading : undefined;

export const healthNow = (facts: Facts, at: number): HealthReading | undefined =>
  facts.health && at - facts.health.at <= HEALTH_FRESH_MS ? facts.health.reading : undefined;

/** Those of `values` that are known, numbers to two decimals. */
export function known(values: Readonly<Record<string, string | number | boolean | undefined>>): AlertValues {
  const out: AlertValues = {};
  for (const [name, value] of Object.entries(values))
    if (value !== undefined) out[name] = typeof value === 'number' ? Math.round(value * 100) / 100 : value;
  return out;
}

export const below = (value: number | undefined, limit: number): boolean =>
  value !== undefined && value < limit;
export const above = (value: number | undefined, limit: number): boolean =>
  value !== undefined && value > limit;
