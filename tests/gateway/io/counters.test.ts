import { describe, expect, it } from 'vitest';
import { startCounters } from '../../../gateway/io/counters.ts';
import type { Device } from '../../../gateway/io/device.ts';
import { fakeClock } from '../../../runtime/clock.ts';

const HOUR_MS = 3_600_000;

function counted() {
  const clock = fakeClock(0);
  const told: [string, object][] = [];
  const counts: Record<string, number> = { bytes: 0, checksum: 0 };
  const device: Device = { state: () => 'reading', counters: () => ({ ...counts }), stop() {} };
  const counters = startCounters(clock, (what, detail) => told.push([what, detail]));
  counters.add('gps', device);
  return { clock, counters, counts, told };
}

describe("the devices' counters", () => {
  it('are told once an hour, what is not zero, and only when it has moved', async () => {
    const { clock, counts, told } = counted();
    await clock.advance(HOUR_MS);
    expect(told).toEqual([]);
    counts.bytes = 500;
    await clock.advance(3 * HOUR_MS);
    expect(told).toEqual([['gps_counters', { bytes: 500 }]]);
  });

  it('are told when the device is lost, but not each time that it comes and goes', async () => {
    const { clock, counters, counts, told } = counted();
    for (let n = 1; n <= 20; n++) {
      counts.checksum = n;
      counters.lost('gps');
      await clock.advance(60_000);
    }
    expect(told).toEqual([
      ['gps_counters', { checksum: 1 }],
      ['gps_counters', { checksum: 11 }],
    ]);
    counters.lost('modem');
    expect(told).toHaveLength(2);
  });
});
