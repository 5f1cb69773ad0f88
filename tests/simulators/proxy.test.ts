import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startProxy } from '../../simulators/proxy.ts';
import { waitFor } from '../parts/wait.ts';

/** A depot that sends back what it gets, behind a proxy. */
async function setUp() {
  const sockets: Socket[] = [];
  const depot = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    socket.pipe(socket);
  });
  depot.listen(0, '127.0.0.1');
  await once(depot, 'listening');
  const { port } = depot.address() as { port: number };
  const proxy = await startProxy(0, { host: '127.0.0.1', port });
  onTestFinished(async () => {
    await proxy.stop();
    for (const socket of sockets) socket.destroy();
    depot.close();
  });
  const open = async () => {
    const socket = connect(proxy.port, '127.0.0.1');
    const got: string[] = [];
    const seen = { got, closed: false };
    socket.on('data', (bytes) => got.push(bytes.toString()));
    socket.on('error', () => {});
    socket.on('close', () => {
      seen.closed = true;
    });
    onTestFinished(() => void socket.destroy());
    await once(socket, 'connect');
    return { socket, seen };
  };
  return { proxy, open };
}

describe('proxy', () => {
  it('passes bytes both ways and counts them', async () => {
    const { proxy, open } = await setUp();
    const { socket, seen } = await open();
    socket.write('hello');
    await waitFor('the echo', () => seen.got.join('') === 'hello');
    expect(proxy.passed).toEqual({ up: 5, down: 5 });
  });

  it('is half-open while lost, refuses new ones, cuts the old ones when it is back', async () => {
    const { proxy, open } = await setUp();
    const { socket, seen } = await open();
    socket.write('before');
    await waitFor('the echo', () => seen.got.join('') === 'before');
    await proxy.set('lost');
    socket.write('into the void');
    await expect(open()).rejects.toThrow('ECONNREFUSED');
    expect([seen.closed, seen.got.join('')]).toEqual([false, 'before']);
    await proxy.set('up');
    await waitFor('the cut', () => seen.closed);
    const again = await open();
    again.socket.write('again');
    await waitFor('the echo', () => again.seen.got.join('') === 'again');
    expect(proxy.passed.up).toBe('beforeagain'.length);
  });

  it('takes connections into a hole, and cuts them when it is one no more', async () => {
    const { proxy, open } = await setUp();
    await proxy.set('hole');
    const { socket, seen } = await open();
    socket.write('into the hole');
    await proxy.set('up');
    await waitFor('the cut', () => seen.closed);
    expect([seen.got, proxy.passed]).toEqual([[], { up: 0, down: 0 }]);
    const again = await open();
    again.socket.write('again');
    await waitFor('the echo', () => again.seen.got.join('') === 'again');
  });

  it('cuts at once when told', async () => {
    const { proxy, open } = await setUp();
    const { seen } = await open();
    await proxy.set('cut');
    await waitFor('the cut', () => seen.closed);
    await expect(open()).rejects.toThrow('ECONNREFUSED');
  });
});
