import { below, healthNow, known, MINUTE_MS } from './reading.ts';
import type { AlertKind } from './types.ts';

/** devices.md §5: 15 % or 500 MB warn, 5 % critical; clear with a margin. */
const WARN_PERCENT = 15;
const CRITICAL_PERCENT = 5;
const CLEAR_PERCENT = 18;
const WARN_MB = 500;
const CLEAR_MB = 600;

export const diskLow: AlertKind = {
  alert: 'disk_low',
  holdMs: { warning: MINUTE_MS, critical: MINUTE_MS },
  clearMs: 5 * MINUTE_MS,
  judge(facts, _settings, at) {
    const { diskFreePercent, diskFreeMb } = healthNow(facts, at) ?? {};
    if (diskFreePercent === undefined && diskFreeMb === undefined) return undefined;
    const critical = below(diskFreePercent, CRITICAL_PERCENT);
    return {
      levels: {
        critical,
        warning: critical || below(diskFreePercent, WARN_PERCENT) || below(diskFreeMb, WARN_MB),
      },
      clear: !below(diskFreePercent, CLEAR_PERCENT) && !below(diskFreeMb, CLEAR_MB),
      values: known({ diskFreePercent: diskFreePercent && Math.round(diskFreePercent), diskFreeMb }),
    };
  },
};
