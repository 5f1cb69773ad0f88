import { above, below, known, MINUTE_MS, powerNow } from './reading.ts';
import type { AlertKind } from './types.ts';

/**
 * Starter battery, by its voltage at rest (devices.md §2). With the engine on nothing can be said: an episode neither
 * begins nor ends. Cranking is masked, and the critical level waits for a minute of rest besides.
 */
export const starterBattery: AlertKind = {
  alert: 'starter_battery',
  holdMs: { warning: 30 * MINUTE_MS, critical: MINUTE_MS },
  clearMs: 30 * MINUTE_MS,
  masked: true,
  coolDownMs: 240 * MINUTE_MS,
  judge(facts, settings, at) {
    const starterV = powerNow(facts, at)?.starterV;
    if (starterV === undefined || facts.engine?.state === 'on') return undefined;
    return {
      levels: {
        critical: below(starterV, settings.starterCriticalV),
        warning: below(starterV, settings.starterWarnV),
      },
      clear: above(starterV, settings.starterWarnV + 0.2),
      values: known({ starterV }),
    };
  },
};
