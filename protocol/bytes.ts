/** Growing bytes and a bounded reader: LEB128 varints up to 2^53, zigzag for signed values. */

export class Malformed extends Error {}

export type ByteWriter = {
  byte(value: number): void;
  u32(value: number): void;
  varint(value: number): void;
  zigzag(value: number): void;
  bytes(value: Uint8Array): void;
  /** Length in bytes, then UTF-8. */
  text(value: string): void;
  done(): Uint8Array;
};

export function byteWriter(): ByteWriter {
  let buffer = new Uint8Array(1024);
  let length = 0;
  const utf8 = new TextEncoder();
  const room = (n: number) => {
    if (length + n <= buffer.length) return;
    const grown = new Uint8Array(Math.max(buffer.length * 2, length + n));
    grown.set(buffer);
    buffer = grown;
  };
  const byte = (value: number) => {
    room(1);
    buffer[length++] = value;
  };
  const varint = (value: number) => {
    let rest = value;
    while (rest >= 0x80) {
      byte((rest % 0x80) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    byte(rest);
  };
  const bytes = (value: Uint8Array) => {
    room(value.length);
    buffer.set(value, length);
    length += value.length;
  };
  return {
    byte,
    varint,
    bytes,
    u32(value) {
      for (let n = 0; n < 4; n++) byte((value >>> (8 * n)) & 0xff);
    },
    zigzag: (value) => varint(value >= 0 ? value * 2 : -value * 2 - 1),
    text(value) {
      const encoded = utf8.encode(value);
      varint(encoded.length);
      bytes(encoded);
    },
    done: () => buffer.slice(0, length),
  };
}

export type ByteReader = {
  byte(): number;
  u32(): number;
  varint(): number;
  zigzag(): number;
  bytes(length: number): Uint8Array;
  text(): string;
  rest(): Uint8Array;
};

/** Reads what `byteWriter` wrote; throws Malformed where the bytes end or make no sense. */
export function byteReader(buffer: Uint8Array): ByteReader {
  let at = 0;
  const utf8 = new TextDecoder('utf-8', { fatal: true });
  const byte = () => {
    const value = buffer[at++];
    if (value === undefined) throw new Malformed('bytes end');
    return value;
  };
  const varint = () => {
    let value = 0;
    for (let scale = 1; scale < 2 ** 53; scale *= 0x80) {
      const next = byte();
      value += (next & 0x7f) * scale;
      if (next < 0x80) {
        if (!Number.isSafeInteger(value)) throw new Malformed('number too large');
        return value;
      }
    }
    throw new Malformed('number too long');
  };
  const bytes = (length: number) => {
    if (at + length > buffer.length) throw new Malformed('bytes end');
    at += length;
    return buffer.subarray(at - length, at);
  };
  return {
    byte,
    varint,
    bytes,
    u32: () => byte() + byte() * 2 ** 8 + byte() * 2 ** 16 + byte() * 2 ** 24,
    zigzag() {
      const value = varint();
      return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    },
    text() {
      try {
        return utf8.decode(bytes(varint()));
      } catch {
        throw new Malformed('not UTF-8');
      }
    },
    rest: () => buffer.subarray(at),
  };
}
