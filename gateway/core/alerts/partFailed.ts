import { known, MINUTE_MS } from './reading.ts';
import type { AlertKind } from './types.ts';

/** A part of the gateway did not start or has stopped; the others run on (DESIGN §9). */
export const partFailed = (part: string): AlertKind => ({
  alert: 'part_failed',
  subject: part,
  holdMs: { warning: 0 },
  clearMs: MINUTE_MS,
  judge(facts) {
    const found = facts.parts[part];
    if (!found) return undefined;
    return {
      levels: { warning: found.state === 'failed' },
      clear: found.state === 'up',
      values: known({ part, detail: found.detail }),
    };
  },
});
