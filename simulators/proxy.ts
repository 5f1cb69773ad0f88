import { connect, createServer, type Server, type Socket } from 'node:net';

/**
 * The 4G as a TCP proxy. When the network is lost, open connections go half-open (nothing passes, nobody is told) and
 * new ones are refused; when it comes back the old ones are cut, as after a new address.
 */
/**
 * `up`: as it should be. `lost`: half-open and refused. `hole`: open connections half-open, new ones taken and nothing
 * passed, as with a bearer that leads nowhere. `cut`: all reset at once, new ones refused.
 */
export type ProxyState = 'up' | 'lost' | 'hole' | 'cut';

export interface TcpProxy {
  readonly port: number;
  set(state: ProxyState): Promise<void>;
  /** Bytes that passed from the van to the depot, and back. */
  readonly passed: { up: number; down: number };
  stop(): Promise<void>;
}
export type Target = { readonly host: string; readonly port: number };

type Pair = { readonly van: Socket; readonly depot: Socket };

/** Listens on 127.0.0.1:`listen` (0: a free port). Rejects when the port is in use. */
export async function startProxy(listen: number, to: Target): Promise<TcpProxy> {
  const pairs = new Set<Pair>();
  const passed = { up: 0, down: 0 };
  let state: ProxyState = 'up';
  let server: Server | undefined;
  /** Connections into the hole. */
  const lonely = new Set<Socket>();

  function accept(van: Socket): void {
    if (state === 'hole') {
      lonely.add(van.pause());
      van.on('error', () => {});
      van.on('close', () => lonely.delete(van));
      return;
    }
    const depot = connect(to);
    const pair = { van, depot };
    pairs.add(pair);
    const join = (from: Socket, into: Socket, direction: 'up' | 'down') => {
      from.setNoDelay(true);
      from.on('data', (bytes) => {
        passed[direction] += bytes.length;
        if (!into.write(bytes)) from.pause();
      });
      into.on('drain', () => state === 'up' && from.resume());
      from.on('error', () => {});
      from.on('close', () => {
        pairs.delete(pair);
        into.destroy();
      });
    };
    join(van, depot, 'up');
    join(depot, van, 'down');
  }

  const open = (port: number) =>
    new Promise<number>((resolve, reject) => {
      const next = createServer(accept).on('error', reject);
      next.listen(port, '127.0.0.1', () => {
        server = next;
        resolve((next.address() as { port: number }).port);
      });
    });
  const refuse = () => {
    const closing = server;
    server = undefined;
    // Resolves without waiting for the connections that live on.
    closing?.close();
  };
  const cutAll = () => {
    for (const { van, depot } of pairs) {
      van.resetAndDestroy();
      depot.resetAndDestroy();
    }
    pairs.clear();
    for (const socket of lonely) socket.resetAndDestroy();
    lonely.clear();
  };

  const port = await open(listen);
  return {
    port,
    passed,
    async set(next) {
      if (next === state) return;
      state = next;
      // Paused, neither end reads that the other has gone.
      if (next === 'lost' || next === 'hole')
        for (const { van, depot } of pairs) {
          van.pause();
          depot.pause();
        }
      else cutAll();
      if (next === 'lost' || next === 'cut') refuse();
      // Another process may have taken the port meanwhile: whoever asks again finds it still closed.
      else if (!server && !(await open(port).catch(() => 0))) state = 'lost';
    },
    async stop() {
      state = 'cut';
      cutAll();
      refuse();
    },
  };
}
