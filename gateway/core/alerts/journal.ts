import { known, MINUTE_MS } from './reading.ts';
import type { AlertKind } from './types.ts';

const SALVAGED_SHOWN_MS = 24 * 60 * MINUTE_MS;

/** Nothing is stored any more (failed, full), or something was lost and the rest salvaged. */
export const journal: AlertKind = {
  alert: 'journal',
  holdMs: { warning: 0, critical: 0 },
  clearMs: MINUTE_MS,
  judge(facts, _settings, at) {
    if (!facts.journal) return undefined;
    const { state, since, detail } = facts.journal;
    const critical = state === 'failed' || state === 'full';
    const salvaged = state === 'salvaged' && at - since < SALVAGED_SHOWN_MS;
    return {
      levels: { critical, warning: critical || salvaged },
      clear: !critical && !salvaged,
      values: known({ state, detail }),
    };
  },
};
