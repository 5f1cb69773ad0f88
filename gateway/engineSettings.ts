import { PRESENCE_DEFAULTS } from '../visit/presence.ts';
import type { GatewayConfig } from './config.ts';
import type { EngineSettings } from './core/engine/types.ts';
import { motorSettings } from './core/motor.ts';
import { POWER_DEFAULTS } from './core/power.ts';
import { LINK_DEFAULTS } from './core/settings.ts';
import { alertSettingsOf, dataPlanSettingsOf, dutySettingsOf } from './driverConfig.ts';

/** Settings of the folds, from the configuration; what is not configured has its default in one place each. */
export function engineSettingsOf(config: GatewayConfig, buildMs: number): EngineSettings {
  const alerts = alertSettingsOf(config.alerts, config.timezone);
  const { dwell, startStop } = config.presence ?? {};
  return {
    locate: {
      buildMs,
      presence: {
        ...PRESENCE_DEFAULTS,
        ...(dwell === undefined ? {} : { dwellMs: dwell }),
        ...(startStop === undefined ? {} : { startStop }),
      },
    },
    power: {
      ...POWER_DEFAULTS,
      ...motorSettings(config.power?.alternator),
      chemistry: alerts.chemistry,
      reserveSoc: alerts.reserveSoc,
      ...(alerts.capacityAh === undefined ? {} : { capacityAh: alerts.capacityAh }),
    },
    alerts,
    link: LINK_DEFAULTS,
    duty: dutySettingsOf(config.duty),
    ...(config.dataPlan ? { dataPlan: dataPlanSettingsOf(config.dataPlan, config.timezone) } : {}),
  };
}
