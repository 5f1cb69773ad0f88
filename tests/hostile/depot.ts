import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type IncomingHttpHeaders, request } from 'node:http';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { buildPages } from '../../web/build.mjs';

/** A real depot in a process of its own, with an account, and two ways to talk to it: as a browser, and as raw bytes. */
const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
export const ADMIN = { name: 'admin', password: 'a long enough pass phrase' };

export type Answer = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly ms: number;
};
export type Asked = {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Uint8Array;
};
export interface Depot {
  readonly port: number;
  readonly mqttPort: number;
  ask(path: string, asked?: Asked): Promise<Answer>;
  /** With the administrator's session; a write with its token, as the page does. */
  staff(path: string, asked?: Asked): Promise<Answer>;
  readonly session: { readonly cookie: string; readonly csrf: string };
  /** Sends bytes as they are; gives what came back until the connection ended or `forMs` passed. */
  raw(bytes: string | Uint8Array, forMs?: number): Promise<{ text: string; ended: boolean }>;
  log(): readonly string[];
  rssMb(): Promise<number>;
  hasDied(): boolean;
  stop(): Promise<void>;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export async function startDepot(agenda: object, vans: readonly string[]): Promise<Depot> {
  if (!existsSync(join(ROOT, 'dist', 'web', 'manifest.json'))) await buildPages();
  const folder = mkdtempSync(join(tmpdir(), 'tournee-depot-'));
  const at = (name: string, content: string) => {
    writeFileSync(join(folder, name), content, { mode: 0o600 });
    return join(folder, name);
  };
  const [port, mqttPort] = [await freePort(), await freePort()];
  const config = {
    broker: `mqtt://127.0.0.1:${mqttPort}`,
    http: `http://127.0.0.1:${port}`,
    store: `sqlite:${join(folder, 'depot.db')}`,
    agenda: at('agenda.json', JSON.stringify(agenda)),
    vans: vans.map((id) => ({ id, secretFile: at(id, `secret of ${id}`) })),
    auth: 'password',
  };
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', 'cli/tournee.ts', 'depot', '--config', at('depot.json', JSON.stringify(config))],
    { cwd: ROOT, stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, TOURNEE_LOG: 'debug' } },
  );
  const lines: string[] = [];
  const code = await setupCode(child, lines);
  const ask = (path: string, asked: Asked = {}) => askHttp(port, path, asked);
  const json = { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' };
  await ask('/api/setup', { method: 'POST', headers: json, body: JSON.stringify({ code, ...ADMIN }) });
  const login = await ask('/api/login', { method: 'POST', headers: json, body: JSON.stringify(ADMIN) });
  const session = {
    cookie: login.headers['set-cookie']?.[0]?.split(';')[0] ?? '',
    csrf: (JSON.parse(login.body) as { csrf: string }).csrf,
  };
  return {
    port,
    mqttPort,
    ask,
    session,
    staff: (path, asked = {}) =>
      ask(path, {
        ...asked,
        headers: {
          cookie: session.cookie,
          ...(asked.method ? { ...json, 'x-csrf': session.csrf } : {}),
          ...asked.headers,
        },
      }),
    raw: (bytes, forMs = 3000) => rawHttp(port, bytes, forMs),
    log: () => lines,
    async rssMb() {
      const { readFileSync } = await import('node:fs');
      return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))![1]) / 1024;
    },
    hasDied: () => child.exitCode !== null,
    async stop() {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The code of the log that opens the first account, once the depot is ready. */
function setupCode(child: ChildProcess, lines: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    let code: string | undefined;
    child.once('exit', (status) => reject(new Error(`depot ended with ${status}: ${lines.join('\n')}`)));
    createInterface({ input: child.stderr! }).on('line', (line) => {
      lines.push(line);
      if (!line.startsWith('{')) return;
      const said = JSON.parse(line) as { msg: string; code?: string };
      code ??= said.code;
      if (said.msg === 'depot ready') resolve(code ?? '');
    });
  });
}

function askHttp(port: number, path: string, { method = 'GET', headers = {}, body }: Asked): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const startedAt = performance.now();
    const length = body === undefined ? {} : { 'content-length': `${Buffer.byteLength(body)}` };
    const all = { ...length, ...headers };
    const sent = request(
      { port, host: '127.0.0.1', path, method, headers: all, agent: false },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode!,
            headers: response.headers,
            body: Buffer.concat(chunks).toString(),
            ms: performance.now() - startedAt,
          }),
        );
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

function rawHttp(port: number, bytes: string | Uint8Array, forMs: number) {
  return new Promise<{ text: string; ended: boolean }>((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let text = '';
    const finish = (ended: boolean) => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ text, ended });
    };
    const timer = setTimeout(() => finish(false), forMs);
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
    });
    socket.on('close', () => finish(true));
    socket.write(bytes);
  });
}
