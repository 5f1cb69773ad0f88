import { known } from './reading.ts';
import type { AlertKind, Device } from './types.ts';

/** A serial device is gone for more than 10 s: told with its by-id name (devices.md §5). */
export const deviceLost = (device: Device): AlertKind => ({
  alert: 'device_lost',
  subject: device,
  holdMs: { warning: 10_000 },
  clearMs: 15_000,
  judge(facts) {
    const found = facts.devices[device];
    if (!found) return undefined;
    return {
      levels: { warning: found.state === 'lost' },
      clear: found.state !== 'lost',
      values: known({ device, detail: found.detail }),
    };
  },
});
