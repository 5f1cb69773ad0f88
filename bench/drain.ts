import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from '../tests/parts/chain.ts';
import { startSlowLink } from '../tests/parts/slowLink.ts';
import type { Backlog, DepotDrained, VanDrained } from './drain/roles.ts';

/**
 * `npm run bench -- drain [rows] [ms] [bits/s]`: a day of backlog over a slow link, against the time that its bytes
 * alone need; meanwhile the position stays live and an alert gets through. All real: SQLite, MQTT, sockets; van, depot
 * and link are three processes.
 */
export type Drained = VanDrained &
  DepotDrained & { readonly bytesAloneSeconds: number; readonly upBytes: number };

const roleFile = fileURLToPath(new URL('./drain/roles.ts', import.meta.url));

async function messageOf<T>(child: ChildProcess): Promise<T> {
  const [message] = (await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([code]) => {
      throw new Error(`ended: ${code}`);
    }),
  ])) as [T];
  return message;
}

export async function drain(backlog: Backlog, latencyMs: number, bitsPerS: number): Promise<Drained> {
  const folder = temporaryFolder();
  const children: ChildProcess[] = [];
  const role = (name: string, ...args: string[]) => {
    const child = fork(roleFile, [name, ...args]);
    children.push(child);
    return child;
  };
  try {
    const depot = role('depot', join(folder.path, 'depot.db'));
    const { port } = await messageOf<{ port: number }>(depot);
    const link = await startSlowLink(port, { latencyMs, bitsPerS });
    const van = role('van', join(folder.path, 'van.db'), `${link.port}`, JSON.stringify(backlog));
    const drained = await messageOf<VanDrained>(van);
    const upBytes = link.passed.up;
    depot.send({ alertAt: drained.alertAt });
    const received = await messageOf<DepotDrained>(depot);
    await Promise.all(children.map((child) => child.exitCode ?? once(child, 'exit')));
    await link.stop();
    return { ...drained, ...received, upBytes, bytesAloneSeconds: (upBytes * 8) / bitsPerS };
  } finally {
    for (const child of children) if (child.exitCode === null) child.kill('SIGKILL');
    folder.remove();
  }
}

const p99 = (sorted: readonly number[]) =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * 0.99))];

export function print(name: string, d: Drained): void {
  const times = (seconds: number) => `× ${(seconds / d.bytesAloneSeconds).toFixed(2)}`;
  console.log(
    `${name}: ${d.rows} rows, ${d.upBytes} B up (${(d.upBytes / d.rows).toFixed(2)} B a row) that alone need ${d.bytesAloneSeconds.toFixed(2)} s\n` +
      `  drained in ${d.seconds.toFixed(2)} s (${times(d.seconds)}); from the first batch on ${d.flowSeconds.toFixed(2)} s (${times(d.flowSeconds)})\n` +
      `  position ≤ ${p99(d.positionAgeMs) ?? '–'} ms old at p99 of ${d.positionAgeMs.length}; alert at the depot after ${d.alertMs} ms\n` +
      `  CPU van ${d.vanCpuSeconds.toFixed(2)} s, depot ${d.depotCpuSeconds.toFixed(2)} s; load ${loadavg()[0]!.toFixed(1)}`,
  );
}

export default async function run([
  rows = '86400',
  latency = '40',
  bits = '1000000',
]: string[]): Promise<void> {
  const [count, latencyMs, bitsPerS] = [rows, latency, bits].map(Number) as [number, number, number];
  console.log(`${2 * latencyMs} ms round trip, ${bitsPerS / 1e6} Mbit/s`);
  print('reference day', await drain({ days: 1 }, latencyMs, bitsPerS));
  print('every second', await drain({ everySecond: count }, latencyMs, bitsPerS));
}
