import { execFileSync } from 'node:child_process';
import {
  closeSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

/** One line of the doctor: what it looked at, what it found in words, what to do about it. */
export type Diagnosis = {
  readonly level: 'ok' | 'warning' | 'wrong';
  readonly subject: string;
  readonly says: string;
  readonly todo?: string;
};

export const ok = (subject: string, says: string): Diagnosis => ({ level: 'ok', subject, says });
export const warning = (subject: string, says: string, todo: string): Diagnosis => ({
  level: 'warning',
  subject,
  says,
  todo,
});
export const wrong = (subject: string, says: string, todo: string): Diagnosis => ({
  level: 'wrong',
  subject,
  says,
  todo,
});

/** What the doctor asks of a machine; tests give structs of functions. Unknown is `undefined`, never an exception. */
export interface Machine {
  nowMs(): number;
  read(path: string): string | undefined;
  list(path: string): readonly string[];
  /** Standard output of a command that ended with 0. */
  run(command: string, ...args: string[]): string | undefined;
  disk(folder: string): { readonly freeBytes: number; readonly totalBytes: number } | undefined;
  /** Milliseconds that a small write takes to be on the disk: the worst of a few. */
  syncMs(folder: string): number | undefined;
}

const COMMAND_TIMEOUT_MS = 5000;
const SYNCS = 10;

const orUndefined = <T>(read: () => T): T | undefined => {
  try {
    return read();
  } catch {
    return undefined;
  }
};

export const thisMachine: Machine = {
  nowMs: () => Date.now(),
  read: (path) => orUndefined(() => readFileSync(path, 'utf8').trim()),
  list: (path) => orUndefined(() => readdirSync(path)) ?? [],
  run: (command, ...args) =>
    orUndefined(() =>
      execFileSync(command, args, {
        encoding: 'utf8',
        timeout: COMMAND_TIMEOUT_MS,
        stdio: ['ignore', 'pipe', 'ignore'],
      }).trim(),
    ),
  disk: (folder) =>
    orUndefined(() => {
      const { bavail, blocks, bsize } = statfsSync(folder);
      return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
    }),
  syncMs: (folder) => orUndefined(() => worstSyncMs(join(folder, `.doctor-${process.pid}`))),
};

function worstSyncMs(file: string): number {
  const fd = openSync(file, 'wx', 0o600);
  try {
    let worst = 0;
    for (let n = 0; n < SYNCS; n++) {
      const startedAt = performance.now();
      writeSync(fd, Buffer.alloc(4096, n));
      fsyncSync(fd);
      worst = Math.max(worst, performance.now() - startedAt);
    }
    return worst;
  } finally {
    closeSync(fd);
    rmSync(file, { force: true });
  }
}
