import { healthNow, MINUTE_MS } from './reading.ts';
import type { AlertKind } from './types.ts';

/** Neither NTP nor GNSS gives the time: what is recorded cannot be dated. */
export const clock: AlertKind = {
  alert: 'clock',
  holdMs: { warning: 10 * MINUTE_MS },
  clearMs: MINUTE_MS,
  judge(facts, _settings, at) {
    const synchronised = healthNow(facts, at)?.clockSynchronised;
    if (synchronised === undefined) return undefined;
    const known = synchronised || facts.gps?.believed === true;
    return { levels: { warning: !known }, clear: known, values: {} };
  },
};
