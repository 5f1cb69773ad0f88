import type { Socket } from 'node:net';
import { nowMs, openConnection, openLine, quantile, question } from './client.ts';

/** The tenants, in a process of their own: open lines, questions at a fixed rate, questions as fast as answered. */
export type LoadOrder =
  | { readonly order: 'listen'; readonly port: number; readonly path: string; readonly count: number }
  | { readonly order: 'await change' }
  | { readonly order: 'leave' }
  | {
      readonly order: 'rate';
      readonly port: number;
      readonly paths: readonly string[];
      readonly perS: number;
      readonly seconds: number;
    }
  | { readonly order: 'race'; readonly port: number; readonly path: string; readonly seconds: number };

let lines: Socket[] = [];
let arrivals: number[] = [];
let all = () => {};

async function listen(port: number, path: string, count: number) {
  const heard = (chunk: Buffer) => {
    if (!chunk.includes('event: visit')) return;
    arrivals.push(nowMs());
    if (arrivals.length === count) all();
  };
  while (lines.length < count) {
    const some = Array.from({ length: Math.min(100, count - lines.length) }, (_, n) =>
      openLine(port, path, lines.length + n, heard),
    );
    lines.push(...(await Promise.all(some)));
  }
  return { open: lines.length };
}

/** So many a second whatever the answers do: waiting for a free connection counts. */
async function rate(port: number, paths: readonly string[], perS: number, seconds: number) {
  const free = Array.from({ length: 200 }, () => openConnection(port));
  const connections = [...free];
  const waiting: { n: number; askedMs: number }[] = [];
  const times: number[] = [];
  const statuses: Record<number, number> = {};
  let bytes = 0;
  let underWay = 0;
  const pump = () => {
    while (waiting.length > 0 && free.length > 0) {
      const connection = free.pop()!;
      const { n, askedMs } = waiting.shift()!;
      underWay++;
      void connection.ask(question(paths[n % paths.length]!, n % 45_000)).then((answer) => {
        times.push(performance.now() - askedMs);
        statuses[answer.status] = (statuses[answer.status] ?? 0) + 1;
        bytes += answer.bytes;
        underWay--;
        free.push(connection);
        pump();
      });
    }
  };
  const start = performance.now();
  for (let n = 0; n < perS * seconds || waiting.length + underWay > 0; ) {
    const due = Math.min(perS * seconds, Math.floor(((performance.now() - start) / 1000) * perS));
    for (; n < due; n++) waiting.push({ n, askedMs: start + (n / perS) * 1000 });
    pump();
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  const took = (performance.now() - start) / 1000;
  for (const connection of connections) connection.close();
  return {
    perS: times.length / took,
    p50Ms: quantile(times, 0.5),
    p99Ms: quantile(times, 0.99),
    maxMs: quantile(times, 1),
    bytesEach: Math.round(bytes / times.length),
    statuses,
  };
}

/** 32 connections that ask again at once. */
async function race(port: number, path: string, seconds: number) {
  const end = performance.now() + seconds * 1000;
  const start = performance.now();
  let count = 0;
  await Promise.all(
    Array.from({ length: 32 }, async () => {
      const connection = openConnection(port);
      while (performance.now() < end) {
        await connection.ask(question(path, count % 45_000));
        count++;
      }
      connection.close();
    }),
  );
  return { count, perS: count / ((performance.now() - start) / 1000) };
}

function obey(order: LoadOrder): Promise<object> | object {
  switch (order.order) {
    case 'listen':
      return listen(order.port, order.path, order.count);
    case 'await change': {
      arrivals = [];
      return new Promise((resolve) => {
        all = () => resolve({ p99: quantile(arrivals, 0.99), first: Math.min(...arrivals) });
      });
    }
    case 'leave':
      for (const line of lines) line.destroy();
      lines = [];
      return {};
    case 'rate':
      return rate(order.port, order.paths, order.perS, order.seconds);
    case 'race':
      return race(order.port, order.path, order.seconds);
  }
}

process.on('message', async (order: LoadOrder) => process.send!(await obey(order)));
process.on('disconnect', () => process.exit());
