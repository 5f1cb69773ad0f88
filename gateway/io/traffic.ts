import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../runtime/clock.ts';
import type { Part } from '../../runtime/lifecycle.ts';

/** The byte counters of a network interface, both ways, once a minute; one that is not there says nothing. */

const LOOK_EVERY_MS = 60_000;
const CLASS_NET = '/sys/class/net';

export function bytesOf(networkInterface: string, folder = CLASS_NET): number | undefined {
  try {
    const count = (way: 'rx' | 'tx') =>
      Number(readFileSync(join(folder, networkInterface, 'statistics', `${way}_bytes`), 'latin1'));
    const bytes = count('rx') + count('tx');
    return Number.isSafeInteger(bytes) ? bytes : undefined;
  } catch {
    return undefined;
  }
}

export type TrafficDeps = {
  readonly networkInterface: string;
  readonly clock: Clock;
  readonly onBytes: (bytes: number) => void;
  readonly folder?: string;
};

export function startTraffic({ networkInterface, clock, onBytes, folder }: TrafficDeps): Part {
  const look = () => {
    const bytes = bytesOf(networkInterface, folder);
    if (bytes !== undefined) onBytes(bytes);
  };
  look();
  return { stop: clock.every(LOOK_EVERY_MS, look) };
}
