import { execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PLANTS, type PlantName } from '../tests/plants/plants.ts';

import { keepFigures } from './reliability.ts';

/**
 * `npm run bench -- plants [recorded|rotation|all] [name …]`: each planted bug (tests/plants/*.patch) in a copy of the
 * tree must be found: on its recorded seeds, or from scratch within 300. Exit 1 when one is not.
 */
const ROOT = fileURLToPath(new URL('../', import.meta.url));
const COPIED = [
  'protocol',
  'visit',
  'gateway',
  'dashboard',
  'runtime',
  'simulators',
  'web',
  'cli',
  'bench',
  'tests',
  'package.json',
  'tsconfig.json',
];
const SEEDS_MAX = 300;
const AT_ONCE = 2;

export default async function run([tier = 'recorded', ...names]: string[]): Promise<void> {
  const all = (Object.keys(PLANTS) as PlantName[]).filter(
    (name) => names.length === 0 || names.includes(name),
  );
  const missing = readdirSync(join(ROOT, 'tests/plants')).filter(
    (file) => file.endsWith('.patch') && !(file.slice(0, -6) in PLANTS),
  );
  if (missing.length > 0) throw new Error(`patches without an entry: ${missing.join(', ')}`);
  // The one that begins anew changes from day to day.
  const rotation = all[Math.floor(Date.now() / 86_400_000) % all.length]!;
  const scratch = (name: PlantName) => tier === 'all' || (tier === 'rotation' && name === rotation);
  const waiting = [...all];
  let missed = 0;
  const found: Record<string, string> = {};
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let name = waiting.shift(); name; name = waiting.shift()) {
        const answer = await find(name, scratch(name));
        if (answer === undefined) missed++;
        else found[name] = answer;
      }
    }),
  );
  keepFigures(`plants-${tier}`, { found, missed });
  console.log(`plants: ${all.length - missed} of ${all.length} found`);
  process.exitCode = missed > 0 ? 1 : 0;
}

async function find(name: PlantName, fromScratch: boolean): Promise<string | undefined> {
  const { check, seeds, form } = PLANTS[name];
  const folder = mkdtempSync(join(tmpdir(), 'tournee-plant-'));
  const startedAt = performance.now();
  try {
    copyTree(folder);
    execFileSync('patch', ['-p1', '--quiet', '-i', join(ROOT, 'tests/plants', `${name}.patch`)], {
      cwd: folder,
    });
    const args = fromScratch ? ['1', `${SEEDS_MAX}`] : [seeds.join(',')];
    const answer = await hunt(folder, [check, JSON.stringify(form), ...args]);
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
    console.log(
      `${name}: ${answer ?? 'NOT FOUND'} (${fromScratch ? 'from scratch' : 'recorded'}, ${seconds} s)`,
    );
    return answer;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function copyTree(folder: string): void {
  for (const name of COPIED)
    cpSync(join(ROOT, name), join(folder, name), {
      recursive: true,
      filter: (path) => !path.endsWith('/dist'),
    });
  mkdirSync(join(folder, 'docs'));
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
}

/** The first line that the hunt prints, when it found something. */
function hunt(folder: string, args: readonly string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', join(folder, 'bench/run.ts'), 'hunt', ...args],
      {
        cwd: folder,
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    let told = '';
    let errors = '';
    child.stdout.on('data', (chunk) => {
      told += chunk;
    });
    child.stderr.on('data', (chunk) => {
      errors += chunk;
    });
    child.on('close', (code) => {
      if (code !== 0 && !told) console.error(errors.slice(-2000));
      resolve(code === 1 && told ? told.split('\n')[0] : undefined);
    });
  });
}
