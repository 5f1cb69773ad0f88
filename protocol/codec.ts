import { type ByteReader, type ByteWriter, byteReader, byteWriter, Malformed } from './bytes.ts';
import { type ColumnCoder, columnCoder, decimalsOf } from './columns.ts';
import { bitDecoder, bitEncoder } from './rangeCoder.ts';
import { columnOf, parseShape, RAW, shapeOf } from './shape.ts';
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
  const columns = new Map<string, Value[]>();
  const shapes = new Map<string, { readonly n: number; readonly columns: readonly Value[][] }>();
  const order: number[] = [];
  const values: Value[] = [];
  for (const text of rowTexts) {
    values.length = 0;
    const name = shapeOf(JSON.parse(text) as Readonly<Record<string, unknown>>, text, values);
    let shape = shapes.get(name);
    if (!shape) {
      shape = { n: shapes.size, columns: columnsOf(name).map((column) => theArray(columns, column)) };
      shapes.set(name, shape);
    }
    order.push(shape.n);
    if (name === RAW) shape.columns[0]!.push(text);
    else for (let i = 0; i < values.length; i++) shape.columns[i]!.push(values[i]!);
  }
  const texts = byteWriter();
  const bits = bitEncoder();
  const coder = columnCoder(bits.code);
  texts.text([...shapes.keys()].join('\n'));
  coder.column(order, order.length);
  for (const [name, values] of columns) writeColumn(texts, coder, name, values);
  const deflated = deflate(texts.done());
  const out = byteWriter();
  out.varint(deflated.length);
  out.bytes(deflated);
  out.bytes(bits.done());
  return out.done();
}

/** As it goes into a column: instants as epoch ms, strings and other JSON as text. */
type Value = number | string;

/** Columns that the rows of a shape fill, in the order of their fields. */
function columnsOf(name: string): string[] {
  const shape = parseShape(name);
  if (!shape) return [RAW];
  return shape.fields.flatMap((field) => columnOf(shape.kind, field) ?? []);
}

function theArray<T>(arrays: Map<string, T[]>, name: string): T[] {
  const known = arrays.get(name);
  if (known) return known;
  const made: T[] = [];
  arrays.set(name, made);
  return made;
}

function writeColumn(texts: ByteWriter, coder: ColumnCoder, name: string, values: readonly Value[]): void {
  if (name[0] === 't' || name[0] === 'i') coder.column(values as number[], values.length);
  else if (name[0] === 'n') {
    let decimals = 0;
    for (const v of values as number[]) decimals = Math.max(decimals, decimalsOf(v)!);
    coder.single(decimals);
    const scale = 10 ** decimals;
    coder.column(
      (values as number[]).map((v) => Math.round(v * scale)),
      values.length,
    );
  } else {
    const places = new Map<Value, number>();
    const numbers = values.map((v) => {
      const place = places.get(v) ?? places.size;
      if (place === places.size) places.set(v, place);
      return place;
    });
    coder.single(places.size);
    for (const entry of places.keys()) texts.text(entry as string);
    coder.column(numbers, numbers.length);
  }
}

function decodeBody(body: ByteReader, count: number, inflate: Inflate): string[] {
  const inflated = inflate(body.bytes(body.varint()), MAX_BATCH_TEXT);
  if (!inflated) throw new Malformed('deflate');
  const texts = byteReader(inflated);
  const coder = columnCoder(bitDecoder(body.rest()).code);
  const columns = new Map<string, Column>();
  const shapes = texts
    .text()
    .split('\n')
    .map((name) => ({ name, rows: 0, parts: undefined as readonly Part[] | undefined }));
  const order = coder.column(undefined, count).map((n) => {
    const shape = shapes[n];
    if (!shape) throw new Malformed('shape');
    shape.parts ??= partsOf(shape.name, columns);
    shape.rows++;
    return shape.parts;
  });
  for (const { parts, rows } of shapes)
    for (const { column } of parts ?? []) if (column) column.length += rows;
  for (const [name, column] of columns) column.values = readColumn(texts, coder, name, column.length);
  let room = MAX_BATCH_TEXT;
  return order.map((parts) => {
    let text = '';
    for (const { before, column } of parts) text += column ? before + column.values[column.at++]! : before;
    room -= text.length;
    if (room < 0) throw new Malformed('rows too long');
    return text;
  });
}

/** Values as JSON text, taken one after the other. */
type Column = { length: number; values: readonly string[]; at: number };
/** A piece of a row's text, and the column that gives what follows it. */
type Part = { readonly before: string; readonly column?: Column };

const LITERAL = { T: 'true', F: 'false', 0: 'null' } as const;

/** What the rows of a shape are put together from; their columns are added to `columns` as they are first needed. */
function partsOf(name: string, columns: Map<string, Column>): readonly Part[] {
  const columnAt = (column: string) => {
    const known = columns.get(column) ?? { length: 0, values: [], at: 0 };
    columns.set(column, known);
    return known;
  };
  if (name === RAW) return [{ before: '', column: columnAt(RAW) }];
  const shape = parseShape(name);
  if (!shape) throw new Malformed('shape');
  const parts: Part[] = [];
  let before = `{"kind":"${shape.kind}"`;
  for (const field of shape.fields) {
    const column = columnOf(shape.kind, field);
    before += `,"${field.key}":`;
    if (column === undefined) before += LITERAL[field.type as keyof typeof LITERAL];
    else {
      parts.push({ before, column: columnAt(column) });
      before = '';
    }
  }
  return [...parts, { before: `${before}}` }];
}

/** Values of a column as JSON text (the RAW column: as whole rows). */
function readColumn(texts: ByteReader, coder: ColumnCoder, name: string, count: number): string[] {
  const numbers = () => coder.column(undefined, count);
  if (name[0] === 't') return numbers().map((ms) => `"${isoOf(ms)}"`);
  if (name[0] === 'i') return numbers().map(String);
  if (name[0] === 'n') {
    const decimals = coder.single(0);
    if (decimals < 0 || decimals > 6) throw new Malformed('decimals');
    const scale = 10 ** decimals;
    return numbers().map((v) => String(v / scale));
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
