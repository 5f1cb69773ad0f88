import { MINUTE_MS } from './reading.ts';
import type { AlertKind, Facts } from './types.ts';

const FRESH_MS = 5 * MINUTE_MS;

/** What the modem says of its SIM, while it is news. */
export const simNow = (facts: Facts, at: number): string | undefined =>
  facts.modem && at - facts.modem.at <= FRESH_MS ? facts.modem.reading.sim : undefined;

export const isSimBarred = (sim: string | undefined): boolean => sim !== undefined && sim !== 'READY';

/** No SIM, or one that asks for its PIN or PUK: no link until somebody acts. */
export const sim: AlertKind = {
  alert: 'sim',
  holdMs: { warning: 30_000, critical: 30_000 },
  clearMs: 10_000,
  judge(facts, _settings, at) {
    const said = simNow(facts, at);
    if (said === undefined) return undefined;
    return {
      levels: { critical: /PUK/i.test(said), warning: isSimBarred(said) },
      clear: said === 'READY',
      values: { sim: said.slice(0, 40) },
    };
  },
};
