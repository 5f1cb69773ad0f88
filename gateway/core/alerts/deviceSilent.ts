import type { AlertName } from '../../../protocol/alerts.ts';
import { known } from './reading.ts';
import type { AlertKind, Device, Facts } from './types.ts';

/** No block of the shunt for this long is a silent shunt, not 0 V (devices.md §2). */
const POWER_SILENT_MS = 10_000;

/** The port is there and says nothing. One that is unplugged or another device is told as that alone. */
export function deviceSilent(alert: AlertName, device: Device, holdMs: number): AlertKind {
  return {
    alert,
    holdMs: { warning: holdMs },
    clearMs: 30_000,
    wakesAt: (facts) => (device === 'power' && facts.power ? facts.power.at + POWER_SILENT_MS : undefined),
    judge(facts, _settings, at) {
      const found = facts.devices[device];
      if (!found) return undefined;
      const silent = found.state === 'silent' || (found.state === 'up' && isMute(facts, device, at));
      return {
        levels: { warning: silent },
        clear: !silent && found.state === 'up',
        values: known({ detail: found.detail, lastAt: device === 'power' ? facts.power?.at : undefined }),
      };
    },
  };
}

const isMute = (facts: Facts, device: Device, at: number): boolean =>
  device === 'power' && facts.power !== undefined && at - facts.power.at >= POWER_SILENT_MS;
