import { type ByteReader, type ByteWriter, byteReader, byteWriter, Malformed } from './bytes.ts';
import { decimalsOf, instantOf, readNumbers, writeNumbers } from './columns.ts';
import { columnOf, parseShape, RAW, type Shape, shapeOf } from './shape.ts';
import { isoOf } from './time.ts';

/**
 * The `bulk` batch (DESIGN §4, §5): a header in clear, then the rows of consecutive seqs column by column, deflated.
 * The canonical text of each row comes back byte for byte. Layout and test vectors: docs/PROTOCOL.md, tests/vectors.
 */
export type BulkBatch = {
  readonly journal: string;
  /** Seq of the first row; the others follow without a hole. */
  readonly from: number;
  readonly prevCrc: number;
  readonly crc: number;
  readonly texts: readonly string[];
};

/** Raw deflate of RFC 1951 with BULK_DICTIONARY preset: given by the edge, since the cores import no node module. */
export type Deflate = (bytes: Uint8Array) => Uint8Array;
/** Undefined when the bytes are not a deflate stream or inflate to more than `maxBytes`. */
export type Inflate = (bytes: Uint8Array, maxBytes: number) => Uint8Array | undefined;

const MAGIC = 0x54;
const VERSION = 1;
export const MAX_BATCH_ROWS = 1000;
/** Cap of the inflated body, and of all row texts together: a bomb ends here. */
export const MAX_BATCH_TEXT = 2 * 1024 * 1024;

/**
 * What the body of a batch usually begins with: the shapes of the rows, the commonest last. Part of version 1: it never
 * changes; a better one is version 2.
 */
export const BULK_DICTIONARY = [
  'event at:t what:s detail:j',
  'learnt at:t learnt:j',
  'snapshot at:t rule:s state:j',
  'boot at:0 boot:s monoMs:n software:s',
  'settings at:t settings:j',
  'agenda at:t agenda:j',
  'gap at:t lane:s journal:s from:n to:n reason:s crc:i',
  'health at:t throttled:n temperatureC:n diskFreePercent:n rootReadOnly:F clockSynchronised:T uptimeS:n',
  'lost at:t last:t',
  'link at:0 boot:s monoMs:n state:s cause:s rsrpDbm:n rsrqDb:n sinrDb:n rssiDbm:n registration:s technology:s operator:s roundTripMs:n backlogAgeS:n',
  'link at:t state:s rssiDbm:n rsrpDbm:n rsrqDb:n sinrDb:n registration:s technology:s operator:s',
  'power at:t houseV:n houseA:n houseW:n starterV:n soc:n timeToGoMin:n temperatureC:n panelW:n engine:s',
  'power at:t houseV:n houseA:n soc:n starterV:n engine:s',
  'fix at:t latitude:n longitude:n accuracyM:n moving:F rejected:n satellitesUsed:n',
  'fix at:t latitude:n longitude:n accuracyM:n moving:F satellitesUsed:n',
  'fix at:t latitude:n longitude:n accuracyM:n moving:T satellitesUsed:n',
].join('\n');

type Record_ = Readonly<Record<string, unknown>>;
type ColumnValues = { readonly name: string; readonly values: unknown[] };

export function encodeBulk(batch: BulkBatch, deflate: Deflate): Uint8Array {
  const out = byteWriter();
  out.byte(MAGIC);
  out.byte(VERSION);
  for (const pair of batch.journal.replaceAll('-', '').match(/../g) ?? [])
    out.byte(Number.parseInt(pair, 16));
  out.u32(batch.prevCrc);
  out.u32(batch.crc);
  out.varint(batch.from);
  out.varint(batch.texts.length);
  out.bytes(deflate(encodeBody(batch.texts)));
  return out.done();
}

/** Undefined for bytes that are not a batch of this version. */
export function decodeBulk(bytes: Uint8Array, inflate: Inflate): BulkBatch | undefined {
  try {
    const input = byteReader(bytes);
    if (input.byte() !== MAGIC || input.byte() !== VERSION) return undefined;
    const hex = [...input.bytes(16)].map((b) => b.toString(16).padStart(2, '0')).join('');
    const journal = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
    const [prevCrc, crc, from, count] = [input.u32(), input.u32(), input.varint(), input.varint()];
    if (from < 1 || count < 1 || count > MAX_BATCH_ROWS || from + count > Number.MAX_SAFE_INTEGER)
      return undefined;
    const body = inflate(input.rest(), MAX_BATCH_TEXT);
    return body && { journal, from, prevCrc, crc, texts: decodeBody(byteReader(body), count) };
  } catch (error) {
    if (error instanceof Malformed) return undefined;
    throw error;
  }
}

/** Body: the shapes, the shape of each row, then the columns in the order in which the rows first need them. */
function encodeBody(texts: readonly string[]): Uint8Array {
  const rows = texts.map((text) => {
    const row = JSON.parse(text) as Record_;
    return { text, row, shape: shapeOf(row, text) };
  });
  const shapes = [...new Set(rows.map((r) => r.shape))];
  const out = byteWriter();
  out.text(shapes.join('\n'));
  writeNumbers(
    out,
    rows.map((r) => shapes.indexOf(r.shape)),
  );
  const parsed = shapes.map(parseShape);
  const columns = new Map<string, ColumnValues>();
  const put = (name: string, value: unknown) => {
    const column = columns.get(name) ?? { name, values: [] };
    columns.set(name, column);
    column.values.push(value);
  };
  for (const { text, row, shape } of rows) {
    const fields = parsed[shapes.indexOf(shape)];
    if (!fields) put(RAW, text);
    else
      for (const field of fields.fields) {
        const name = columnOf(fields.kind, field);
        if (name !== undefined) put(name, row[field.key]);
      }
  }
  for (const column of columns.values()) writeColumn(out, column);
  return out.done();
}

function writeColumn(out: ByteWriter, { name, values }: ColumnValues): void {
  if (name[0] === 't')
    writeNumbers(
      out,
      (values as string[]).map((v) => instantOf(v)!),
    );
  else if (name[0] === 'i') writeNumbers(out, values as number[]);
  else if (name[0] === 'n') {
    const numbers = values as number[];
    const decimals = Math.max(...numbers.map((v) => decimalsOf(v)!));
    out.byte(decimals);
    writeNumbers(
      out,
      numbers.map((v) => Math.round(v * 10 ** decimals)),
    );
  } else {
    const strings =
      name[0] === 's'
        ? (values as string[])
        : values.map((v) => (name === RAW ? (v as string) : JSON.stringify(v)));
    const table = [...new Set(strings)];
    out.varint(table.length);
    for (const entry of table) out.text(entry);
    writeNumbers(
      out,
      strings.map((s) => table.indexOf(s)),
    );
  }
}
function decodeBody(input: ByteReader, count: number): string[] {
  const names = input.text().split('\n');
  const shapes = names.map((name) => ({ raw: name === RAW, shape: parseShape(name) }));
  const order = readNumbers(input, count).map((n) => {
    const shape = shapes[n];
    if (!shape || (!shape.raw && !shape.shape)) throw new Malformed('shape');
    return shape;
  });
  const lengths = new Map<string, number>();
  const add = (name: string | undefined) =>
    name !== undefined && lengths.set(name, (lengths.get(name) ?? 0) + 1);
  for (const { shape } of order)
    if (!shape) add(RAW);
    else for (const field of shape.fields) add(columnOf(shape.kind, field));
  const columns = new Map([...lengths].map(([name, length]) => [name, readColumn(input, name, length)]));
  const at = new Map<string, number>();
  let room = MAX_BATCH_TEXT;
  const take = (name: string) => {
    const n = at.get(name) ?? 0;
    at.set(name, n + 1);
    return columns.get(name)![n]!;
  };
  return order.map(({ shape }) => {
    const text = shape ? textOf(shape, take) : take(RAW);
    room -= text.length;
    if (room < 0) throw new Malformed('rows too long');
    return text;
  });
}

const LITERAL = { T: 'true', F: 'false', 0: 'null' } as const;

function textOf(shape: Shape, take: (name: string) => string): string {
  const parts = shape.fields.map((field) => {
    const name = columnOf(shape.kind, field);
    const value = name === undefined ? LITERAL[field.type as keyof typeof LITERAL] : take(name);
    return `,"${field.key}":${value}`;
  });
  return `{"kind":"${shape.kind}"${parts.join('')}}`;
}

/** Values of a column as JSON text (the RAW column: as whole rows). */
function readColumn(input: ByteReader, name: string, count: number): string[] {
  if (name[0] === 't') return readNumbers(input, count).map((ms) => `"${isoOf(ms)}"`);
  if (name[0] === 'i') return readNumbers(input, count).map(String);
  if (name[0] === 'n') {
    const decimals = input.byte();
    if (decimals > 6) throw new Malformed('decimals');
    return readNumbers(input, count).map((v) => String(v / 10 ** decimals));
  }
  const size = input.varint();
  if (size > count) throw new Malformed('table longer than its column');
  const table = Array.from({ length: size }, () => input.text());
  const strings = name[0] === 's' ? table.map((s) => JSON.stringify(s)) : table;
  return readNumbers(input, count).map((n) => {
    const text = strings[n];
    if (text === undefined) throw new Malformed('string');
    return text;
  });
}
