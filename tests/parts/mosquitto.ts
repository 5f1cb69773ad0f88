import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';

/** A real Mosquitto, persistence off: what it holds is gone when it is killed. */
const BINARY = ['/usr/sbin/mosquitto', '/usr/local/sbin/mosquitto'].find(existsSync);
if (!BINARY && process.env.TOURNEE_REQUIRE_ALL) throw new Error('mosquitto is needed');
export const hasMosquitto = BINARY !== undefined;

export type Mosquitto = {
  readonly url: string;
  start(): Promise<void>;
  kill(): Promise<void>;
};

export async function makeMosquitto(folder: string): Promise<Mosquitto> {
  const port = await freePort();
  const config = join(folder, 'mosquitto.conf');
  writeFileSync(
    config,
    [
      `listener ${port} 127.0.0.1`,
      'allow_anonymous true',
      'persistence false',
      'max_queued_messages 100',
      '',
    ].join('\n'),
  );
  let child: ChildProcess | undefined;
  return {
    url: `mqtt://127.0.0.1:${port}`,
    async start() {
      child = spawn(BINARY!, ['-c', config], { stdio: 'ignore' });
      while (!(await listens(port))) if (child.exitCode !== null) throw new Error('mosquitto ended');
    },
    async kill() {
      if (!child || child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}

const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const tell = (yes: boolean) => {
      socket.destroy();
      if (yes) resolve(true);
      else setTimeout(() => resolve(false), 10);
    };
    socket.once('connect', () => tell(true));
    socket.once('error', () => tell(false));
  });

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
