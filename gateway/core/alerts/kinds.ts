import type { AlertSettings } from '../settings.ts';
import { batteryForecast } from './batteryForecast.ts';
import { chargerError } from './chargerError.ts';
import { clock } from './clock.ts';
import { dataPlan } from './dataPlan.ts';
import { deviceLost } from './deviceLost.ts';
import { deviceSilent } from './deviceSilent.ts';
import { deviceWrong } from './deviceWrong.ts';
import { diskLow } from './diskLow.ts';
import { freezingCharge } from './freezingCharge.ts';
import { gpsLost } from './gpsLost.ts';
import { houseBattery } from './houseBattery.ts';
import { journal } from './journal.ts';
import { link } from './link.ts';
import { noCoverage } from './noCoverage.ts';
import { notCharging } from './notCharging.ts';
import { partFailed } from './partFailed.ts';
import { piHot } from './piHot.ts';
import { piUndervoltage } from './piUndervoltage.ts';
import { rootReadOnly } from './rootReadOnly.ts';
import { sim } from './sim.ts';
import { starterBattery } from './starterBattery.ts';
import type { AlertKind, Facts } from './types.ts';

const DEVICES = ['gps', 'power', 'modem'] as const;

/** Every kind that does not depend on what is found on board. */
const KINDS: readonly AlertKind[] = [
  houseBattery,
  batteryForecast,
  starterBattery,
  notCharging,
  chargerError,
  freezingCharge,
  deviceSilent('shunt_silent', 'power', 5_000),
  deviceSilent('gps_silent', 'gps', 10_000),
  deviceSilent('modem_silent', 'modem', 60_000),
  ...DEVICES.map(deviceLost),
  ...DEVICES.map(deviceWrong),
  gpsLost,
  sim,
  link,
  noCoverage,
  dataPlan,
  piUndervoltage,
  piHot,
  diskLow,
  rootReadOnly,
  clock,
  journal,
];

/** The kinds to judge: all but those switched off, and one for each part that was ever heard of. */
export function kindsFor(facts: Facts, settings: AlertSettings): readonly AlertKind[] {
  const parts = Object.keys(facts.parts);
  if (parts.length === 0 && settings.off.length === 0) return KINDS;
  return [...KINDS, ...parts.map(partFailed)].filter((kind) => !settings.off.includes(kind.alert));
}
