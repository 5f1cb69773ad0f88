import type { PowerReading } from '../../../protocol/readings.ts';
import type { AlertSettings } from '../settings.ts';
import { above, below, known, MINUTE_MS, powerNow } from './reading.ts';
import type { AlertKind } from './types.ts';

/**
 * House battery by chemistry (devices.md §2). Lead-acid and AGM: voltage at rest and state of charge. LiFePO4: state of
 * charge first, for its voltage is flat; a voltage that contradicts a low state of charge disbelieves it (a shunt that
 * never saw 100 %). What is charging is not warned of by its state of charge.
 */
export const houseBattery: AlertKind = {
  alert: 'house_battery',
  holdMs: { warning: 10 * MINUTE_MS, critical: 2 * MINUTE_MS },
  clearMs: 10 * MINUTE_MS,
  masked: true,
  coolDownMs: 240 * MINUTE_MS,
  judge(facts, settings, at) {
    const reading = powerNow(facts, at);
    if (reading?.houseV === undefined && reading?.soc === undefined) return undefined;
    const { houseV } = reading;
    const soc = believedSoc(reading, settings);
    const charging = above(reading.houseA, 1);
    const critical = below(houseV, settings.criticalV) || (below(soc, settings.criticalSoc) && !charging);
    const lowV = settings.chemistry !== 'lifepo4' && below(houseV, settings.warnV);
    return {
      levels: { critical, warning: critical || lowV || (below(soc, settings.warnSoc) && !charging) },
      clear: isWell(houseV, soc, settings),
      values: known({ houseV, soc: reading.soc, charging: charging || undefined }),
    };
  },
};

function believedSoc(reading: PowerReading, settings: AlertSettings): number | undefined {
  const { soc, houseV } = reading;
  const atRest = reading.houseA === undefined || Math.abs(reading.houseA) <= 5;
  const isContradicted =
    settings.chemistry === 'lifepo4' &&
    below(soc, settings.warnSoc) &&
    atRest &&
    above(houseV, settings.clearV);
  return isContradicted ? undefined : soc;
}

/** With a state of charge, the voltage of a charger does not make a battery well. */
function isWell(houseV: number | undefined, soc: number | undefined, settings: AlertSettings): boolean {
  if (soc === undefined) return above(houseV, settings.clearV);
  if (settings.chemistry === 'lifepo4') return soc > settings.clearSoc;
  return soc > settings.clearSoc && (houseV === undefined || houseV > settings.warnV + 0.2);
}
