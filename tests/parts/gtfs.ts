import { crc32, inflateRawSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';

/** GTFS and GTFS-Realtime read again, by nothing that wrote them: a reader of ZIP, of CSV, of protocol buffers. */
export type Table = readonly Record<string, string>[];
export type Schedule = Readonly<Record<string, Table>>;

/** The files of an archive by its central directory; throws where a length or a checksum differs. */
export function unzip(bytes: Buffer): Map<string, string> {
  const end = bytes.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6]));
  const count = bytes.readUInt16LE(end + 10);
  const files = new Map<string, string>();
  let at = bytes.readUInt32LE(end + 16);
  for (let n = 0; n < count; n++) {
    if (bytes.readUInt32LE(at) !== 0x02014b50) throw new Error(`no directory entry at ${at}`);
    const [crc, packed, plain] = [16, 20, 24].map((o) => bytes.readUInt32LE(at + o)) as [
      number,
      number,
      number,
    ];
    const [nameLength, extra, comment] = [28, 30, 32].map((o) => bytes.readUInt16LE(at + o)) as [
      number,
      number,
      number,
    ];
    const local = bytes.readUInt32LE(at + 42);
    const name = bytes.toString('utf8', at + 46, at + 46 + nameLength);
    const begin = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    const text = inflateRawSync(bytes.subarray(begin, begin + packed));
    if (text.length !== plain || crc32(text) !== crc) throw new Error(`${name} is damaged`);
    files.set(name, text.toString('utf8'));
    at += 46 + nameLength + extra + comment;
  }
  return files;
}

export const scheduleOf = (zip: Buffer): Schedule =>
  Object.fromEntries(
    [...unzip(zip)].map(([name, text]) => [
      name.replace(/\.txt$/, ''),
      parse(text, { columns: true, skip_empty_lines: true }) as Table,
    ]),
  );

// ── protocol buffers ─────────────────────────────────────────────────────────────────────────────────────────────
type Field = { readonly tag: number; readonly value: number | Buffer };

function fieldsOf(bytes: Buffer): Field[] {
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let shift = 1; ; shift *= 128) {
      const byte = bytes[at++]!;
      value += (byte & 127) * shift;
      if (byte < 128) return value;
    }
  };
  const fields: Field[] = [];
  while (at < bytes.length) {
    const key = varint();
    const tag = key >>> 3;
    if ((key & 7) === 0) fields.push({ tag, value: varint() });
    else if ((key & 7) === 2) {
      const length = varint();
      fields.push({ tag, value: bytes.subarray(at, at + length) });
      at += length;
    } else throw new Error(`wire type ${key & 7} is not used by this feed`);
  }
  return fields;
}

const all = (bytes: Buffer, tag: number) => fieldsOf(bytes).filter((f) => f.tag === tag);
const sub = (bytes: Buffer, tag: number) => all(bytes, tag).map((f) => f.value as Buffer);
const one = (bytes: Buffer, tag: number) => sub(bytes, tag)[0];
const num = (bytes: Buffer, tag: number) => all(bytes, tag)[0]?.value as number | undefined;
const str = (bytes: Buffer, tag: number) => one(bytes, tag)?.toString('utf8');

const tripOf = (b: Buffer) => ({
  trip: str(b, 1),
  date: str(b, 3),
  relationship: num(b, 4),
  route: str(b, 5),
});
const eventOf = (b: Buffer | undefined) => b && { time: num(b, 2), uncertainty: num(b, 3) };
const translationsOf = (b: Buffer | undefined): Record<string, string> =>
  Object.fromEntries(b ? sub(b, 1).map((t) => [str(t, 2), str(t, 1)]) : []);

export type Feed = ReturnType<typeof feedOf>;
export function feedOf(bytes: Buffer) {
  const header = one(bytes, 1)!;
  const entities = sub(bytes, 2).map((b) => ({
    id: str(b, 1)!,
    update: one(b, 3),
    vehicle: one(b, 4),
    alert: one(b, 5),
  }));
  return {
    version: str(header, 1),
    incrementality: num(header, 2),
    timestamp: num(header, 3),
    ids: entities.map(({ id }) => id),
    vehicles: entities.filter(({ vehicle }) => vehicle).length,
    updates: entities.flatMap(({ update: b }) =>
      b
        ? [
            {
              ...tripOf(one(b, 1)!),
              hasVehicle: one(b, 3) !== undefined,
              timestamp: num(b, 4),
              stops: sub(b, 2).map((s) => ({
                sequence: num(s, 1),
                stop: str(s, 4),
                arrival: eventOf(one(s, 2)),
                departure: eventOf(one(s, 3)),
                relationship: num(s, 5),
              })),
            },
          ]
        : [],
    ),
    alerts: entities.flatMap(({ alert: b }) =>
      b
        ? [
            {
              period: { start: num(one(b, 1)!, 1)!, end: num(one(b, 1)!, 2)! },
              informed: sub(b, 5).map((s) => tripOf(one(s, 4)!)),
              effect: num(b, 7),
              header: translationsOf(one(b, 10)),
              description: translationsOf(one(b, 11)),
            },
          ]
        : [],
    ),
  };
}
