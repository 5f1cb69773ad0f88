import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { COMMUNES } from '../dashboard/core/communes.ts';
import { stopPath } from '../dashboard/web/tenant/stopPage.tsx';
import { startCourier } from '../gateway/io/courier.ts';
import { openJournal } from '../gateway/io/journal.ts';
import { isoOf } from '../protocol/time.ts';
import { systemClock } from '../runtime/clock.ts';
import { silentLog } from '../runtime/log.ts';
import { quantile } from './rush/client.ts';
import { insee, SECRET, VAN, VISIT } from './rush/depot.ts';
import type { LoadOrder } from './rush/load.ts';

/**
 * A rush on the public side: `npm run bench -- rush [listeners=5000] [pages a second=1000] [seconds=10]`. The whole
 * depot in one process; the tenants in a second and a third; a real van (journal and courier) in this one, which makes
 * the changes and whose receipts are timed throughout. Prints one line of JSON, with the load average: on a machine
 * that has other work the times are upper bounds, CPU ms per 1,000 pages or answers are not.
 */
export default async function run(args: string[]): Promise<void> {
  const [listeners = 5000, pages = 1000, seconds = 10] = args.map(Number);
  const folder = mkdtempSync(join(tmpdir(), 'bench-rush-'));
  const depot = child('depot', 'serve', folder);
  const audience = child('load');
  const readers = child('load');
  try {
    const ports = await depot.said<{ http: number; bare: number; broker: string }>();
    const van = startVan(folder, ports.broker);
    const load = (order: LoadOrder) => audience.ask<never>(order);
    const use = () => depot.ask<{ cpuMs: number; rssMb: number }>('use');

    await load({ order: 'listen', port: ports.bare, path: '/stream', count: listeners });
    const bare = await fanOut(audience, () => depot.ask('bare'));
    await load({ order: 'leave' });
    await load({ order: 'listen', port: ports.http, path: '/public/v1/changes', count: listeners });
    const ours = await fanOut(audience, () => {
      const changed = depot.ask<{ at: number }>('change');
      void van.change();
      return changed;
    });

    const before = await use();
    const page = await readers.ask<RateResult>({
      order: 'rate',
      port: ports.http,
      paths: pagePaths(),
      perS: pages,
      seconds,
    });
    const after = await use();
    await load({ order: 'leave' });
    await depot.ask('body');
    const rates = { ours: [] as number[], bare: [] as number[] };
    const cpu = { ours: [] as number[], bare: [] as number[] };
    for (let turn = 0; turn < 3; turn++)
      for (const [name, port, path] of [
        ['ours', ports.http, `/public/v1/visits?commune=${insee(0)}`],
        ['bare', ports.bare, '/json'],
      ] as const) {
        const { cpuMs } = await use();
        const order = { order: 'race', port, path, seconds: seconds / 4 } as const;
        const { perS, count } = await readers.ask<{ perS: number; count: number }>(order);
        rates[name].push(perS);
        cpu[name].push((1000 * ((await use()).cpuMs - cpuMs)) / count);
      }
    const [ourRate, bareRate] = [quantile(rates.ours, 0.5), quantile(rates.bare, 0.5)];
    const [ourCpu, bareCpu] = [quantile(cpu.ours, 0.5), quantile(cpu.bare, 0.5)];
    const receiptMs = await van.stop();
    console.log(
      JSON.stringify({
        load: loadavg().map((l) => round(l, 1)),
        listeners,
        change: { p99Ms: round(ours), bareLoopP99Ms: round(bare), ratio: round(ours / bare, 2) },
        pages: {
          askedPerS: pages,
          servedPerS: round(page.perS),
          p50Ms: round(page.p50Ms, 1),
          p99Ms: round(page.p99Ms),
          maxMs: round(page.maxMs),
          bytesEach: page.bytesEach,
          statuses: page.statuses,
          cpuMsPer1000: round((1000 * (after.cpuMs - before.cpuMs)) / (pages * seconds)),
        },
        json: {
          perS: round(ourRate),
          barePerS: round(bareRate),
          ratio: round(ourRate / bareRate, 2),
          cpuMsPer1000: round(ourCpu),
          bareCpuMsPer1000: round(bareCpu),
          cpuRatio: round(bareCpu / ourCpu, 2),
        },
        receipts: {
          count: receiptMs.length,
          p50Ms: round(quantile(receiptMs, 0.5)),
          p99Ms: round(quantile(receiptMs, 0.99)),
        },
        depotRssMb: round(after.rssMb),
      }),
    );
  } finally {
    for (const { forked } of [depot, audience, readers]) forked.disconnect();
    rmSync(folder, { recursive: true, force: true });
  }
}

type RateResult = {
  perS: number;
  p50Ms: number;
  p99Ms: number;
  maxMs: number;
  bytesEach: number;
  statuses: Record<number, number>;
};

const round = (value: number, digits = 0) => Number(value.toFixed(digits));

/** All communes, one in ten in English. */
function pagePaths(): string[] {
  const ours = new Set(Array.from({ length: 200 }, (_, n) => insee(n)));
  const paths = COMMUNES.filter((commune) => ours.has(commune.insee)).map(stopPath);
  return Array.from({ length: 10 }, (_, n) => (n === 9 ? paths.map((p) => `${p}?lang=en`) : paths)).flat();
}

/** A process that answers one word at a time. */
function child(name: string, ...args: string[]) {
  const forked: ChildProcess = fork(fileURLToPath(new URL(`./rush/${name}.ts`, import.meta.url)), args, {
    execArgv: ['--import', 'tsx'],
  });
  const said = <T>() =>
    new Promise<T>((resolve, reject) => {
      const ended = (code: number | null) => reject(new Error(`${name} ended (${code})`));
      forked.once('exit', ended);
      forked.once('message', (m) => {
        forked.off('exit', ended);
        resolve(m as T);
      });
    });
  return {
    forked,
    said,
    ask<T>(order: string | LoadOrder): Promise<T> {
      const answer = said<T>();
      forked.send(order);
      return answer;
    },
  };
}

/** Five changes; the median of the p99 from the depot's knowing to the listeners' hearing. */
async function fanOut(audience: ReturnType<typeof child>, change: () => Promise<unknown>): Promise<number> {
  const found: number[] = [];
  for (let n = 0; n < 5; n++) {
    const heard = audience.ask<{ p99: number }>({ order: 'await change' });
    const { at } = (await change()) as { at: number };
    found.push((await heard).p99 - at);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  return quantile(found, 0.5);
}

/** A van that writes an urgent row each 200 ms and waits for its receipt. */
function startVan(folder: string, broker: string) {
  const journal = openJournal(join(folder, 'van.db'), {
    van: VAN,
    software: 'bench',
    boot: 'boot-1',
    retentionMs: 86_400_000,
    maxBytes: 256e6,
    clock: systemClock,
    log: silentLog,
  });
  const courier = startCourier({
    broker,
    van: VAN,
    secret: SECRET,
    journal,
    clock: systemClock,
    log: silentLog,
    random: Math.random,
    status: () => ({ at: isoOf(Date.now()), software: 'bench', duty: true }),
    on: { agenda: () => {}, cab: () => {}, link: () => {} },
  });
  const took: number[] = [];
  let changes = 0;
  let isStopped = false;
  async function received(sentMs: number): Promise<void> {
    while (journal.backlog().rows > 0) await new Promise((resolve) => setTimeout(resolve, 4));
    took.push(performance.now() - sentMs);
  }
  const anchor = () => ({
    kind: 'anchor' as const,
    at: isoOf(Date.now()),
    boot: 'boot-1',
    monoMs: Math.round(performance.now()),
    source: 'ntp' as const,
  });
  const running = (async () => {
    await received(performance.now());
    took.length = 0;
    while (!isStopped) {
      const sentMs = performance.now();
      journal.commit([{ lane: 'urgent', row: anchor() }]);
      await received(sentMs);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  })();
  return {
    change(): void {
      const at = isoOf(Date.now());
      const state = changes++ % 2 ? ('approaching' as const) : ('on_site' as const);
      const row = { kind: 'visit' as const, at, visit: VISIT, agenda: 1, state, because: 'bench' };
      journal.commit([{ lane: 'urgent', row: { ...row, evidence: { since: at } } }]);
    },
    async stop(): Promise<number[]> {
      isStopped = true;
      await running;
      await courier.stop();
      journal.close();
      return took;
    },
  };
}
