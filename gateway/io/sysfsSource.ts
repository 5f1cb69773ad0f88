import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SourceUrl } from '../core/sourceUrl.ts';
import { readingOfSysfs } from '../core/sysfs.ts';
import type { Device, DeviceDeps, DeviceState, PowerCallbacks } from './device.ts';

const LOOK_EVERY_MS = 2000;

/** Power from Linux files, looked at every 2 s. Lost when none of them gives a number. */
export function startSysfs(
  url: string,
  source: Extract<SourceUrl, { kind: 'sysfs' }>,
  { clock }: DeviceDeps,
  callbacks: PowerCallbacks,
): Device {
  const counts = { looks: 0, readings: 0, lost: 0 };
  let state: DeviceState = 'opening';

  const textOf = (file: string): string | undefined => {
    try {
      return readFileSync(join(source.path, file), 'latin1').slice(0, 64);
    } catch {
      return undefined;
    }
  };
  function look(): void {
    counts.looks++;
    const monoMs = clock.monotonicMs();
    const reading = readingOfSysfs(source.inputs, textOf);
    const now = Object.keys(reading).length > 0 ? 'reading' : 'lost';
    if (now !== state) {
      state = now;
      if (now === 'lost') counts.lost++;
      const reason = now === 'lost' ? ({ reason: 'missing' } as const) : {};
      callbacks.onDevice({ device: 'power', url, state: now, ...reason, monoMs });
    }
    if (now === 'lost') return;
    counts.readings++;
    callbacks.onReading(reading, monoMs);
  }
  look();
  const cancel = clock.every(LOOK_EVERY_MS, look);
  return { state: () => state, counters: () => ({ ...counts }), stop: cancel };
}
