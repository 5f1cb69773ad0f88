import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { freePort } from '../../runtime/freePort.ts';
import { tempDir } from './temp.ts';

/** `tournee …` as processes of their own, from the checkout's sources: what a user starts. */

export const VAN = 'camping-car-7';
const READY: Record<string, RegExp> = {
  simulate: /"ready"/,
  depot: /depot ready/,
  gateway: /gateway ready/,
};

export type Running = {
  readonly child: ChildProcess;
  /** Resolves when it says that it is ready; rejects with its last words when it ends before. */
  readonly ready: Promise<void>;
  readonly ended: Promise<number | NodeJS.Signals>;
};

export function start(...command: string[]): Running {
  const child = spawn(process.execPath, ['cli/bin.mjs', ...command], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<number | NodeJS.Signals>((resolve) =>
    child.once('exit', (code, signal) => resolve(code ?? signal!)),
  );
  const lastWords: string[] = [];
  const ready = new Promise<void>((resolve, reject) => {
    for (const stream of [child.stdout!, child.stderr!])
      createInterface({ input: stream }).on('line', (line) => {
        lastWords.push(line);
        if (lastWords.length > 20) lastWords.shift();
        if (READY[command[0]!]?.test(line)) resolve();
      });
    void ended.then((end) => reject(new Error(`${command[0]} ended (${end})\n${lastWords.join('\n')}`)));
  });
  ready.catch(() => {});
  return { child, ready, ended };
}

/** Standard output of a command that ends by itself. */
export async function outputOf(
  ...command: string[]
): Promise<{ code: number; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, ['cli/bin.mjs', ...command]);
  const read = async (stream: AsyncIterable<Buffer>) => {
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    return Buffer.concat(chunks).toString('utf8');
  };
  const exit = new Promise<number>((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
  const [stdout, stderr, code] = await Promise.all([read(child.stdout), read(child.stderr), exit]);
  return { code, stdout, stderr };
}

/** The files of one van and its depot in a folder that goes when the test ends. */
export async function layOut(gatewayExtra: object = {}) {
  const folder = tempDir();
  const at = (name: string) => join(folder, name);
  const [broker, cell, http, cab] = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
  mkdirSync(at('devices'));
  writeFileSync(at('secret'), 'a secret of the test\n', { mode: 0o600 });
  writeFileSync(
    at('depot.yaml'),
    JSON.stringify({
      broker: `mqtt://127.0.0.1:${broker}`,
      http: `http://127.0.0.1:${http}`,
      store: `sqlite:${at('depot.db')}`,
      agenda: at('agenda.json'),
      vans: [{ id: VAN, secretFile: at('secret') }],
      auth: 'none',
    }),
  );
  writeFileSync(
    at('gateway.yaml'),
    JSON.stringify({
      van: VAN,
      sources: {
        gps: `serial:${at('devices/gps')}?baud=9600`,
        power: `serial:${at('devices/shunt')}`,
        modem: `serial:${at('devices/modem')}`,
      },
      journal: at('gateway.db'),
      broker: `mqtt://127.0.0.1:${cell}`,
      cab: `http://127.0.0.1:${cab}`,
      secretFile: at('secret'),
      ...gatewayExtra,
    }),
  );
  return {
    folder,
    at,
    http: `http://127.0.0.1:${http}`,
    cab: `http://127.0.0.1:${cab}`,
    simulate: (story: string) =>
      start(
        'simulate',
        '--dir',
        at('devices'),
        '--agenda',
        at('agenda.json'),
        '--story',
        story,
        '--seed',
        '1',
        '--proxy-listen',
        `${cell}`,
        '--proxy-to',
        `127.0.0.1:${broker}`,
      ),
    depot: () => start('depot', '--config', at('depot.yaml')),
    gateway: () => start('gateway', '--config', at('gateway.yaml')),
  };
}

/** Ends a process as a person would, and waits for it. */
export async function end(running: Running): Promise<number | NodeJS.Signals> {
  running.child.kill('SIGTERM');
  return running.ended;
}
