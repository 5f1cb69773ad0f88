import { once } from 'node:events';
import { existsSync, readlinkSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../runtime/clock.ts';
import { startBox } from '../../simulators/box.ts';
import { openPty, pointTo } from '../../simulators/pty.ts';
import { storyPlan } from '../../simulators/story.ts';
import { makeWorld, type WorldEvent } from '../../simulators/world.ts';
import { tempDir } from '../parts/temp.ts';
import { waitFor } from '../parts/wait.ts';

async function boxWith(faults: string) {
  const plan = storyPlan('plain', faults, 1, Date.now());
  if (typeof plan === 'string') throw new Error(plan);
  const depot = createServer((socket) => socket.on('error', () => {}).pipe(socket)).listen(0, '127.0.0.1');
  await once(depot, 'listening');
  const { port } = depot.address() as { port: number };
  const events: WorldEvent[] = [];
  const dir = join(tempDir(), 'devices');
  const box = await startBox(makeWorld(plan), {
    dir,
    proxy: { listen: 0, to: { host: '127.0.0.1', port } },
    clock: systemClock,
    onEvent: (event) => events.push(event),
  });
  onTestFinished(async () => {
    await box.stop();
    depot.close();
  });
  return { box, events };
}

describe('box', () => {
  it('has its devices under stable names, and none of them behind once it stops', async () => {
    const { box } = await boxWith('none');
    const targets = Object.values(box.paths).map((path) => readlinkSync(path));
    for (const target of targets) expect(existsSync(target)).toBe(true);
    await box.stop();
    for (const target of targets) expect(existsSync(target)).toBe(false);
  });

  it('unplugs and plugs in again', async () => {
    const { box, events } = await boxWith('unplug@0+2');
    await waitFor('the fault', () => events.some((e) => e.event === 'fault'));
    await waitFor('unplugged', () => !existsSync(box.paths.gps));
    await waitFor('plugged in', () => existsSync(box.paths.gps));
  });

  it('refuses connections while the modem has no network', async () => {
    const { box, events } = await boxWith('network_lost@1+3');
    const tryOnce = () =>
      new Promise<string>((resolve) => {
        const socket = connect(box.proxyPort!, '127.0.0.1', () => {
          socket.destroy();
          resolve('open');
        });
        socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
      });
    expect(await tryOnce()).toBe('open');
    await waitFor('the loss', () => events.some((e) => e.event === 'link_down'));
    expect(await tryOnce()).toBe('ECONNREFUSED');
    await waitFor('the network', () => events.some((e) => e.event === 'link_up'));
    await new Promise((resolve) => setImmediate(resolve));
    expect(await tryOnce()).toBe('open');
  });
});

describe('PTY', () => {
  it('drops what nobody reads, and never blocks', async () => {
    const pty = await openPty(() => {});
    onTestFinished(() => pty.close());
    const startMs = performance.now();
    for (let i = 0; i < 2000; i++) pty.write(Buffer.alloc(100, 'x'), 9600);
    expect(performance.now() - startMs).toBeLessThan(1000);
  });

  it('replaces a link in place', async () => {
    const link = join(tempDir(), 'gps');
    pointTo(link, '/dev/null');
    pointTo(link, '/dev/zero');
    expect(readlinkSync(link)).toBe('/dev/zero');
  });
});
