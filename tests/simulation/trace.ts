import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { MEMORY_FOLDER } from './sqliteCard.ts';

/** What a process does to its files, as strace sees it. */
export type Step =
  | { readonly kind: 'write'; readonly file: string; readonly offset: number; readonly bytes: Buffer }
  | { readonly kind: 'truncate'; readonly file: string; readonly size: number }
  | { readonly kind: 'sync'; readonly file: string }
  | { readonly kind: 'unlink'; readonly file: string }
  | { readonly kind: 'rename'; readonly file: string; readonly to: string }
  /** A line of its standard output. */
  | { readonly kind: 'told'; readonly told: Record<string, unknown> };

export const STRACE = '/usr/bin/strace';
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const CALLS = 'pwrite64,write,fdatasync,fsync,ftruncate,unlink,rename';

/** The writer as one file of JavaScript: a start in a tenth of the time. */
export function buildWriter(): { readonly script: string; readonly folder: string; remove(): void } {
  const folder = mkdtempSync(join(MEMORY_FOLDER, 'tournee-card-'));
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const script = join(folder, 'writer.mjs');
  buildSync({
    entryPoints: [join(ROOT, 'tests/simulation/parts/imageWriter.ts')],
    outfile: script,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    logLevel: 'error',
  });
  return { script, folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Runs the writer in an empty folder and gives what it did there, in order. */
export function traced(script: string, folder: string, kind: string, seed: number): Step[] {
  const work = join(folder, `trace-${kind}-${seed}`);
  mkdirSync(work);
  const log = join(folder, `trace-${kind}-${seed}.txt`);
  // SQLite works on the main thread: others need not be followed, and lines stay whole.
  execFileSync(
    STRACE,
    [
      '-y',
      '-xx',
      '-s',
      '4000000',
      '-e',
      `trace=${CALLS}`,
      '-o',
      log,
      process.execPath,
      script,
      kind,
      join(work, 'file.db'),
      `${seed}`,
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const steps = stepsOf(readFileSync(log, 'latin1'), work);
  rmSync(work, { recursive: true });
  rmSync(log);
  return steps;
}

/** Runs the writer until its n-th call of a kind, at which it is killed; gives what it had told, line by line. */
export function killedAt(
  script: string,
  path: string,
  kind: string,
  seed: number,
  call: string,
  nth: number,
) {
  const { stdout, signal } = spawnSync(
    STRACE,
    [
      '-o',
      '/dev/null',
      '-e',
      `trace=${call}`,
      '-e',
      `inject=${call}:signal=SIGKILL:when=${nth}`,
      process.execPath,
      script,
      kind,
      path,
      `${seed}`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 1 << 28 },
  );
  const lines = stdout.toString().split('\n').slice(0, -1);
  return {
    told: lines.map((line) => JSON.parse(line) as Record<string, unknown>),
    killed: signal === 'SIGKILL',
  };
}

const bytesOf = (hex: string) => Buffer.from(hex.replaceAll('\\x', ''), 'hex');

function stepsOf(log: string, folder: string): Step[] {
  const steps: Step[] = [];
  const inFolder = (path: string) =>
    path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : undefined;
  let output = '';
  for (const line of log.split('\n')) {
    const call = /^(\w+)\((.*)\)\s+= (-?\d+)/.exec(line);
    if (!call || call[3]!.startsWith('-')) continue;
    const [, name, args] = call as unknown as [string, string, string];
    if (name === 'unlink' || name === 'rename') {
      const paths = [...args.matchAll(/"([^"]*)"/g)].map((m) => inFolder(bytesOf(m[1]!).toString()));
      if (paths[0] === undefined) continue;
      steps.push(
        name === 'unlink'
          ? { kind: 'unlink', file: paths[0] }
          : { kind: 'rename', file: paths[0], to: paths[1]! },
      );
      continue;
    }
    const fd = /^(\d+)<([^>]*)>/.exec(args);
    if (!fd) continue;
    const path = fd[2]!.includes('\\x') ? bytesOf(fd[2]!).toString() : fd[2]!;
    const file = inFolder(path);
    const text = /"([^"]*)"/.exec(args)?.[1] ?? '';
    if (fd[1] === '1' && name === 'write') {
      output += bytesOf(text).toString();
      for (let end = output.indexOf('\n'); end >= 0; end = output.indexOf('\n')) {
        steps.push({ kind: 'told', told: JSON.parse(output.slice(0, end)) as Record<string, unknown> });
        output = output.slice(end + 1);
      }
    }
    if (file === undefined) continue;
    const last = Number(/, (\d+)$/.exec(args)?.[1] ?? 0);
    if (name === 'pwrite64') steps.push({ kind: 'write', file, offset: last, bytes: bytesOf(text) });
    else if (name === 'ftruncate') steps.push({ kind: 'truncate', file, size: last });
    else if (name === 'fsync' || name === 'fdatasync') steps.push({ kind: 'sync', file });
  }
  return steps;
}

export const hasStrace = (): boolean => existsSync(STRACE);
