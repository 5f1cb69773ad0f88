import { read as readFd } from 'node:fs';
import { promisify } from 'node:util';
import { SerialPort } from 'serialport';

/**
 * serialport's Linux binding with a read of our own. Its `unixRead` calls itself again when a read gives 0 bytes, and a
 * port that was hung up gives 0 for ever: memory and CPU go until the process dies (bindings-cpp#162; hazards.md §1.4).
 * Here 0 bytes are what they mean on a raw tty with VMIN 1: the device is gone.
 */
type Poller = { once(event: 'readable', then: (error: Error | null) => void): void };
type UnixPort = {
  fd: number | null;
  readonly isOpen: boolean;
  readonly poller: Poller;
  read(buffer: Buffer, offset: number, length: number): Promise<{ buffer: Buffer; bytesRead: number }>;
};

const readAsync = promisify(readFd);
const canceled = () => Object.assign(new Error('Port is not open'), { canceled: true });
const hangUp = (why: string) => Object.assign(new Error(`hang-up: ${why}`), { disconnect: true });

const readable = (poller: Poller) =>
  new Promise<void>((resolve, reject) =>
    poller.once('readable', (error) => (error ? reject(error) : resolve())),
  );

async function guardedRead(port: UnixPort, buffer: Buffer, offset: number, length: number) {
  for (;;) {
    if (!port.isOpen || port.fd === null) throw canceled();
    try {
      const { bytesRead } = await readAsync(port.fd, buffer, offset, length, null);
      if (bytesRead === 0) throw hangUp('the port reads nothing');
      return { buffer, bytesRead };
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'EAGAIN' && code !== 'EWOULDBLOCK' && code !== 'EINTR') {
        // EIO is what Linux gives on a tty that lost its device.
        throw port.isOpen ? (code === 'EIO' ? hangUp('EIO') : error) : canceled();
      }
    }
    await readable(port.poller);
  }
}

const detected = SerialPort.binding;

/** To be given to SerialPort as its `binding`. */
export const guardedBinding = {
  ...detected,
  list: detected.list,
  async open(options: never) {
    const port = await detected.open(options);
    const unix = port as unknown as UnixPort;
    if (unix.poller !== undefined)
      unix.read = (buffer, offset, length) => guardedRead(unix, buffer, offset, length);
    return port;
  },
} as typeof detected;
