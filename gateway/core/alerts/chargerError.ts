import { known, MINUTE_MS, powerNow } from './reading.ts';
import type { AlertKind } from './types.ts';

const NO_ERROR = new Set(['', '0', 'none']);

/** The charger's own error (VE.Direct ERR, CS fault); an unknown code is shown as its number. */
export const chargerError: AlertKind = {
  alert: 'charger_error',
  holdMs: { warning: MINUTE_MS },
  clearMs: 5 * MINUTE_MS,
  judge(facts, _settings, at) {
    const reading = powerNow(facts, at);
    if (reading?.chargerError === undefined && reading?.chargerState === undefined) return undefined;
    const error = reading.chargerError ?? '';
    const isFault = !NO_ERROR.has(error) || reading.chargerState === 'fault';
    return {
      levels: { warning: isFault },
      clear: !isFault,
      values: known({ error: isFault ? error || reading.chargerState : undefined }),
    };
  },
};
