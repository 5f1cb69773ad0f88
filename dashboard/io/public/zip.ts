import { crc32, deflateRawSync } from 'node:zlib';

/**
 * A ZIP archive of a few texts (PKWARE APPNOTE 6.3.10 §4.3): deflated, without dates, so that equal files give equal
 * bytes.
 */
const VERSION = 20;
const UTF8 = 0x0800;
const DEFLATED = 8;
/** 1980-01-01: the first day that the format can say. */
const FIRST_DAY = 0x21;

export function zipOf(files: ReadonlyMap<string, string>): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, text] of files) {
    const plain = Buffer.from(text);
    const packed = deflateRawSync(plain, { level: 9 });
    const path = Buffer.from(name);
    const common = shared(plain, packed, path.length);
    const local = Buffer.concat([u32(0x04034b50), common, path, packed]);
    // Version made by; then, after the shared part: comment, disk, attributes (2), offset of the local header.
    const rest = Buffer.concat([u16(0), u16(0), u16(0), u32(0), u32(offset)]);
    directory.push(Buffer.concat([u32(0x02014b50), u16(VERSION), common, rest, path]));
    parts.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const counts = [u16(0), u16(0), u16(files.size), u16(files.size)];
  const end = Buffer.concat([u32(0x06054b50), ...counts, u32(central.length), u32(offset), u16(0)]);
  return Buffer.concat([...parts, central, end]);
}

/** What local header and directory say alike: from «version needed» to the length of the extra field. */
const shared = (plain: Buffer, packed: Buffer, nameLength: number): Buffer =>
  Buffer.concat([
    ...[VERSION, UTF8, DEFLATED, 0, FIRST_DAY].map(u16),
    ...[crc32(plain), packed.length, plain.length].map(u32),
    ...[nameLength, 0].map(u16),
  ]);

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
