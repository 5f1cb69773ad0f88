import { ALERT_NAMES, type AlertName, type Severity } from '../../protocol/alerts.ts';

/**
 * Settings of the driver's folds, with their defaults in one place (thresholds: facts/devices.md §2, §4, §5).
 * Durations in ms. The configuration sections that fill them are in gateway/driverConfig.ts.
 */

export const CHEMISTRIES = ['lead_acid', 'agm', 'lifepo4'] as const;
export type Chemistry = (typeof CHEMISTRIES)[number];

export type AlertSettings = {
  /** Of the house battery: its thresholds follow from it, never one number for all. */
  readonly chemistry: Chemistry;
  readonly warnV: number;
  readonly criticalV: number;
  readonly clearV: number;
  readonly warnSoc: number;
  readonly criticalSoc: number;
  readonly clearSoc: number;
  /** Below this the forecast counts the battery as empty, percent. */
  readonly reserveSoc: number;
  /** Nominal; absent: learnt from the shunt's own ampere-hours. */
  readonly capacityAh?: number;
  readonly starterWarnV: number;
  readonly starterCriticalV: number;
  /** Does the engine charge the house battery? `auto`: expected once it has been seen to. */
  readonly engineCharges: 'auto' | 'yes' | 'no';
  /** A root mounted read-only is a fault, unless the card is meant to be so (overlayfs). */
  readonly rootReadOnly: 'fault' | 'expected';
  /** A dip or a recovery shorter than this counts as none: cranking, a compressor that starts. */
  readonly maskMs: number;
  /** An episode that comes back within this is the same one: shown again, told to nobody again. */
  readonly coolDownMs: number;
  /** Raise hold of an alert in place of its own, for all its severities (the bench, the demo). */
  readonly holdMs: Partial<Readonly<Record<AlertName, number>>>;
  readonly off: readonly AlertName[];
  /** Of the hours of the day by which the forecast learns. */
  readonly timezone: string;
};

/** Thresholds of a 12 V battery by chemistry (devices.md §2, proposals there). */
const BY_CHEMISTRY = {
  lead_acid: {
    warnV: 12.2,
    criticalV: 11.8,
    clearV: 12.8,
    warnSoc: 50,
    criticalSoc: 30,
    clearSoc: 55,
    reserveSoc: 40,
  },
  lifepo4: {
    warnV: 12.4,
    criticalV: 12.0,
    clearV: 13.2,
    warnSoc: 20,
    criticalSoc: 10,
    clearSoc: 30,
    reserveSoc: 10,
  },
} as const;

export const thresholdsOf = (chemistry: Chemistry) =>
  BY_CHEMISTRY[chemistry === 'lifepo4' ? 'lifepo4' : 'lead_acid'];

export function alertSettings(given: Partial<AlertSettings> = {}): AlertSettings {
  const chemistry = given.chemistry ?? 'agm';
  return {
    chemistry,
    ...thresholdsOf(chemistry),
    starterWarnV: 12.2,
    starterCriticalV: 11.8,
    engineCharges: 'auto',
    rootReadOnly: 'fault',
    maskMs: 12_000,
    coolDownMs: 30 * 60_000,
    holdMs: {},
    off: [],
    timezone: 'Europe/Paris',
    ...given,
  };
}

export type LinkSettings = {
  /** Round trip (p95 of 5 min) above which the link is degraded. */
  readonly slowMs: number;
  /** Neither PINGRESP nor receipt for this long: bad (two keep-alives of 30 s). */
  readonly silentS: number;
  readonly backlogDegradedS: number;
  readonly backlogBadS: number;
  /** Samples that must agree before it is said to be worse. */
  readonly samplesToWorsen: number;
  /** Good for this long before it is said to be better. */
  readonly betterMs: number;
};

export const LINK_DEFAULTS: LinkSettings = {
  slowMs: 2000,
  silentS: 60,
  backlogDegradedS: 30,
  backlogBadS: 300,
  samplesToWorsen: 2,
  betterMs: 60_000,
};

export type DutySettings = {
  /** `always` is a setting for the bench: no switch, no window. */
  readonly mode: 'agenda' | 'always';
  readonly beforeMs: number;
  readonly afterMs: number;
  /** A duty that the driver began outside the windows ends by itself after this. */
  readonly switchedOnMs: number;
  /** The longest that a visit still on site prolongs its day. */
  readonly prolongMaxMs: number;
};

export const DUTY_DEFAULTS: DutySettings = {
  mode: 'agenda',
  beforeMs: 60 * 60_000,
  afterMs: 60 * 60_000,
  switchedOnMs: 4 * 3_600_000,
  prolongMaxMs: 3 * 3_600_000,
};

export type SmsSettings = {
  /** International numbers, `+33…`; none: nothing is sent. */
  readonly to: readonly string[];
  readonly kinds: readonly AlertName[];
  readonly minSeverity: Severity;
  /** Local hours within which it may ring; critical alerts always may. Minutes of the day. */
  readonly hours?: { readonly fromMin: number; readonly toMin: number };
  readonly maxPerHour: number;
  readonly language: 'fr' | 'en';
  readonly timezone: string;
};

export const SMS_DEFAULTS: SmsSettings = {
  to: [],
  kinds: [...ALERT_NAMES],
  minSeverity: 'critical',
  maxPerHour: 6,
  language: 'fr',
  timezone: 'Europe/Paris',
};
