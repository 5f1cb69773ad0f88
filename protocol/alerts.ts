/** The words of alerts and of the link, shared by the van's folds, the pages and the depot's outgoing channels. */

export const ALERT_NAMES = [
  'house_battery',
  'battery_forecast',
  'starter_battery',
  'not_charging',
  'charger_error',
  'freezing_charge',
  'shunt_silent',
  'gps_lost',
  'gps_silent',
  'modem_silent',
  'device_lost',
  'device_wrong',
  'sim',
  'link',
  'no_coverage',
  'data_plan',
  'pi_undervoltage',
  'pi_hot',
  'disk_low',
  'root_read_only',
  'clock',
  'journal',
  'part_failed',
] as const;
export type AlertName = (typeof ALERT_NAMES)[number];

/** Mildest first. */
export const SEVERITIES = ['notice', 'warning', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];

export const LINK_STATES = ['good', 'degraded', 'bad', 'offline'] as const;
export type LinkStateWord = (typeof LINK_STATES)[number];

/** Why the link is not good, in the order in which a person would look: each has its sentence and its advice. */
export const LINK_CAUSES = [
  'modem',
  'sim',
  'denied',
  'searching',
  'bearer',
  'radio',
  'dns',
  'tls',
  'credentials',
  'broker',
  'depot',
  'slow',
  'reconnected',
  'backlog',
] as const;
export type LinkCause = (typeof LINK_CAUSES)[number];
