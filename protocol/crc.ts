/** CRC-32 (ISO-HDLC, the one of zip and zlib), running: `crc32(b, crc32(a)) === crc32(a ++ b)`. */

/** Tables for four bytes at once («slicing»): the one of n is that of a byte followed by n zero bytes. */
const TABLES = Array.from({ length: 4 }, () => new Int32Array(256));
for (let n = 0; n < 256; n++) {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  TABLES[0]![n] = c;
}
for (let t = 1; t < 4; t++)
  for (let n = 0; n < 256; n++) {
    const before = TABLES[t - 1]![n]!;
    TABLES[t]![n] = TABLES[0]![before & 0xff]! ^ (before >>> 8);
  }
const [T0, T1, T2, T3] = TABLES as [Int32Array, Int32Array, Int32Array, Int32Array];

/** CRC of the first `length` bytes continued from `previous` (0 at the start of a lane). Unsigned 32 bits. */
export function crc32(bytes: Uint8Array, previous = 0, length = bytes.length): number {
  let c = ~previous;
  let i = 0;
  for (; i + 4 <= length; i += 4) {
    c ^= bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
    c = T3[c & 0xff]! ^ T2[(c >>> 8) & 0xff]! ^ T1[(c >>> 16) & 0xff]! ^ T0[c >>> 24]!;
  }
  for (; i < length; i++) c = T0[(c ^ bytes[i]!) & 0xff]! ^ (c >>> 8);
  return ~c >>> 0;
}
