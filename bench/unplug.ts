import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Device, DeviceEvent } from '../gateway/io/device.ts';
import { startGps } from '../gateway/io/gps.ts';
import { startModem } from '../gateway/io/modem.ts';
import { startPower } from '../gateway/io/power.ts';
import { systemClock } from '../runtime/clock.ts';
import { silentLog } from '../runtime/log.ts';
import { openPty, type Pty, pointTo } from '../simulators/pty.ts';
import { makeRandom } from '../simulators/random.ts';
import { storyPlan } from '../simulators/story.ts';
import { makeWorld } from '../simulators/world.ts';

/**
 * `npm run campaign unplug` (C14): the three devices on real PTYs, unplugged, renumbered, swapped, silenced and flooded
 * in a random order. After each: reading again ≤ 15 s; over all: memory flat (< +10 MB), processor < 20 %.
 * `bench/run.ts unplug [times] [seed]`: so many times unplugged, and a fifth as often disturbed otherwise.
 */
const BACK_MS = 15_000;
const GROWTH_MB = 10;
const CPU_PERCENT = 20;
const WARM_UP = 10;
const NAMES = ['gps', 'shunt', 'modem'] as const;
type Name = (typeof NAMES)[number];

/** The van's devices on ports whose wires can be pulled and crossed. */
async function makeBench(dir: string, seed: number) {
  const plan = storyPlan('plain', 'none', seed, Date.now());
  if (typeof plan === 'string') throw new Error(plan);
  const world = makeWorld(plan);
  const startMs = performance.now();
  const nowS = () => (performance.now() - startMs) / 1000;
  const ptys = new Map<Name, Pty>();
  /** Whose bytes come out of a port. */
  const wires: Record<Name, Name> = { gps: 'gps', shunt: 'shunt', modem: 'modem' };
  const silent = new Set<Name>();
  const plug = async (port: Name) => {
    const pty = await openPty((bytes) => world.receive(wires[port], bytes, nowS()));
    ptys.set(port, pty);
    pointTo(join(dir, port), pty.path);
  };
  for (const name of NAMES) await plug(name);
  const timer = setInterval(() => {
    for (const { device, bytes, baud } of world.until(nowS()))
      for (const port of NAMES)
        if (wires[port] === device && !silent.has(port)) ptys.get(port)?.write(bytes, baud);
  }, 20);
  return {
    wires,
    silent,
    plug,
    async unplug(port: Name) {
      const pty = ptys.get(port);
      ptys.delete(port);
      await pty?.close();
    },
    flood: (port: Name, bytes: Uint8Array) => ptys.get(port)?.write(bytes, 115_200),
    async stop() {
      clearInterval(timer);
      for (const pty of ptys.values()) await pty.close();
    },
  };
}
type Bench = Awaited<ReturnType<typeof makeBench>>;

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

type Disturbance = (bench: Bench, port: Name) => Promise<void>;

/** Out, and in again behind another number. */
const replug: Disturbance = async (bench, port) => {
  await bench.unplug(port);
  await sleep(200);
  await bench.plug(port);
};

/** What else is done to one port; each leaves it as it should be. */
const DISTURBANCES: Record<string, Disturbance> = {
  async 'away for 3 s'(bench, port) {
    await bench.unplug(port);
    await sleep(3000);
    await bench.plug(port);
  },
  async flap(bench, port) {
    for (let i = 0; i < 5; i++) {
      await bench.unplug(port);
      await bench.plug(port);
      await sleep(100);
    }
  },
  async 'wrong device'(bench, port) {
    bench.wires[port] = port === 'gps' ? 'shunt' : 'gps';
    await bench.unplug(port);
    await bench.plug(port);
    await sleep(3500);
    bench.wires[port] = port;
    await bench.unplug(port);
    await bench.plug(port);
  },
  async silence(bench, port) {
    bench.silent.add(port);
    await sleep(6000);
    bench.silent.delete(port);
  },
  async flood(bench, port) {
    const bytes = Buffer.alloc(4000, '$GNRMC,x');
    for (const endMs = performance.now() + 500; performance.now() < endMs; await sleep(1))
      bench.flood(port, bytes);
  },
};

export default async function unplug(args: string[]): Promise<void> {
  const [times, seed] = [Number(args[0] ?? 60), Number(args[1] ?? 1)];
  const random = makeRandom(seed);
  const dir = mkdtempSync(join(tmpdir(), 'tournee-unplug-'));
  const bench = await makeBench(dir, seed);
  const deps = { clock: systemClock, log: silentLog };
  const readings: Record<Name, number> = { gps: 0, shunt: 0, modem: 0 };
  const read = (name: Name) => () => {
    readings[name]++;
  };
  const onDevice = (_: DeviceEvent) => {};
  const devices: Device[] = [
    startGps(`serial:${join(dir, 'gps')}?baud=9600`, deps, { onDevice, onFix: read('gps') }),
    startPower(`serial:${join(dir, 'shunt')}`, deps, { onDevice, onReading: read('shunt') }),
    startModem(
      `serial:${join(dir, 'modem')}?baud=115200`,
      deps,
      { lookEveryMs: 1000 },
      { onDevice, onReading: read('modem'), onRecovery: () => {} },
    ),
  ];
  /** All three read again, or the time after which they did not. */
  async function backMs(): Promise<number> {
    const [startMs, before] = [performance.now(), { ...readings }];
    while (NAMES.some((name) => readings[name] === before[name])) {
      if (performance.now() - startMs > 4 * BACK_MS) return Number.POSITIVE_INFINITY;
      await sleep(10);
    }
    return performance.now() - startMs;
  }

  const first = await backMs();
  process.stdout.write(`seed ${seed}, ${times} × unplugged; first readings after ${first.toFixed(0)} ms\n`);
  const names = Object.keys(DISTURBANCES);
  const worst: Record<string, number> = {};
  let rssMb = 0;
  let mostMb = 0;
  const [cpu, startMs] = [process.cpuUsage(), performance.now()];
  for (let round = 0; round < times * 1.2; round++) {
    const other = round < times ? undefined : names[round % names.length]!;
    const name = other ?? 'unplugged';
    const port = NAMES[Math.floor(random.between(0, NAMES.length))]!;
    await (other === undefined ? replug : DISTURBANCES[other]!)(bench, port);
    const key = `${name} (${port})`;
    worst[key] = Math.max(worst[key] ?? 0, await backMs());
    globalThis.gc?.();
    const nowMb = process.memoryUsage.rss() / 1e6;
    if (round === WARM_UP) rssMb = nowMb;
    if (round > WARM_UP) mostMb = Math.max(mostMb, nowMb);
  }
  const { user, system } = process.cpuUsage(cpu);
  const cpuPercent = (user + system) / 10 / (performance.now() - startMs);
  for (const device of devices) await device.stop();
  await bench.stop();
  rmSync(dir, { recursive: true, force: true });

  for (const [key, ms] of Object.entries(worst))
    process.stdout.write(`  back ≤ ${(ms / 1000).toFixed(1)} s  ${key}\n`);
  const slowest = Math.max(...Object.values(worst));
  const growthMb = mostMb - rssMb;
  process.stdout.write(
    `slowest ${(slowest / 1000).toFixed(1)} s (≤ ${BACK_MS / 1000}); memory ${rssMb.toFixed(1)} MB, grown ≤ ${growthMb.toFixed(1)} MB (< ${GROWTH_MB}); processor with the simulators ${cpuPercent.toFixed(1)} % (< ${CPU_PERCENT})\n`,
  );
  const held = slowest <= BACK_MS && growthMb < GROWTH_MB && cpuPercent < CPU_PERCENT;
  process.exit(held ? 0 : 1);
}
