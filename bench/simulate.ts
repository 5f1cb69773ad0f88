import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { planOf } from '../tests/simulation/plan.ts';
import { shrink } from '../tests/simulation/shrink.ts';
import { type Outcome, simulate } from '../tests/simulation/simulate.ts';

import { keepFigures } from './reliability.ts';

/**
 * `npm run simulate -- <van-years> [first seed]`: seeds of the whole system, one after the other on two cores, until so
 * many van-years have been lived. Prints seeds, van-years, figures and the hash of all histories; a violation is shrunk
 * and written to tests/seeds/. Exit 1 when there was one.
 */
const WORKERS = 2;
const YEAR_DAYS = 365.25;
const SEEDS = fileURLToPath(new URL('../tests/seeds/', import.meta.url));

export default async function run([first = '12', ...rest]: string[]): Promise<void> {
  if (first === 'worker') return work(rest.map(Number) as [number, number, number]);
  const years = Number(first);
  const from = Number(rest[0] ?? 1);
  const startedAt = performance.now();
  const outcomes = (
    await Promise.all(
      Array.from({ length: WORKERS }, (_, k) => worker(from + k, WORKERS, (years * YEAR_DAYS) / WORKERS)),
    )
  ).flat();
  report(outcomes, (performance.now() - startedAt) / 1000);
  for (const { seed, violation } of outcomes)
    if (violation) {
      console.log(`seed ${seed}: ${violation.kind}: ${violation.detail}`);
      console.log(violation.lines.map((line) => `  ${line}`).join('\n'));
      await keep(seed, violation.kind);
    }
  process.exitCode = outcomes.some((o) => o.violation) ? 1 : 0;
}

/** Every `step`-th seed from `from` on, until `days` van-days; one line of JSON each. */
async function work([from, step, days]: [number, number, number]): Promise<void> {
  let lived = 0;
  for (let seed = from; lived < days; seed += step) {
    const outcome = await simulate(planOf(seed));
    lived += outcome.vanDays;
    process.stdout.write(`${JSON.stringify(outcome)}\n`);
  }
}

async function worker(from: number, step: number, days: number): Promise<Outcome[]> {
  const child = spawn(
    process.execPath,
    [
      ...process.execArgv,
      fileURLToPath(new URL('run.ts', import.meta.url)),
      'simulate',
      'worker',
      `${from}`,
      `${step}`,
      `${days}`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const outcomes: Outcome[] = [];
  for await (const line of createInterface({ input: child.stdout }))
    outcomes.push(JSON.parse(line) as Outcome);
  const code = await ended;
  if (code !== 0) throw new Error(`a worker ended with ${code}`);
  return outcomes;
}

function report(outcomes: readonly Outcome[], seconds: number): void {
  const sum = (of: (o: Outcome) => number) => outcomes.reduce((total, o) => total + of(o), 0);
  const vanDays = sum((o) => o.vanDays);
  const seeds = outcomes.map((o) => o.seed);
  const hash = [...outcomes]
    .sort((a, b) => a.seed - b.seed)
    .reduce((h, o) => Math.imul(h ^ Number.parseInt(o.hash, 16), 0x01000193), 0x811c9dc5);
  const counts: Record<string, number> = {};
  for (const o of outcomes)
    for (const [what, n] of Object.entries(o.counts)) counts[what] = (counts[what] ?? 0) + n;
  console.log(
    `seeds ${Math.min(...seeds)}-${Math.max(...seeds)} (${seeds.length}), ${(vanDays / YEAR_DAYS).toFixed(2)} van-years, ` +
      `${sum((o) => o.events)} events, ${counts.rows} rows, ${seconds.toFixed(0)} s, hash ${(hash >>> 0).toString(16).padStart(8, '0')}`,
  );
  const violations = outcomes.filter((o) => o.violation).length;
  keepFigures('simulation', {
    seeds: `${Math.min(...seeds)}-${Math.max(...seeds)}`,
    runs: seeds.length,
    vanYears: Number((vanDays / YEAR_DAYS).toFixed(2)),
    rows: counts.rows ?? 0,
    violations,
    hash: (hash >>> 0).toString(16).padStart(8, '0'),
    seconds: Math.round(seconds),
    counts,
  });
  console.log(`violations: ${violations}`);
  console.log(JSON.stringify(counts));
}

/** The seed's faults, as few as show the violation, kept for ever. */
async function keep(seed: number, kind: string): Promise<void> {
  const plan = planOf(seed);
  const shrunk = (await shrink(plan, kind))?.plan ?? plan;
  mkdirSync(SEEDS, { recursive: true });
  const name = `${kind.replaceAll(' ', '-')}-${seed}.json`;
  writeFileSync(`${SEEDS}${name}`, `${JSON.stringify({ was: kind, plan: shrunk }, null, 1)}\n`);
  console.log(`tests/seeds/${name}: ${shrunk.faults.length} of ${plan.faults.length} faults`);
}
