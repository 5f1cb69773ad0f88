import { readSync } from 'node:fs';
import { setTimeout as rest } from 'node:timers/promises';
import { SerialPort } from 'serialport';

/**
 * serialport's Linux binding with a read of our own. Its `unixRead` calls itself again when a read gives 0 bytes, and a
 * port that was hung up gives 0 for ever: memory and CPU go until the process dies (bindings-cpp#162; hazards.md §1.4).
 * Here 0 bytes are what they mean on a raw tty with VMIN 1: the device is gone.
 *
 * It also costs less. The descriptor does not block (the binding opens it so), and it is read once the poller says that
 * there is something: a plain system call, where `fs.read` sends each try through a thread. Ports are most of what the
 * gateway spends its CPU on (docs/DEVICES.md, «What it costs the van»).
 */
type Poller = {
  on(event: 'readable', then: (error: Error | null) => void): void;
  poll(events: number): void;
  stop(): void;
};
type Read = { buffer: Buffer; bytesRead: number };
export type UnixPort = {
  fd: number | null;
  readonly isOpen: boolean;
  readonly poller: Poller;
  read(buffer: Buffer, offset: number, length: number): Promise<Read>;
  close(): Promise<void>;
};

const canceled = () => Object.assign(new Error('Port is not open'), { canceled: true });
const hangUp = (why: string) => Object.assign(new Error(`hang-up: ${why}`), { disconnect: true });
const isAgain = (code: string | undefined) => code === 'EAGAIN' || code === 'EWOULDBLOCK' || code === 'EINTR';

const READABLE = 1;

/** Waits until there is something to read; one listener for all waits. */
function makeReadable(poller: Poller): () => Promise<void> {
  let waiting: { resolve: () => void; reject: (error: Error) => void } | undefined;
  poller.on('readable', (error) => {
    const told = waiting;
    waiting = undefined;
    if (error) told?.reject(error);
    else told?.resolve();
  });
  return () =>
    new Promise((resolve, reject) => {
      waiting = { resolve, reject };
      poller.poll(READABLE);
    });
}

/**
 * Puts the guarded read and close in the place of the binding's own. `restMs` is left between two reads: a device whose
 * bytes are not needed at once is read in fewer, larger pieces.
 */
export function guardPort(port: UnixPort, restMs = 0): void {
  const closeDescriptor = port.close.bind(port);
  let closing = false;
  let reading: Promise<unknown> = Promise.resolve();
  const readable = makeReadable(port.poller);

  async function read(buffer: Buffer, offset: number, length: number): Promise<Read> {
    if (restMs > 0) await rest(restMs);
    // After a close the poller is destroyed, and to wait on it would crash the process: looked at before every wait.
    while (!closing && port.fd !== null) {
      await readable();
      if (closing) break;
      try {
        const bytesRead = readSync(port.fd, buffer, offset, length, null);
        if (bytesRead === 0) throw hangUp('the port reads nothing');
        return { buffer, bytesRead };
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        // EIO is what Linux gives on a tty that lost its device.
        if (!isAgain(code)) throw code === 'EIO' ? hangUp('EIO') : error;
      }
    }
    throw canceled();
  }
  port.read = (buffer, offset, length) => {
    const result = read(buffer, offset, length);
    reading = result.catch(() => {});
    return result;
  };
  // No read may be under way when the descriptor goes: its number may be another port's a moment later.
  port.close = async () => {
    closing = true;
    port.poller.stop();
    await reading;
    await closeDescriptor();
  };
}

export type PortSettings = {
  readonly path: string;
  readonly baudRate: number;
  /** Exclusive. */
  readonly lock: boolean;
  /** `false`: closing must not reset the device by dropping DTR. */
  readonly hupcl: boolean;
};

export type Port = Awaited<ReturnType<typeof SerialPort.binding.open>>;

/** A guarded port, open. Rejects with the error of the system's `open`. */
export async function openPort(settings: PortSettings, restMs: number): Promise<Port> {
  const port = await SerialPort.binding.open(settings);
  const unix = port as unknown as UnixPort;
  if (unix.poller !== undefined) guardPort(unix, restMs);
  return port;
}
