import { alertSettings } from '../../../gateway/core/settings.ts';
import type { AlertName } from '../../../protocol/alerts.ts';
import { HOUR, MINUTE, type Scene } from './alertsWeek.ts';

/** Every fault that is seeded, the alert that must come of it, and within which delay (docs/ALERTS.md, the table). */
export type SeededFault = {
  readonly alert: AlertName;
  readonly withinMs: number;
  readonly bend: (scene: Scene) => void;
  /** Other alerts that the same fault rightly brings. */
  readonly also?: readonly AlertName[];
  readonly chemistry?: 'lifepo4';
  /** At a stop or on the road, where it matters. */
  readonly hour?: number;
  readonly severity?: 'critical';
};

const power = (change: Partial<NonNullable<Scene['power']>>) => (scene: Scene) => {
  scene.power = { ...scene.power, ...change };
};

export const FAULTS: Readonly<Record<string, SeededFault>> = {
  'house battery low (AGM)': {
    alert: 'house_battery',
    also: ['battery_forecast'],
    withinMs: 10 * MINUTE + 15_000,
    bend: power({ houseV: 12.1, soc: 47, houseA: -8 }),
  },
  'house battery nearly empty (AGM)': {
    alert: 'house_battery',
    also: ['battery_forecast'],
    withinMs: 2 * MINUTE + 15_000,
    severity: 'critical',
    bend: power({ houseV: 11.6, soc: 20, houseA: -8 }),
  },
  'house battery low (LiFePO4)': {
    alert: 'house_battery',
    chemistry: 'lifepo4',
    withinMs: 10 * MINUTE + 15_000,
    bend: power({ houseV: 12.9, soc: 18, houseA: -8 }),
    also: ['battery_forecast'],
  },
  'house battery nearly empty (LiFePO4)': {
    alert: 'house_battery',
    chemistry: 'lifepo4',
    withinMs: 2 * MINUTE + 15_000,
    severity: 'critical',
    bend: power({ houseV: 11.9, soc: 8, houseA: -8 }),
    also: ['battery_forecast'],
  },
  'starter low': {
    alert: 'starter_battery',
    withinMs: 30 * MINUTE + 15_000,
    bend: power({ starterV: 12.1 }),
  },
  'starter very low': {
    alert: 'starter_battery',
    withinMs: MINUTE + 15_000,
    severity: 'critical',
    bend: power({ starterV: 11.5 }),
  },
  'charger does not charge': {
    alert: 'not_charging',
    withinMs: 8 * MINUTE + 15_000,
    hour: 13.2,
    bend: (scene) => {
      scene.engine = 'on';
      scene.power = { ...scene.power, houseA: -4, soc: 70, starterV: 14.2 };
    },
  },
  'charger error': {
    alert: 'charger_error',
    withinMs: MINUTE + 15_000,
    bend: power({ chargerError: 'charger_hot' }),
  },
  'LiFePO4 charged while freezing': {
    alert: 'freezing_charge',
    chemistry: 'lifepo4',
    withinMs: MINUTE + 15_000,
    bend: power({ temperatureC: -3, houseA: 20 }),
  },
  'shunt silent': {
    alert: 'shunt_silent',
    withinMs: 20_000,
    bend: (scene) => {
      delete scene.power;
    },
  },
  'GPS without a fix': {
    alert: 'gps_lost',
    withinMs: 3 * MINUTE + 10_000,
    bend: (scene) => {
      scene.gpsBelieved = false;
    },
  },
  'GPS silent': {
    alert: 'gps_silent',
    withinMs: 15_000,
    bend: (scene) => {
      scene.devices.gps = 'silent';
      scene.gpsBelieved = false;
    },
  },
  'modem silent': {
    alert: 'modem_silent',
    withinMs: MINUTE + 10_000,
    bend: (scene) => {
      scene.devices.modem = 'silent';
      scene.link = { state: 'offline', cause: 'searching' };
    },
  },
  'shunt unplugged': {
    alert: 'device_lost',
    withinMs: 15_000,
    bend: (scene) => {
      scene.devices.power = 'lost';
    },
  },
  'shunt plugged where the GPS should be': {
    alert: 'device_wrong',
    withinMs: 10_000,
    bend: (scene) => {
      scene.devices.gps = 'wrong';
      scene.gpsBelieved = false;
    },
  },
  'SIM asks for its PIN': {
    alert: 'sim',
    withinMs: MINUTE + 5_000,
    bend: (scene) => {
      scene.sim = 'SIM PIN';
      scene.link = { state: 'offline', cause: 'searching' };
    },
  },
  'SIM locked': {
    alert: 'sim',
    withinMs: MINUTE + 5_000,
    severity: 'critical',
    bend: (scene) => {
      scene.sim = 'SIM PUK';
    },
  },
  'link degraded': {
    alert: 'link',
    withinMs: 15 * MINUTE + 10_000,
    bend: (scene) => {
      scene.link = { state: 'degraded', cause: 'radio' };
    },
  },
  'link off at a stop': {
    alert: 'link',
    withinMs: 5 * MINUTE + 10_000,
    bend: (scene) => {
      scene.link = { state: 'offline', cause: 'searching' };
    },
  },
  'link off on the road': {
    alert: 'link',
    withinMs: 15 * MINUTE + 35_000,
    hour: 12.5,
    bend: (scene) => {
      scene.link = { state: 'offline', cause: 'searching' };
    },
  },
  'credentials refused': {
    alert: 'link',
    withinMs: 5 * MINUTE + 10_000,
    bend: (scene) => {
      scene.link = { state: 'bad', cause: 'credentials' };
    },
  },
  'under-voltage of the Pi': {
    alert: 'pi_undervoltage',
    withinMs: MINUTE,
    bend: (scene) => {
      scene.health = { ...scene.health, throttled: 0x50005 };
    },
  },
  'Pi warm': {
    alert: 'pi_hot',
    withinMs: 2 * MINUTE,
    bend: (scene) => {
      scene.health = { ...scene.health, temperatureC: 77 };
    },
  },
  'Pi very hot': {
    alert: 'pi_hot',
    withinMs: MINUTE + 15_000,
    severity: 'critical',
    bend: (scene) => {
      scene.health = { ...scene.health, temperatureC: 84 };
    },
  },
  'disk low': {
    alert: 'disk_low',
    withinMs: 2 * MINUTE,
    bend: (scene) => {
      scene.health = { ...scene.health, diskFreePercent: 11 };
    },
  },
  'disk nearly full': {
    alert: 'disk_low',
    withinMs: 2 * MINUTE,
    severity: 'critical',
    bend: (scene) => {
      scene.health = { ...scene.health, diskFreePercent: 3, diskFreeMb: 400 };
    },
  },
  'root read-only': {
    alert: 'root_read_only',
    withinMs: MINUTE,
    severity: 'critical',
    bend: (scene) => {
      scene.health = { ...scene.health, rootReadOnly: true };
    },
  },
  'no time': {
    alert: 'clock',
    withinMs: 11 * MINUTE,
    also: ['gps_lost'],
    bend: (scene) => {
      scene.health = { ...scene.health, clockSynchronised: false };
      scene.gpsBelieved = false;
    },
  },
  'journal failed': {
    alert: 'journal',
    withinMs: 1_000,
    severity: 'critical',
    bend: (scene) => {
      scene.journal = 'failed';
    },
  },
  'cab port in use': {
    alert: 'part_failed',
    withinMs: 1_000,
    bend: (scene) => {
      scene.cab = 'failed';
    },
  },
};

/** Each fault lasts as long as a person takes to notice and mend it. */
export const FAULT_LASTS = 1.2 * HOUR;

export const settingsOf = (fault: SeededFault) => alertSettings({ chemistry: fault.chemistry ?? 'agm' });
