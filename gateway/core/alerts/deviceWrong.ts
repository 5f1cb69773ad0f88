import { known } from './reading.ts';
import type { AlertKind, Device } from './types.ts';

/** The port carries another device: a shunt plugged where the GPS should be. */
export const deviceWrong = (device: Device): AlertKind => ({
  alert: 'device_wrong',
  subject: device,
  holdMs: { warning: 3_000 },
  clearMs: 10_000,
  judge(facts) {
    const found = facts.devices[device];
    if (!found) return undefined;
    return {
      levels: { warning: found.state === 'wrong' },
      clear: found.state !== 'wrong',
      values: known({ device, detail: found.detail }),
    };
  },
});
