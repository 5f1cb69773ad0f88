import { SerialPort } from 'serialport';
import { type Channel, type ChannelEvents, type OpenChannel, reasonOf } from './channel.ts';
import { guardedBinding } from './serialBinding.ts';

/** Bytes that may wait for a device that does not read; beyond, a write is refused. */
const MAX_UNWRITTEN = 4096;

/**
 * A serial port. A `data` listener is attached before it opens and stays to the end: without one an unplug is never seen
 * (hazards.md §2.4). `hupcl: false`: closing must not reset the device by dropping DTR. Exclusive lock.
 */
function openSerial(path: string, baudRate: number, events: ChannelEvents): Channel {
  // Named first: the types of SerialPort leave out `binding`, its constructor does not.
  const settings = {
    path,
    baudRate,
    binding: guardedBinding,
    lock: true,
    hupcl: false,
    autoOpen: false,
    highWaterMark: 16_384,
  };
  const port = new SerialPort(settings);
  let over = false;
  const end = (error: NodeJS.ErrnoException | null | undefined) => {
    if (over) return;
    over = true;
    events.onEnd(error ? reasonOf(error) : 'hang_up', error?.message ?? 'the port closed');
  };
  port.on('data', (bytes: Buffer) => {
    if (!over) events.onBytes(bytes);
  });
  port.on('error', end);
  port.on('end', end);
  port.on('close', end);
  port.open((error) => {
    if (error) end(error);
    else if (over) void shut(port);
    else events.onOpen();
  });
  return {
    write(bytes) {
      if (over || !port.isOpen || port.writableLength > MAX_UNWRITTEN) return false;
      port.write(Buffer.from(bytes));
      return true;
    },
    close() {
      over = true;
      return shut(port);
    },
  };
}

/** `close` gives the descriptor back; `destroy` alone would leave it open with its lock. */
async function shut(port: SerialPort): Promise<void> {
  if (port.isOpen) await new Promise<void>((resolve) => port.close(() => resolve()));
  else if (port.closing) await new Promise<void>((resolve) => port.once('close', () => resolve()));
  port.destroy();
}

export const serialChannel =
  (path: string): OpenChannel =>
  (baud, events) =>
    openSerial(path, baud ?? 9600, events);
