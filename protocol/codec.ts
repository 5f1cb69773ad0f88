import { type ByteReader, type ByteWriter, byteReader, byteWriter, Malformed } from './bytes.ts';
import { type ColumnCoder, columnCoder, decimalsOf, instantOf } from './columns.ts';
import { bitDecoder, bitEncoder } from './rangeCoder.ts';
import { columnOf, parseShape, RAW, type Shape, shapeOf } from './shape.ts';
import { isoOf } from './time.ts';

/**
 * The `bulk` batch (DESIGN §4, §5): a header in clear, then the rows of consecutive seqs column by column: texts
 * deflated, numbers arithmetically coded (deflate alone took a quarter more on batches of 100).
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
/** Cap of the inflated texts, and of all row texts together: a bomb ends here. */
export const MAX_BATCH_TEXT = 2 * 1024 * 1024;

/**
 * What the texts of a batch usually begin with: the shapes of the rows, the commonest last. Part of version 1: it never
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
  out.bytes(encodeBody(batch.texts, deflate));
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
    return { journal, from, prevCrc, crc, texts: decodeBody(input, count, inflate) };
  } catch (error) {
    if (error instanceof Malformed) return undefined;
    throw error;
  }
}

/**
 * Body: length of the deflated texts, the texts (shapes, then the tables of the string columns), then the coded bits:
 * the shape of each row, and the columns in the order in which the rows first need them.
 */
function encodeBody(rowTexts: readonly string[], deflate: Deflate): Uint8Array {
  const rows = rowTexts.map((text) => {
    const row = JSON.parse(text) as Record_;
    return { text, row, shape: shapeOf(row, text) };
  });
  const shapes = [...new Set(rows.map((r) => r.shape))];
  const parsed = shapes.map(parseShape);
  const texts = byteWriter();
  const bits = bitEncoder();
  const coder = columnCoder(bits.code);
  texts.text(shapes.join('\n'));
  const order = rows.map((r) => shapes.indexOf(r.shape));
  coder.column(order, rows.length);
  const columns = new Map<string, unknown[]>();
  const put = (name: string, value: unknown) =>
    columns
      .set(name, columns.get(name) ?? [])
      .get(name)!
      .push(value);
  for (const [i, { text, row }] of rows.entries()) {
    const shape = parsed[order[i]!];
    if (!shape) put(RAW, text);
    for (const field of shape?.fields ?? []) {
      const name = columnOf(shape!.kind, field);
      if (name !== undefined) put(name, row[field.key]);
    }
  }
  for (const [name, values] of columns) writeColumn(texts, coder, name, values);
  const deflated = deflate(texts.done());
  const out = byteWriter();
  out.varint(deflated.length);
  out.bytes(deflated);
  out.bytes(bits.done());
  return out.done();
}

function writeColumn(texts: ByteWriter, coder: ColumnCoder, name: string, values: readonly unknown[]): void {
  const numbers = (of: readonly number[]) => void coder.column(of, of.length);
  if (name[0] === 't') numbers((values as string[]).map((v) => instantOf(v)!));
  else if (name[0] === 'i') numbers(values as number[]);
  else if (name[0] === 'n') {
    const decimals = Math.max(...(values as number[]).map((v) => decimalsOf(v)!));
    coder.single(decimals);
    numbers((values as number[]).map((v) => Math.round(v * 10 ** decimals)));
  } else {
    const strings = name[0] === 'j' ? values.map((v) => JSON.stringify(v)) : (values as string[]);
    const table = [...new Set(strings)];
    const places = new Map(table.map((entry, i) => [entry, i]));
    coder.single(table.length);
    for (const entry of table) texts.text(entry);
    numbers(strings.map((s) => places.get(s)!));
  }
}

function decodeBody(body: ByteReader, count: number, inflate: Inflate): string[] {
  const inflated = inflate(body.bytes(body.varint()), MAX_BATCH_TEXT);
  if (!inflated) throw new Malformed('deflate');
  const texts = byteReader(inflated);
  const coder = columnCoder(bitDecoder(body.rest()).code);
  const shapes = texts
    .text()
    .split('\n')
    .map((name) => ({ raw: name === RAW, shape: parseShape(name) }));
  const order = coder.column(undefined, count).map((n) => {
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
  const columns = new Map(
    [...lengths].map(([name, length]) => [name, readColumn(texts, coder, name, length)]),
  );
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
function readColumn(texts: ByteReader, coder: ColumnCoder, name: string, count: number): string[] {
  const numbers = () => coder.column(undefined, count);
  if (name[0] === 't') return numbers().map((ms) => `"${isoOf(ms)}"`);
  if (name[0] === 'i') return numbers().map(String);
  if (name[0] === 'n') {
    const decimals = coder.single(0);
    if (decimals < 0 || decimals > 6) throw new Malformed('decimals');
    return numbers().map((v) => String(v / 10 ** decimals));
  }
  const size = coder.single(0);
  if (size < 0 || size > count) throw new Malformed('table longer than its column');
  const table = Array.from({ length: size }, () => texts.text());
  const strings = name[0] === 's' ? table.map((s) => JSON.stringify(s)) : table;
  return numbers().map((n) => {
    const text = strings[n];
    if (text === undefined) throw new Malformed('string');
    return text;
  });
}
