import type { Clock } from '../../../runtime/clock.ts';

/** Requests an address may make in a minute, counted in whole minutes; forgotten at the next. */
const MAX_ADDRESSES = 50_000;

export function makeRate(clock: Clock, perMinute: number) {
  const counts = new Map<string, number>();
  const stop = clock.every(60_000, () => counts.clear());
  return {
    takes(ip: string): boolean {
      const count = (counts.get(ip) ?? 0) + 1;
      // So many addresses at once are an attack: memory is kept, strangers are let in uncounted.
      if (counts.size < MAX_ADDRESSES || counts.has(ip)) counts.set(ip, count);
      return count <= perMinute;
    },
    stop,
  };
}
