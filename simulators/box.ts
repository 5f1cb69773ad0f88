import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../runtime/clock.ts';
import type { Part } from '../runtime/lifecycle.ts';
import type { DeviceName } from './faults.ts';
import { startProxy, type Target, type TcpProxy } from './proxy.ts';
import { openPty, type Pty, pointTo } from './pty.ts';
import type { Emission, World, WorldEvent } from './world.ts';

/**
 * A van in a box: the world's devices on three PTYs with stable names (`<dir>/gps`, `<dir>/shunt`, `<dir>/modem`), and
 * its 4G as a proxy. Real time; what it does is told to `onEvent`.
 */
export interface Box extends Part {
  readonly paths: Readonly<Record<DeviceName, string>>;
  /** Port of the 4G proxy, when one was asked for. */
  readonly proxyPort?: number;
}
export type BoxSettings = {
  readonly dir: string;
  readonly proxy?: { readonly listen: number; readonly to: Target };
  readonly clock: Clock;
  onEvent(event: WorldEvent): void;
};

const DEVICES: readonly DeviceName[] = ['gps', 'shunt', 'modem'];
/** Longest sleep: faults begin and end, and the network goes, between two emissions. */
const LOOK_EVERY_MS = 100;

export async function startBox(world: World, settings: BoxSettings): Promise<Box> {
  const { dir, clock } = settings;
  mkdirSync(dir, { recursive: true });
  const paths = { gps: join(dir, 'gps'), shunt: join(dir, 'shunt'), modem: join(dir, 'modem') };
  const proxy: TcpProxy | undefined = settings.proxy
    ? await startProxy(settings.proxy.listen, settings.proxy.to)
    : undefined;
  const ptys = new Map<DeviceName, Pty>();
  const startedMs = clock.monotonicMs();
  const nowS = () => (clock.monotonicMs() - startedMs) / 1000;
  let cancel = () => {};
  let stopping = false;
  let plugging = Promise.resolve();

  async function plug(device: DeviceName): Promise<void> {
    const pty = await openPty((bytes) => world.receive(device, bytes, nowS()));
    ptys.set(device, pty);
    pointTo(paths[device], pty.path);
  }
  /** Brings the PTYs in line with what is plugged in; the link stays, dangling, as a by-id name would go. */
  async function replug(): Promise<void> {
    for (const device of DEVICES) {
      const pty = ptys.get(device);
      if (pty && !world.plugged(device)) {
        ptys.delete(device);
        await pty.close();
      } else if (!pty && world.plugged(device) && !stopping) await plug(device);
    }
  }

  function send({ device, bytes, baud }: Emission): void {
    ptys.get(device)?.write(bytes, baud);
  }

  function turn(): void {
    for (const emission of world.until(nowS())) send(emission);
    for (const event of world.events()) settings.onEvent(event);
    void proxy?.set(world.data());
    plugging = plugging.then(replug);
    const waitMs = Math.min(LOOK_EVERY_MS, Math.max(1, 1000 * (world.nextS() - nowS())));
    cancel = clock.after(Math.ceil(waitMs), turn);
  }

  for (const device of DEVICES) if (world.plugged(device)) await plug(device);
  turn();
  return {
    paths,
    ...(proxy ? { proxyPort: proxy.port } : {}),
    async stop() {
      stopping = true;
      cancel();
      await plugging;
      for (const pty of ptys.values()) await pty.close();
      await proxy?.stop();
    },
  };
}
