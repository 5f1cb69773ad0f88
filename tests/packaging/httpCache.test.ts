import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, get, type IncomingMessage } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { at, factsOf, gps } from '../parts/publicFacts.ts';
import { listening, publicServer } from '../parts/publicServer.ts';

/** Debian's nginx in front of the public side, with the configuration that is shipped. */
const NGINX = '/usr/sbin/nginx';
const has = existsSync(NGINX) || process.env.TOURNEE_REQUIRE_ALL === '1';
if (!has) process.stderr.write(`no ${NGINX}: the cache in front is not tried\n`);

const freePort = async (): Promise<number> => {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as { port: number };
  probe.close();
  return port;
};

const agent = new Agent({ keepAlive: true, maxSockets: 32 });
const ask = (url: string) =>
  new Promise<{ cache: string; body: string; status: number }>((resolve, reject) => {
    get(url, { agent }, (response: IncomingMessage) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        body += chunk;
      });
      response.on('end', () =>
        resolve({ cache: String(response.headers['x-cache']), body, status: response.statusCode ?? 0 }),
      );
    }).on('error', reject);
  });

describe.skipIf(!has)('a cache in front', () => {
  const folder = mkdtempSync(join(tmpdir(), 'nginx-'));
  const NOW = at('09:20');
  let nginx: ChildProcess;
  let url: string;
  let server: Awaited<ReturnType<typeof publicServer>>;
  let asked = 0;

  beforeAll(async () => {
    // Started by root, nginx works as nobody.
    chmodSync(folder, 0o755);
    server = await publicServer(
      [factsOf({ heardMs: NOW, moving: true, ...gps({ state: 'approaching', atMs: NOW }) })],
      NOW,
      {
        perMinute: Number.POSITIVE_INFINITY,
      },
    );
    server.app.server.on('request', () => asked++);
    const depot = (await listening(server.app)).replace('http://', '');
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    const site = readFileSync(new URL('../../config/nginx.example.conf', import.meta.url), 'utf8')
      .replaceAll('@CACHE@', join(folder, 'cache'))
      .replaceAll('@DEPOT@', depot)
      .replace('listen @PORT@', `listen 127.0.0.1:${port}`);
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
      .map((name) => `${name}_temp_path ${folder}/${name};`)
      .join(' ');
    const file = join(folder, 'nginx.conf');
    writeFileSync(
      file,
      `daemon off; worker_processes 1; pid ${folder}/pid; error_log ${folder}/error.log warn;
       events { worker_connections 1024; } http { access_log off; ${temporary} ${site} }`,
    );
    nginx = spawn(NGINX, ['-c', file, '-p', folder], { stdio: 'ignore' });
    await answering();
  });
  /** Until nginx takes connections; the test's own limit ends it. */
  async function answering(): Promise<void> {
    while (nginx.exitCode === null) {
      const status = await ask(`${url}/`).then(
        (answer) => answer.status,
        () => 0,
      );
      if (status === 200) return;
    }
    throw new Error(readFileSync(join(folder, 'error.log'), 'utf8'));
  }
  afterAll(async () => {
    agent.destroy();
    if (nginx?.exitCode === null) {
      nginx.kill();
      await once(nginx, 'exit');
    }
    await server?.app.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('answers 2,000 questions with a handful to the depot', async () => {
    const path = `${url}/public/v1/visits?commune=37130`;
    await ask(path);
    const before = asked;
    const answers = await Promise.all(Array.from({ length: 2000 }, () => ask(path)));
    expect(answers.every(({ status, body }) => status === 200 && body.includes('"approaching"'))).toBe(true);
    expect(asked - before, 'questions that reached the depot').toBeLessThanOrEqual(5);
  });

  it('passes the live line on at once, and the page that an event names is the new one', async () => {
    const page = `${url}/c/37130-ligueil`;
    expect((await ask(page)).body).toContain("L'agence arrive.");
    const stream = await new Promise<IncomingMessage>((resolve, reject) =>
      get(`${url}/public/v1/changes?commune=37130`, resolve).on('error', reject),
    );
    let text = '';
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    await expect.poll(() => text).toContain('hello');
    server.source.set([factsOf({ heardMs: NOW, ...gps({ state: 'on_site', arrivedMs: NOW, atMs: NOW }) })]);
    await server.clock.advance(1000);
    await expect.poll(() => text).toContain('event: visit');
    const event = /id: (\S+)\nevent: visit/.exec(text)![1]!;
    expect((await ask(`${page}?v=${event}`)).body).toContain("L'agence est arrivée");
    stream.destroy();
  });

  it('does not hide that the depot is down behind an old page', async () => {
    const fresh = `${url}/c/37115-descartes`;
    await server.app.close();
    expect((await ask(fresh)).status).toBe(502);
  });
});
