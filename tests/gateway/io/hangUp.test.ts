import { describe, expect, it } from 'vitest';
import { startGps } from '../../../gateway/io/gps.ts';
import { deps, feed, listen, makePort, started } from '../../parts/devices.ts';
import { waitFor } from '../../parts/wait.ts';

/**
 * hazards.md §2.4: the port hangs up under a listening reader. A read of 0 bytes must not call itself for ever
 * (bindings-cpp#162): memory stays flat, the processor stays quiet, and the loss is told.
 */
const TIMES = 20;
const RSS_MB = 10;
const CPU_PERCENT = 20;

describe('hang-up', () => {
  it(`is told within 5 s, ${TIMES} times over, with memory and processor flat`, async () => {
    const port = await makePort();
    const { told, gps } = listen();
    started(startGps(`serial:${port.link}?baud=9600`, deps, gps));
    feed('gps', (bytes) => port.send(bytes, 9600), 50);
    await waitFor('the first fix', () => told.fixes[0]);
    let rssMb = 0;
    for (let i = 0; i < TIMES; i++) {
      const fixes = told.fixes.length;
      await port.unplug();
      await waitFor('the loss', () => told.events.at(-1)?.state === 'lost', 5000);
      await port.plug();
      await waitFor('a fix', () => told.fixes.length > fixes, 15_000);
      // The first rounds compile and fill pools.
      if (i === 4) rssMb = process.memoryUsage.rss() / 1e6;
    }
    global.gc?.();
    expect(process.memoryUsage.rss() / 1e6 - rssMb).toBeLessThan(RSS_MB);
    expect(told.events.filter((e) => e.reason === 'hang_up')).toHaveLength(TIMES);
  }, 60_000);

  it('leaves the processor alone while the port is gone', async () => {
    const port = await makePort();
    const { told, gps } = listen();
    started(startGps(`serial:${port.link}?baud=9600`, deps, gps));
    const stop = feed('gps', (bytes) => port.send(bytes, 9600));
    await waitFor('a fix', () => told.fixes[0]);
    stop();
    await port.unplug();
    const before = process.cpuUsage();
    const startMs = performance.now();
    await waitFor('missing', () => told.events.at(-1)?.reason === 'missing');
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 10 / (performance.now() - startMs)).toBeLessThan(CPU_PERCENT);
  });

  it('is seen when the far end goes in the middle of a flood', async () => {
    const port = await makePort();
    const { told, gps } = listen();
    started(startGps(`serial:${port.link}?baud=9600`, deps, gps));
    const flood = Buffer.alloc(4000, 'x');
    for (let i = 0; i < 5; i++) {
      await waitFor('the port', () => port.readerBaud() === 9600);
      for (let n = 0; n < 50; n++) port.send(flood, 9600);
      const lost = told.events.length;
      await port.unplug();
      await waitFor(
        'the loss',
        () => told.events.length > lost || told.events.at(-1)?.state === 'lost',
        5000,
      );
      await port.plug();
    }
    feed('gps', (bytes) => port.send(bytes, 9600));
    await waitFor('a fix', () => told.fixes[0], 15_000);
  }, 30_000);
});
