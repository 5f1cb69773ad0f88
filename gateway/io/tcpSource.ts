import { connect } from 'node:net';
import { type OpenChannel, reasonOf } from './channel.ts';

const MAX_UNWRITTEN = 4096;
/** A router that drops packets gives no answer at all. */
const CONNECT_MS = 4500;

/** A device behind a TCP port (a serial server, a phone that shares its GPS); `greeting` is sent once it is open. */
export const tcpChannel =
  (host: string, port: number, greeting?: string): OpenChannel =>
  (_baud, events) => {
    const socket = connect({ host, port, noDelay: true });
    let over = false;
    const end = (error?: NodeJS.ErrnoException) => {
      if (over) return;
      over = true;
      socket.destroy();
      events.onEnd(error ? reasonOf(error) : 'hang_up', error?.message ?? 'the other side closed');
    };
    socket.setTimeout(CONNECT_MS, () => end(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })));
    socket.on('connect', () => {
      socket.setTimeout(0);
      if (greeting !== undefined) socket.write(greeting);
      events.onOpen();
    });
    socket.on('data', (bytes) => {
      if (!over) events.onBytes(bytes);
    });
    socket.on('error', end);
    socket.on('end', () => end());
    socket.on('close', () => end());
    return {
      write(bytes) {
        if (over || socket.connecting || socket.writableLength > MAX_UNWRITTEN) return false;
        socket.write(bytes);
        return true;
      },
      close() {
        over = true;
        if (socket.closed) return Promise.resolve();
        return new Promise((resolve) => {
          socket.once('close', () => resolve());
          socket.destroy();
        });
      },
    };
  };
