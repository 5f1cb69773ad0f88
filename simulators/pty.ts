import { closeSync, constants, openSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { SerialPort } from 'serialport';
import { resample } from './uart.ts';

/**
 * A device on a real PTY: the gateway opens `path` with serialport as it opens a UART. The master is serialport too, on
 * /dev/ptmx (facts/dependencies.md §3): event-driven, and a full buffer never blocks the process. `close` is the unplug.
 */
export interface Pty {
  /** `/dev/pts/N` */
  readonly path: string;
  /** Sends bytes at a rate: a reader that has set another gets what a UART would make of them. */
  write(bytes: Uint8Array, baud: number): void;
  /** Rate that the reader has set; undefined where it cannot be told. */
  readerBaud(): number | undefined;
  /** Hangs up: the reader sees its port go. */
  close(): Promise<void>;
}

/** Beyond this the reader is not reading: a UART drops what nobody fetches. */
const UNREAD_LIMIT = 3000;
const FIONREAD = 0x541b;
const TCIFLUSH = 0;
/** `c_cflag & CBAUD` of asm-generic/termbits.h → rate. */
const CBAUD = 4111;
const RATES = new Map([
  [9, 1200],
  [11, 2400],
  [12, 4800],
  [13, 9600],
  [14, 19_200],
  [15, 38_400],
  [4097, 57_600],
  [4098, 115_200],
  [4099, 230_400],
  [4100, 460_800],
]);

async function loadLibc() {
  const { default: koffi } = await import('koffi');
  const libc = koffi.load('libc.so.6');
  return {
    unlockpt: libc.func('int unlockpt(int)') as (fd: number) => number,
    ptsname: libc.func('const char *ptsname(int)') as (fd: number) => string,
    tcgetattr: libc.func('int tcgetattr(int, _Out_ uint8_t *)') as (fd: number, out: Uint8Array) => number,
    tcflush: libc.func('int tcflush(int, int)') as (fd: number, queue: number) => number,
    ioctl: libc.func('int ioctl(int, unsigned long, _Out_ int *)') as (
      fd: number,
      request: number,
      out: number[],
    ) => number,
  };
}
let loaded: ReturnType<typeof loadLibc> | undefined;

/** Opens a new PTY; `onBytes` gets what the reader sends. Rejects where there is no /dev/ptmx or no koffi. */
export async function openPty(onBytes: (bytes: Uint8Array) => void): Promise<Pty> {
  loaded ??= loadLibc();
  const libc = await loaded;
  const master = new SerialPort({ path: '/dev/ptmx', baudRate: 9600, lock: false, autoOpen: false });
  await new Promise<void>((resolve, reject) => master.open((error) => (error ? reject(error) : resolve())));
  const { fd } = master.port as unknown as { fd: number };
  libc.unlockpt(fd);
  const path = libc.ptsname(fd);
  // Held open for reading by nobody: so the master lives on when the gateway closes its end.
  const holder = openSync(path, constants.O_RDWR | constants.O_NOCTTY);
  let closed = false;
  master.on('data', onBytes);
  master.on('error', () => {});

  const unread = () => {
    const out = [0];
    libc.ioctl(holder, FIONREAD, out);
    return out[0]!;
  };
  const readerBaud = () => {
    const termios = new Uint8Array(64);
    if (closed || libc.tcgetattr(fd, termios) !== 0) return undefined;
    return RATES.get(new DataView(termios.buffer).getUint32(8, true) & CBAUD);
  };
  return {
    path,
    readerBaud,
    write(bytes, baud) {
      if (closed) return;
      if (unread() > UNREAD_LIMIT) libc.tcflush(holder, TCIFLUSH);
      const read = resample(bytes, baud, readerBaud() ?? baud);
      if (read.length > 0) master.write(Buffer.from(read));
    },
    async close() {
      if (closed) return;
      closed = true;
      // `destroy` alone would leave the descriptor open, and the reader would see nothing.
      await new Promise<void>((resolve) => master.close(() => resolve()));
      master.destroy();
      closeSync(holder);
    },
  };
}

/** Makes `link` point to `target` at once, whatever it was: as udev does with a by-id name. */
export function pointTo(link: string, target: string): void {
  const next = `${link}.new`;
  rmSync(next, { force: true });
  symlinkSync(target, next);
  renameSync(next, link);
}
