import { connect, createServer, type Socket } from 'node:net';
import { makeRandom } from '../../simulators/random.ts';

/** A TCP proxy with latency, rate and seeded cuts: the mobile network between van and depot. */
export type SlowLinkSettings = {
  /** One way. */
  readonly latencyMs: number;
  readonly bitsPerS: number;
  /** Chance that a segment's arrival resets the connection instead. */
  readonly cutChance?: number;
  readonly seed?: number;
};
export type SlowLink = {
  readonly port: number;
  /** Bytes that entered the link. */
  readonly passed: { up: number; down: number };
  readonly cuts: () => number;
  stop(): Promise<void>;
};

const SEGMENT = 1400;
/** What the network holds before the sender feels it. */
const BUFFER = 16 * 1024;

export async function startSlowLink(toPort: number, settings: SlowLinkSettings): Promise<SlowLink> {
  const { latencyMs, bitsPerS, cutChance = 0, seed = 1 } = settings;
  const random = makeRandom(seed);
  const passed = { up: 0, down: 0 };
  const sockets = new Set<Socket>();
  let cuts = 0;

  const carry = (from: Socket, to: Socket, direction: 'up' | 'down') => {
    let freeAt = 0;
    let held = 0;
    from.on('data', (chunk) => {
      passed[direction] += chunk.length;
      for (let at = 0; at < chunk.length; at += SEGMENT) {
        const segment = chunk.subarray(at, at + SEGMENT);
        const now = performance.now();
        freeAt = Math.max(now, freeAt) + (segment.length * 8000) / bitsPerS;
        held += segment.length;
        setTimeout(
          () => {
            held -= segment.length;
            if (held < BUFFER) from.resume();
            if (cutChance > 0 && random.next() < cutChance) {
              cuts++;
              from.resetAndDestroy();
              to.resetAndDestroy();
            } else if (!to.destroyed) to.write(segment);
          },
          freeAt - now + latencyMs,
        );
      }
      if (held >= BUFFER) from.pause();
    });
    from.on('end', () => setTimeout(() => to.end(), Math.max(0, freeAt - performance.now()) + latencyMs));
    from.on('error', () => {});
    from.on('close', () => to.destroySoon());
  };
  const server = createServer((van) => {
    const depot = connect(toPort, '127.0.0.1');
    for (const socket of [van, depot]) {
      socket.setNoDelay(true);
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
    }
    carry(van, depot, 'up');
    carry(depot, van, 'down');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as { port: number }).port,
    passed,
    cuts: () => cuts,
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
