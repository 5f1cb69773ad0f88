import { known } from './reading.ts';
import type { AlertKind } from './types.ts';

/** «Pas de 4G attendue à X (3 passages sur 4)»: what the coverage memory expects of the next stop. */
export const noCoverage: AlertKind = {
  alert: 'no_coverage',
  holdMs: { notice: 0 },
  clearMs: 0,
  judge(facts) {
    const expected = facts.coverage;
    if (!expected) return { levels: { notice: false }, clear: true, values: {} };
    const { name, fromMs, passes, without, betterM, betterDeg } = expected;
    return {
      levels: { notice: true },
      clear: false,
      values: known({ stop: name, fromAt: fromMs, passes, without, betterM, betterDeg }),
    };
  },
};
