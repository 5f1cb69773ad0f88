import { type Channel, type ChannelEvents, type OpenChannel, reasonOf } from './channel.ts';
import { openPort, type Port } from './serialBinding.ts';

/** Bytes that may wait for a device that does not read; beyond, a write is refused. */
const MAX_UNWRITTEN = 4096;
/** What the kernel holds of a tty at the most. */
const READ_BYTES = 4096;

/**
 * A serial port, read from its opening to its end: without a read under way an unplug is never seen (hazards.md §2.4).
 * The binding alone, no SerialPort stream around it: nothing here waits in a queue, and each wake-up costs half.
 */
function openSerial(path: string, baudRate: number, restMs: number, events: ChannelEvents): Channel {
  let port: Port | undefined;
  let over = false;
  let unwritten = 0;
  let writing: Promise<unknown> = Promise.resolve();
  const end = (error: NodeJS.ErrnoException) => {
    if (over) return;
    over = true;
    events.onEnd(reasonOf(error), error.message);
  };

  async function readOn(opened: Port): Promise<void> {
    const buffer = Buffer.allocUnsafe(READ_BYTES);
    for (;;) {
      const read = await opened.read(buffer, 0, READ_BYTES).catch(end);
      if (!read || over) return;
      events.onBytes(Buffer.from(buffer.subarray(0, read.bytesRead)));
    }
  }
  const opening = openPort({ path, baudRate, lock: true, hupcl: false }, restMs);
  const reading = opening.then((opened) => {
    if (over) return undefined;
    port = opened;
    events.onOpen();
    return readOn(opened);
  }, end);

  return {
    write(bytes) {
      const to = port;
      if (over || !to || unwritten + bytes.length > MAX_UNWRITTEN) return false;
      unwritten += bytes.length;
      writing = writing
        .then(() => (over ? undefined : to.write(Buffer.from(bytes))))
        .catch(end)
        .then(() => {
          unwritten -= bytes.length;
        });
      return true;
    },
    async close() {
      over = true;
      const opened = await opening.catch(() => undefined);
      await opened?.close().catch(() => {});
      await reading;
    },
  };
}

/** `restMs`: left between two reads of a device whose bytes are not needed at once; fewer reads, less CPU. */
export const serialChannel =
  (path: string, restMs = 0): OpenChannel =>
  (baud, events) =>
    openSerial(path, baud ?? 9600, restMs, events);
