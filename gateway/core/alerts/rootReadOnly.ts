import { healthNow } from './reading.ts';
import type { AlertKind } from './types.ts';

/** The root went read-only: the card is dying, or ext4 met an error. Expected where the card is meant to be so. */
export const rootReadOnly: AlertKind = {
  alert: 'root_read_only',
  holdMs: { critical: 15_000 },
  clearMs: 60_000,
  judge(facts, settings, at) {
    const readOnly = healthNow(facts, at)?.rootReadOnly;
    if (readOnly === undefined || settings.rootReadOnly === 'expected') return undefined;
    return { levels: { critical: readOnly }, clear: !readOnly, values: {} };
  },
};
