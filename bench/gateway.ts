import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, connect as tcpConnect } from 'node:net';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bundle } from '../build/bundle.mjs';
import { type Broker, startBroker } from '../dashboard/io/broker.ts';
import { makeFeed } from '../dashboard/io/feed.ts';
import { startIngest } from '../dashboard/io/ingest.ts';
import { openSqliteStore } from '../dashboard/io/store/sqlite.ts';
import { msOf } from '../protocol/time.ts';
import { systemClock } from '../runtime/clock.ts';
import { silentLog } from '../runtime/log.ts';
import { openPty } from '../simulators/pty.ts';
import { storyAgenda, storyPlan } from '../simulators/story.ts';
import { makeWorld, type WorldPlan } from '../simulators/world.ts';

/**
 * What the gateway costs the van, beside the bare floor (serialport + readline + nmea-simple + mqtt.js) in one run: both
 * are separate processes that read the same bytes on PTYs of their own and publish to the same broker. The whole gateway
 * runs: journal, presence, alerts, shunt and modem; a planner looks, so that each second's fix is published.
 */

const SECRET = 'a secret of the bench';
/** A daemon runs all day: code that is compiled while it starts, and the first collections, are no part of its minute. */
const WARM_UP_S = 60;
const GATEWAY = 'gateway-1';
const FLOOR = 'floor-1';
const TICKS_PER_S = 100;
/** Made anew for each run, beside the one that others use: what is measured is what the sources say now. */
const BUNDLE = 'dist/bench-gateway.mjs';

type Cost = { cpuSPerMin: number; rssMib: number; p50Ms: number; p95Ms: number; bytesPerEpoch: number };

export default async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      seconds: { type: 'string', default: '60' },
      hz: { type: 'string', default: '1,10' },
      profile: { type: 'string' },
    },
  });
  await bundle({ outfile: BUNDLE });
  process.stdout.write(`${process.version}, load ${loadavg()[0]!.toFixed(1)} on ${cpus().length} cores\n`);
  for (const hz of values.hz.split(',').map(Number)) {
    const { floor, gateway } = await measure(hz, Number(values.seconds), values.profile);
    const ratio = (a: number, b: number) => (a / b).toFixed(2);
    process.stdout.write(`${hz} Hz, ${values.seconds} s, seed 1           floor   gateway   ratio\n`);
    const row = (name: string, f: number, g: number, digits: number) =>
      process.stdout.write(
        `  ${name.padEnd(28)}${f.toFixed(digits).padStart(8)}${g.toFixed(digits).padStart(10)}${ratio(g, f).padStart(8)}\n`,
      );
    row('CPU, s a minute', floor.cpuSPerMin, gateway.cpuSPerMin, 2);
    row('latency p50, ms', floor.p50Ms, gateway.p50Ms, 1);
    row('latency p95, ms', floor.p95Ms, gateway.p95Ms, 1);
    row('RSS, MiB', floor.rssMib, gateway.rssMib, 0);
    row('bytes on the wire an epoch', floor.bytesPerEpoch, gateway.bytesPerEpoch, 0);
  }
}

async function measure(
  hz: number,
  seconds: number,
  profile?: string,
): Promise<{ floor: Cost; gateway: Cost }> {
  const folder = mkdtempSync(join(tmpdir(), 'tournee-bench-'));
  const clock = systemClock;
  const startMs = Math.ceil(clock.nowMs() / 1000) * 1000 + 4000;
  const world = makeWorld({
    ...(storyPlan('plain', 'none', 1, startMs) as WorldPlan),
    receiver: { kind: 'ublox', hz },
  });
  const baud = hz > 2 ? 115_200 : 9600;
  const [gps, floorGps, shunt, modem] = await Promise.all([
    openPty(() => {}),
    openPty(() => {}),
    openPty(() => {}),
    openPty((bytes) => world.receive('modem', bytes, nowS())),
  ]);
  const nowS = () => (clock.nowMs() - startMs) / 1000;
  const feed = makeFeed(silentLog);
  const broker: Broker = await startBroker({
    listen: 'mqtt://127.0.0.1:0',
    verify: (_van, secret) => secret === SECRET,
    log: silentLog,
    clock,
  });
  const store = openSqliteStore(join(folder, 'depot.db'), { log: silentLog, clock });
  const ingest = startIngest({ link: broker, store, feed, vans: () => [GATEWAY], log: silentLog, clock });
  const wires = await Promise.all([countingProxy(broker.url), countingProxy(broker.url)]);

  // Latency: from the write of an epoch's last byte to the subscriber.
  const lastByteMs = new Map<number, number>();
  const latencies = new Map<string, number[]>([
    [GATEWAY, []],
    [FLOOR, []],
  ]);
  feed.subscribe((event) => {
    if (event.kind !== 'position' || !event.position) return;
    const epoch = Math.round(((msOf(event.position.at)! - startMs) / 1000) * hz);
    const written = lastByteMs.get(epoch);
    if (written !== undefined && nowS() > WARM_UP_S)
      latencies.get(event.van)?.push(performance.now() - written);
  });

  writeFileSync(join(folder, 'secret'), SECRET);
  const config = join(folder, 'gateway.yaml');
  writeFileSync(
    config,
    JSON.stringify({
      van: GATEWAY,
      sources: {
        gps: `serial:${gps.path}?baud=${baud}`,
        power: `serial:${shunt.path}`,
        modem: `serial:${modem.path}`,
      },
      journal: join(folder, 'van.db'),
      broker: wires[0].url,
      cab: 'http://127.0.0.1:0',
      secretFile: join(folder, 'secret'),
    }),
  );
  broker.publish(GATEWAY, 'agenda', storyAgenda('plain', startMs, 'Europe/Paris'), true);
  const children = [
    start(BUNDLE, ['gateway', '--config', config], profile),
    start('bench/gateway/floor.mjs', [floorGps.path, `${baud}`, wires[1].url, FLOOR, SECRET], profile),
  ];
  const look = setInterval(() => broker.publish(GATEWAY, 'cab', { watched: true }, false), 2000);

  const play = async (untilS: number) => {
    while (nowS() < untilS) {
      for (const { s, device, bytes } of world.until(nowS())) {
        if (device === 'gps') {
          gps.write(bytes, baud);
          floorGps.write(bytes, baud);
          lastByteMs.set(Math.floor((s - 0.0601) * hz), performance.now());
        } else (device === 'shunt' ? shunt : modem).write(bytes, device === 'shunt' ? 19_200 : 115_200);
      }
      await new Promise((resolve) => setTimeout(resolve, Math.max(1, (world.nextS() - nowS()) * 1000)));
    }
  };
  await play(WARM_UP_S);
  const before = children.map((child) => ({ ...spentOf(child), bytes: 0 }));
  for (const [n, wire] of wires.entries()) before[n]!.bytes = wire.bytes();
  await play(WARM_UP_S + seconds);
  const costs = children.map((child, n): Cost => {
    const sorted = latencies.get(n === 0 ? GATEWAY : FLOOR)!.sort((a, b) => a - b);
    const at = (share: number) =>
      sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
    const { cpuS, rssMib } = spentOf(child);
    return {
      cpuSPerMin: ((cpuS - before[n]!.cpuS) / seconds) * 60,
      rssMib,
      p50Ms: at(0.5),
      p95Ms: at(0.95),
      bytesPerEpoch: (wires[n]!.bytes() - before[n]!.bytes) / (seconds * hz),
    };
  });
  clearInterval(look);
  for (const child of children) {
    child.kill('SIGTERM');
    await new Promise((resolve) => child.once('exit', resolve));
  }
  for (const part of [...wires, ingest, broker, store]) await part.stop();
  for (const pty of [gps, floorGps, shunt, modem]) await pty.close();
  rmSync(folder, { recursive: true, force: true });
  return { gateway: costs[0]!, floor: costs[1]! };
}

/** A Node process of its own; `profile`: where V8 writes what it spent its time on. */
function start(script: string, args: string[], profile: string | undefined): ChildProcess {
  const flags = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`];
  return spawn(process.execPath, [...flags, script, ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, TOURNEE_LOG: 'error' },
  });
}

/** CPU and memory of a process and its threads, from /proc. */
function spentOf(child: ChildProcess): { cpuS: number; rssMib: number } {
  const fields = readFileSync(`/proc/${child.pid}/stat`, 'latin1')
    .replace(/^.*\) /, '')
    .split(' ');
  const rssKb = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'latin1'))?.[1];
  return { cpuS: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_S, rssMib: Number(rssKb) / 1024 };
}

/** Passes one client on to the broker and counts both ways. */
async function countingProxy(
  target: string,
): Promise<{ url: string; bytes(): number; stop(): Promise<void> }> {
  const port = Number(new URL(target).port);
  let bytes = 0;
  const server = createServer((client) => {
    const upstream = tcpConnect(port, '127.0.0.1');
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      from.setNoDelay(true);
      from.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        to.write(chunk);
      });
      from.on('close', () => to.destroy());
      from.on('error', () => to.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `mqtt://127.0.0.1:${(server.address() as { port: number }).port}`,
    bytes: () => bytes,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
