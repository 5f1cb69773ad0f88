import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Part } from '../runtime/lifecycle.ts';

/** A child may take this long to drain before it is cut. */
const DRAIN_MS = 10_000;

export type Supervised = Part & {
  /** Resolves with the first line of standard output that `wanted` accepts. */
  line(wanted: (line: string) => boolean): Promise<string>;
  /** Resolves with a sentence when the child ends by itself and will not be started again. */
  readonly failed: Promise<string>;
};

/** The command line that starts this very program again: the bundle or the checkout's bin. */
function self(): string {
  return process.argv[1] ?? join(dirname(fileURLToPath(import.meta.url)), 'bin.mjs');
}

/**
 * Runs `tournee <command>` as a process of its own, in its own group (a Ctrl-C reaches the supervisor alone) and with
 * an IPC channel whose closing tells the child that its supervisor is gone. A child that is killed or ends with 1 comes
 * back after `restartMs`; exit 2 is a configuration problem and final.
 */
export function supervise(
  name: string,
  command: string[],
  options: { logFile: string; restartMs?: number },
): Supervised {
  const logFile = createWriteStream(options.logFile, { flags: 'a' });
  const waiting = new Set<{ wanted: (line: string) => boolean; found: (line: string) => void }>();
  let child: ChildProcess;
  let stopping = false;
  let restart: NodeJS.Timeout | undefined;
  let tell: (sentence: string) => void;
  const failed = new Promise<string>((resolve) => {
    tell = resolve;
  });

  const start = () => {
    let lastError = '';
    child = spawn(process.execPath, [...process.execArgv, self(), ...command], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      detached: true,
      env: { ...process.env, TOURNEE_SUPERVISED: name },
    });
    createInterface({ input: child.stdout! }).on('line', (line) => {
      logFile.write(`${line}\n`);
      for (const waiter of waiting) if (waiter.wanted(line)) waiter.found(line);
    });
    createInterface({ input: child.stderr! }).on('line', (line) => {
      logFile.write(`${line}\n`);
      lastError = `${lastError}\n${line}`.slice(-2000);
    });
    child.on('exit', (code, signal) => {
      if (stopping) return;
      if (options.restartMs === undefined || code === 2 || code === 0)
        tell(`${name} ended (${signal ?? `exit ${code}`})${lastError}`);
      else {
        process.stdout.write(
          `${name} ended (${signal ?? `exit ${code}`}); back in ${options.restartMs / 1000} s\n`,
        );
        restart = setTimeout(start, options.restartMs);
      }
    });
  };
  start();

  return {
    failed,
    line: (wanted) =>
      new Promise((resolve) => {
        const waiter = {
          wanted,
          found: (line: string) => {
            waiting.delete(waiter);
            resolve(line);
          },
        };
        waiting.add(waiter);
      }),
    async stop() {
      stopping = true;
      clearTimeout(restart);
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      const cut = setTimeout(() => child.kill('SIGKILL'), DRAIN_MS);
      await ended;
      clearTimeout(cut);
      logFile.end();
    },
  };
}
