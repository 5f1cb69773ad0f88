import type { PowerReading } from '../../protocol/readings.ts';
import { present } from './present.ts';

/**
 * VE.Direct labels → readings in volts, amperes, watts, percent and minutes. Only what the block says: absent is not
 * zero (`T ---` without a sensor, TTG -1 for «endless», an open aux input of some mV). Labels and units: DABAMOS dm_ve
 * and public readers of the protocol (devices.md §2); codes that nobody knows are shown as their number.
 */

/** An aux input that is not wired floats at some millivolts: below this it is no starter battery. */
const MIN_STARTER_V = 3;

const CHARGER_STATES: Record<string, string> = {
  '0': 'off',
  '1': 'low_power',
  '2': 'fault',
  '3': 'bulk',
  '4': 'absorption',
  '5': 'float',
  '6': 'storage',
  '7': 'equalize',
  '9': 'inverting',
  '11': 'power_supply',
  '245': 'starting_up',
  '246': 'repeated_absorption',
  '247': 'auto_equalize',
  '248': 'battery_safe',
  '252': 'external_control',
};

const CHARGER_ERRORS: Record<string, string> = {
  '2': 'battery_voltage_high',
  '17': 'charger_hot',
  '18': 'charger_over_current',
  '19': 'charger_current_reversed',
  '20': 'bulk_time_limit',
  '21': 'current_sensor',
  '26': 'terminals_hot',
  '28': 'converter',
  '33': 'panel_voltage_high',
  '34': 'panel_current_high',
  '38': 'input_shutdown_voltage',
  '39': 'input_shutdown_current',
  '65': 'lost_device',
  '66': 'synchronised_charging_configuration',
  '67': 'bms_connection_lost',
  '68': 'network_misconfigured',
  '116': 'calibration_lost',
  '117': 'firmware',
  '119': 'settings_invalid',
};

/** Bits of AR and WARN, from bit 0. */
const ALARMS = [
  'low_voltage',
  'high_voltage',
  'low_soc',
  'low_starter_voltage',
  'high_starter_voltage',
  'low_temperature',
  'high_temperature',
  'midpoint_voltage',
  'overload',
  'dc_ripple',
  'low_ac_voltage',
  'high_ac_voltage',
  'short_circuit',
  'bms_lockout',
];

/** Bits of OR, from bit 0. */
const OFF_REASONS = [
  'no_input_power',
  'power_button',
  'device_mode',
  'remote_input',
  'protection',
  'paygo',
  'bms',
  'engine_shutdown',
  'input_voltage',
];

type Fields = Readonly<Record<string, string>>;

/** A decimal integer or fraction as Victron sends it; `---` and anything else is absent. */
function numeric(fields: Fields, label: string, scale: number, min: number, max: number): number | undefined {
  const text = fields[label];
  if (text === undefined || !/^[+-]?\d{1,12}(\.\d{1,6})?$/.test(text)) return undefined;
  // Scales are exact decimal powers: dividing by their inverse keeps 12065 mV at 12.065 V.
  const value = scale < 1 ? Number(text) / Math.round(1 / scale) : Number(text) * scale;
  return value >= min && value <= max ? value : undefined;
}

function bits(text: string | undefined, names: readonly string[]): readonly string[] | undefined {
  if (text === undefined || !/^(0x[0-9a-f]{1,8}|\d{1,10})$/i.test(text)) return undefined;
  const value = Number(text);
  return names.filter((_, bit) => Math.floor(value / 2 ** bit) % 2 === 1);
}

const onOff = (text: string | undefined): boolean | undefined =>
  text === 'ON' ? true : text === 'OFF' ? false : undefined;

const named = (names: Record<string, string>, code: string | undefined): string | undefined =>
  code === undefined || code === '' ? undefined : Object.hasOwn(names, code) ? names[code] : code;

/**
 * The reading of one block. I is the battery's own current on a shunt, the charging current on a charger; a block with
 * a panel or a charging state is a charger's.
 */
export function readingOf(fields: Fields): PowerReading {
  const isCharger = ['VPV', 'PPV', 'CS', 'MPPT'].some((label) => Object.hasOwn(fields, label));
  const isShunt = ['SOC', 'TTG', 'CE', 'BMV', 'MON', 'VM', 'VS', 'P'].some((label) =>
    Object.hasOwn(fields, label),
  );
  const currentA = numeric(fields, 'I', 0.001, -10_000, 10_000);
  const toGoMin = numeric(fields, 'TTG', 1, 0, 1_000_000);
  const offReasons = bits(fields.OR, OFF_REASONS);
  const alarms = [...(bits(fields.AR, ALARMS) ?? []), ...(bits(fields.WARN, ALARMS) ?? [])];
  return present<PowerReading>({
    houseV: numeric(fields, 'V', 0.001, 0, 1000),
    houseA: isCharger && !isShunt ? undefined : currentA,
    chargerA: isCharger && !isShunt ? currentA : undefined,
    houseW: numeric(fields, 'P', 1, -100_000, 100_000),
    // What feeds a DC-DC charger (Orion XS, Smart Buck-Boost) is the starter battery.
    starterV:
      numeric(fields, 'VS', 0.001, MIN_STARTER_V, 1000) ??
      numeric(fields, 'DC_IN_V', 0.01, MIN_STARTER_V, 1000),
    midpointV: numeric(fields, 'VM', 0.001, 0, 1000),
    soc: numeric(fields, 'SOC', 0.1, 0, 100),
    timeToGoMin: toGoMin,
    consumedAh: numeric(fields, 'CE', 0.001, -100_000, 100_000),
    temperatureC: numeric(fields, 'T', 1, -60, 120),
    panelV: numeric(fields, 'VPV', 0.001, 0, 1000),
    panelW: numeric(fields, 'PPV', 1, 0, 100_000),
    loadA: numeric(fields, 'IL', 0.001, 0, 1000),
    loadOn: onOff(fields.LOAD),
    relayOn: onOff(fields.Relay),
    acV: numeric(fields, 'AC_OUT_V', 0.01, 0, 500),
    acA: numeric(fields, 'AC_OUT_I', 0.1, 0, 1000),
    acVa: numeric(fields, 'AC_OUT_S', 1, 0, 100_000),
    yieldTodayKwh: numeric(fields, 'H20', 0.01, 0, 10_000),
    sinceFullS: numeric(fields, 'H9', 1, 0, 1e9),
    synchronisations: numeric(fields, 'H10', 1, 0, 1e6),
    chargerState: named(CHARGER_STATES, fields.CS),
    chargerError: fields.ERR === '0' ? undefined : named(CHARGER_ERRORS, fields.ERR),
    offReasons: offReasons && offReasons.length > 0 ? offReasons : undefined,
    alarms: fields.AR === undefined && fields.WARN === undefined ? undefined : alarms,
    model: fields.BMV ?? fields.PID,
  });
}
