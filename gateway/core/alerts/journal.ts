import { known, MINUTE_MS } from './reading.ts';
import type { AlertKind } from './types.ts';

const SHOWN_MS = 24 * 60 * MINUTE_MS;

/** Nothing is stored any more (failed, full), or something was lost and the rest salvaged, or the card refused a write. */
export const journal: AlertKind = {
  alert: 'journal',
  holdMs: { warning: 0, critical: 0 },
  clearMs: MINUTE_MS,
  judge(facts, _settings, at) {
    if (!facts.journal) return undefined;
    const { state, since, detail } = facts.journal;
    const critical = state === 'failed' || state === 'full';
    const past = (state === 'salvaged' || state === 'reopened') && at - since < SHOWN_MS;
    return {
      levels: { critical, warning: critical || past },
      clear: !critical && !past,
      values: known({ state, detail }),
    };
  },
};
