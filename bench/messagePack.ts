/** As much of MessagePack as a row needs: what a common binary encoding would cost. */
export function messagePack(value: unknown): Buffer {
  if (value === null) return Buffer.from([0xc0]);
  if (typeof value === 'boolean') return Buffer.from([value ? 0xc3 : 0xc2]);
  if (typeof value === 'string')
    return Buffer.concat([head(0xa0, 32, 0xd9, Buffer.byteLength(value)), Buffer.from(value)]);
  if (typeof value === 'number') return number(value);
  if (Array.isArray(value))
    return Buffer.concat([head(0x90, 16, 0xdc, value.length), ...value.map(messagePack)]);
  const entries = Object.entries(value as object);
  return Buffer.concat([head(0x80, 16, 0xde, entries.length), ...entries.flat().map(messagePack)]);
}

const head = (fixed: number, below: number, long: number, length: number) =>
  length < below
    ? Buffer.from([fixed | length])
    : long === 0xd9 && length < 256
      ? Buffer.from([long, length])
      : Buffer.from([long === 0xd9 ? 0xda : long, length >> 8, length & 0xff]);

function number(value: number): Buffer {
  if (!Number.isInteger(value) || Math.abs(value) >= 2 ** 31) {
    const out = Buffer.alloc(9, 0xcb);
    out.writeDoubleBE(value, 1);
    return out;
  }
  if (value >= -32 && value < 128) return Buffer.from([value & 0xff]);
  const out = Buffer.alloc(5, 0xd2);
  out.writeInt32BE(value, 1);
  return out;
}
