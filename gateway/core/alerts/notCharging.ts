import { known, MINUTE_MS, powerNow } from './reading.ts';
import type { AlertKind } from './types.ts';

const FULL_SOC = 95;
/** Victron's DC-DC chargers wait for up to two minutes after the start of the engine (Orion-Tr Smart, ch. 5). */
const START_DELAY_MS = 3 * MINUTE_MS;
const CHARGES_A = 1;

/** The engine runs, the house battery is not full, and no current goes in although it should. */
export const notCharging: AlertKind = {
  alert: 'not_charging',
  holdMs: { warning: 5 * MINUTE_MS },
  clearMs: 2 * MINUTE_MS,
  masked: true,
  coolDownMs: 240 * MINUTE_MS,
  judge(facts, settings, at) {
    const reading = powerNow(facts, at);
    const isExpected =
      settings.engineCharges === 'yes' ||
      (settings.engineCharges === 'auto' && facts.engineChargedAt !== undefined);
    if (reading?.houseA === undefined || !isExpected || facts.engine?.state !== 'on') return undefined;
    const isFull = reading.soc !== undefined && reading.soc >= FULL_SOC;
    const runs = at - facts.engine.since >= START_DELAY_MS;
    return {
      levels: { warning: runs && !isFull && reading.houseA < CHARGES_A },
      clear: isFull || reading.houseA >= CHARGES_A,
      values: known({ houseA: reading.houseA, houseV: reading.houseV, soc: reading.soc }),
    };
  },
};
