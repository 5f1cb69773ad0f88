import type { CourierSettings, LinkCause } from './courier.ts';

/** Full jitter, 1 s doubling to 120 s; refused credentials to 15 min, for trying again soon does not help. */
export function backoffMs(
  attempts: number,
  cause: LinkCause,
  random: number,
  { backoffBaseMs, backoffMaxMs, backoffAuthMaxMs }: CourierSettings,
): number {
  const max = cause === 'auth' ? backoffAuthMaxMs : backoffMaxMs;
  return Math.round(random * Math.min(max, backoffBaseMs * 2 ** Math.min(attempts, 30)));
}
