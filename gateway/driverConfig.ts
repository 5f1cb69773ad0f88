import * as z from 'zod';
import { ALERT_NAMES, type AlertName, SEVERITIES } from '../protocol/alerts.ts';
import { Duration } from '../runtime/duration.ts';
import type { DataPlanSettings } from './core/dataPlan.ts';
import {
  type AlertSettings,
  alertSettings,
  CHEMISTRIES,
  DUTY_DEFAULTS,
  type DutySettings,
  SMS_DEFAULTS,
  type SmsSettings,
} from './core/settings.ts';

/** Configuration sections of the driver's side: `alerts`, `sms`, `duty` (DESIGN §8; docs/ALERTS.md). */

const Name = z.enum(ALERT_NAMES);
const Volts = z.number().min(8).max(32);
const Percent = z.number().min(0).max(100);

export const AlertsSection = z.strictObject({
  /** Of the house battery; its thresholds follow. */
  chemistry: z.enum(CHEMISTRIES).default('agm'),
  capacityAh: z.number().min(5).max(5000).optional(),
  warnV: Volts.optional(),
  criticalV: Volts.optional(),
  clearV: Volts.optional(),
  warnSoc: Percent.optional(),
  criticalSoc: Percent.optional(),
  clearSoc: Percent.optional(),
  reserveSoc: Percent.optional(),
  starterWarnV: Volts.optional(),
  starterCriticalV: Volts.optional(),
  /** Does the engine charge the house battery? */
  engineCharges: z.enum(['auto', 'yes', 'no']).optional(),
  rootReadOnly: z.enum(['fault', 'expected']).optional(),
  coolDown: Duration.optional(),
  /** Raise hold by alert, in place of its own. */
  hold: z.partialRecord(Name, Duration).optional(),
  off: z.array(Name).optional(),
});
export type AlertsSection = z.infer<typeof AlertsSection>;

export function alertSettingsOf(
  section: AlertsSection | undefined,
  timezone = 'Europe/Paris',
): AlertSettings {
  const { coolDown, hold, ...rest } = section ?? {};
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  return alertSettings({
    timezone,
    ...(given as Partial<AlertSettings>),
    ...(coolDown === undefined ? {} : { coolDownMs: coolDown }),
    ...(hold ? { holdMs: hold as Partial<Record<AlertName, number>> } : {}),
  });
}

/** The SIM's data: counted on the modem's network interface. */
export const DataPlanSection = z
  .strictObject({
    /** Its name as `ip link` shows it: wwan0, usb0. */
    interface: z.string().regex(/^[\w.-]{1,15}$/, 'expected the name of a network interface such as wwan0'),
    monthGb: z.number().positive().max(10_000).optional(),
    monthMb: z.number().positive().max(10_000_000).optional(),
    /** Day of the month on which the plan begins anew. */
    renewsOn: z.number().int().min(1).max(31).default(1),
  })
  .refine(({ monthGb, monthMb }) => (monthGb === undefined) !== (monthMb === undefined), {
    message: 'expected either monthGb or monthMb',
  });
export type DataPlanSection = z.infer<typeof DataPlanSection>;

export const dataPlanSettingsOf = (
  { monthGb, monthMb, renewsOn }: DataPlanSection,
  timezone: string,
): DataPlanSettings => ({
  monthBytes: monthGb === undefined ? (monthMb ?? 0) * 1e6 : monthGb * 1e9,
  renewsOn,
  timezone,
});

const LocalTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'expected HH:MM');

export const SmsSection = z.strictObject({
  to: z
    .array(z.string().regex(/^\+[1-9]\d{6,14}$/, 'expected an international number such as +33612345678'))
    .min(1)
    .max(5),
  kinds: z.array(Name).min(1).optional(),
  minSeverity: z.enum(SEVERITIES).optional(),
  /** Local hours; a critical alert ignores them. */
  hours: z.strictObject({ from: LocalTime, to: LocalTime }).optional(),
  maxPerHour: z.number().int().min(1).max(6).optional(),
  language: z.enum(['fr', 'en']).optional(),
});
export type SmsSection = z.infer<typeof SmsSection>;

const minutesOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));

export function smsSettingsOf(section: SmsSection | undefined, timezone: string): SmsSettings {
  if (!section) return { ...SMS_DEFAULTS, timezone };
  return {
    to: section.to,
    kinds: section.kinds ?? SMS_DEFAULTS.kinds,
    minSeverity: section.minSeverity ?? SMS_DEFAULTS.minSeverity,
    ...(section.hours
      ? { hours: { fromMin: minutesOf(section.hours.from), toMin: minutesOf(section.hours.to) } }
      : {}),
    maxPerHour: section.maxPerHour ?? SMS_DEFAULTS.maxPerHour,
    language: section.language ?? SMS_DEFAULTS.language,
    timezone,
  };
}

/** `agenda`, `always`, or the margins of a duty. */
export const DutySection = z.union([
  z.enum(['agenda', 'always']),
  z.strictObject({ before: Duration.optional(), after: Duration.optional() }),
]);
export type DutySection = z.infer<typeof DutySection>;

export function dutySettingsOf(section: DutySection): DutySettings {
  if (typeof section === 'string') return { ...DUTY_DEFAULTS, mode: section };
  return {
    ...DUTY_DEFAULTS,
    ...(section.before === undefined ? {} : { beforeMs: section.before }),
    ...(section.after === undefined ? {} : { afterMs: section.after }),
  };
}
