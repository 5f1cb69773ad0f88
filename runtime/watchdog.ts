import type { Clock } from './clock.ts';
import type { Part } from './lifecycle.ts';
import { sdNotify } from './sdNotify.ts';

/** A third of the units' `WatchdogSec=20`. */
const BEAT_MS = 6_000;
/** A loop that turned this late has not turned. */
const MAX_LAG_MS = 1_000;

/** Feeds systemd's watchdog only with the truth: the loop turned in time and `works` says that work is done. */
export function startWatchdog(clock: Clock, works: () => boolean): Part {
  let last = clock.monotonicMs();
  return {
    stop: clock.every(BEAT_MS, () => {
      const now = clock.monotonicMs();
      const lagMs = now - last - BEAT_MS;
      last = now;
      if (lagMs < MAX_LAG_MS && works()) void sdNotify('WATCHDOG=1');
    }),
  };
}
