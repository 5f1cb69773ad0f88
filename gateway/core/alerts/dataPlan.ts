import { known } from './reading.ts';
import type { AlertKind } from './types.ts';

const NEARLY_ALL_PERCENT = 95;

/** The month's data will run out before its renewal. */
export const dataPlan: AlertKind = {
  alert: 'data_plan',
  holdMs: { notice: 0, warning: 0 },
  clearMs: 0,
  coolDownMs: 7 * 86_400_000,
  judge(facts) {
    const { plan } = facts;
    if (!plan) return undefined;
    const { usedPercent, runsOutAt, renewsAt } = plan;
    const isShort = runsOutAt !== undefined && runsOutAt < renewsAt;
    return {
      levels: { notice: isShort, warning: isShort && usedPercent >= NEARLY_ALL_PERCENT },
      clear: !isShort,
      values: known({ usedPercent: Math.round(usedPercent), runsOutAt, renewsAt }),
    };
  },
};
