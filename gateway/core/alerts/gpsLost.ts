import { known, MINUTE_MS } from './reading.ts';
import type { AlertKind, Facts } from './types.ts';

/** A stop is near in time: then a van that was never located is worth a word. */
const NEAR_MS = 45 * MINUTE_MS;

/**
 * No believable fix on duty although the receiver speaks. A tunnel or a covered car park is shorter than the hold; a
 * van that has not left its hangar this morning is not lost.
 */
export const gpsLost: AlertKind = {
  alert: 'gps_lost',
  holdMs: { warning: 3 * MINUTE_MS },
  clearMs: 30_000,
  judge(facts, _settings, at) {
    if (!facts.gps) return undefined;
    const device = facts.devices.gps?.state ?? 'up';
    const lost = facts.duty && !facts.gps.believed && device === 'up' && matters(facts, at);
    return {
      levels: { warning: lost },
      clear: facts.gps.believed || !facts.duty,
      values: known({ lastAt: facts.gps.lastAt }),
    };
  },
};

const matters = (facts: Facts, at: number): boolean =>
  (facts.gps?.lastAt ?? 0) >= (facts.dutySince ?? 0) ||
  facts.visits.some((v) => v.fromMs - at <= NEAR_MS && v.toMs > at);
