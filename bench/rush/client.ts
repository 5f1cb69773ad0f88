import { connect, type Socket } from 'node:net';

/**
 * An HTTP/1.1 client that costs next to nothing: the load must not be what is measured. One question at a time on a
 * kept connection; an answer has a Content-Length, or none at all with 304.
 */
export type Answer = { readonly status: number; readonly bytes: number };

const HEAD_END = Buffer.from('\r\n\r\n');

export function openConnection(port: number) {
  const socket = connect(port, '127.0.0.1').setNoDelay(true);
  let waiting: { resolve(answer: Answer): void; reject(error: Error): void } | undefined;
  let held: Buffer = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    const end = held.indexOf(HEAD_END);
    if (end < 0 || !waiting) return;
    const head = held.toString('latin1', 0, end);
    const status = Number(head.slice(9, 12));
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
    if (held.length < end + 4 + length) return;
    held = held.subarray(end + 4 + length);
    const { resolve } = waiting;
    waiting = undefined;
    resolve({ status, bytes: length });
  });
  const failed = (error: Error) => waiting?.reject(error);
  socket.on('error', failed).on('close', () => failed(new Error('the server closed the connection')));
  return {
    ask: (request: string) =>
      new Promise<Answer>((resolve, reject) => {
        waiting = { resolve, reject };
        socket.write(request, 'latin1');
      }),
    close: () => void socket.destroy(),
  };
}

/** The depot believes its own machine about who asks: each tenant has an address of their own, as behind a proxy. */
export const tenantAddress = (n: number): string => `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`;

export const question = (path: string, tenant: number, extra = ''): string =>
  `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: gzip, br\r\nX-Forwarded-For: ${tenantAddress(tenant)}\r\n${extra}\r\n`;

/** An open line; `heard` is given each chunk. Resolves at its first byte. */
export function openLine(port: number, path: string, tenant: number, heard: (chunk: Buffer) => void) {
  return new Promise<Socket>((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('error', reject);
    socket.once('data', () => {
      socket.on('data', heard).on('error', () => {});
      resolve(socket);
    });
    socket.write(question(path, tenant), 'latin1');
  });
}

export const nowMs = (): number => performance.timeOrigin + performance.now();

export const quantile = (values: readonly number[], q: number): number =>
  [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) * q)] ?? Number.NaN;
