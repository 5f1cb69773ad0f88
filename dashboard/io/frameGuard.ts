import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';

/**
 * Stands in front of aedes, which buffers whatever a frame announces (hazards.md §1.8): counts the bytes of each MQTT
 * frame and cuts the socket at the first that is too long, too early or one too many.
 */
export type FrameCrime =
  | 'frame too long'
  | 'malformed length'
  | 'not a CONNECT'
  | 'bytes before CONNACK'
  | 'too many frames';

const FRAME_MAX = 64 * 1024;
const CONNECT_MAX = 1024;
const EARLY_MAX = 1024;
const CONNECT = 1;
const FRAMES_PER_S = 1000;

export type FrameScanner = {
  /** The crime that `chunk` commits, if any. */
  scan(chunk: Uint8Array, nowMs: number): FrameCrime | undefined;
  authenticated(): void;
};

export function frameScanner(): FrameScanner {
  let authenticated = false;
  let early = 0;
  let first = true;
  /** Payload bytes left of the frame in hand; −1: its length is being read. */
  let left = -1;
  let header: number[] = [];
  let frames = 0;
  let windowMs = Number.NEGATIVE_INFINITY;

  /** Reads one byte of a fixed header. */
  const headerByte = (byte: number): FrameCrime | undefined => {
    header.push(byte);
    if (header.length === 1) return first && byte >> 4 !== CONNECT ? 'not a CONNECT' : undefined;
    if (byte >= 0x80) return header.length > 4 ? 'malformed length' : undefined;
    left = header.slice(1).reduce((sum, b, i) => sum + (b & 0x7f) * 0x80 ** i, 0);
    header = [];
    frames++;
    if (left > (first ? CONNECT_MAX : FRAME_MAX)) return 'frame too long';
    first = false;
    return undefined;
  };

  return {
    authenticated: () => {
      authenticated = true;
    },
    scan(chunk, nowMs) {
      if (!authenticated) {
        early += chunk.length;
        if (early > CONNECT_MAX + EARLY_MAX) return 'bytes before CONNACK';
      }
      if (nowMs - windowMs >= 1000) [windowMs, frames] = [nowMs, 0];
      for (let at = 0; at < chunk.length; ) {
        if (left > 0) {
          const taken = Math.min(left, chunk.length - at);
          left -= taken;
          at += taken;
        } else {
          if (left === 0) left = -1;
          const crime = headerByte(chunk[at++]!);
          if (crime) return crime;
        }
        if (left === 0) left = -1;
      }
      return frames > FRAMES_PER_S ? 'too many frames' : undefined;
    },
  };
}

/** The socket as aedes sees it: reads pass the scanner, small writes of one turn leave as one segment. */
export function guardSocket(
  socket: Socket,
  scanner: FrameScanner,
  nowMs: () => number,
  onCrime: (crime: FrameCrime) => void,
): Duplex {
  const write = (bytes: Buffer, done: () => void) => {
    if (socket.destroyed || socket.write(bytes)) done();
    else socket.once('drain', done);
  };
  const guarded = new Duplex({
    read: () => void socket.resume(),
    write: (chunk: Buffer, _encoding, done) => write(chunk, done),
    writev: (chunks, done) => write(Buffer.concat(chunks.map(({ chunk }) => chunk as Buffer)), done),
    final: (done) => void socket.end(done),
    destroy(error, done) {
      socket.destroy();
      done(error);
    },
  });
  socket.on('data', (chunk) => {
    const crime = scanner.scan(chunk, nowMs());
    if (crime) {
      onCrime(crime);
      socket.destroy();
    } else if (!guarded.push(chunk)) socket.pause();
  });
  socket.on('end', () => guarded.push(null));
  socket.on('error', (error) => guarded.destroy(error));
  socket.on('close', () => guarded.destroy());
  return guarded;
}
