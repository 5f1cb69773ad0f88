import { decimalsOf, instantOf, isLargeInteger } from './columns.ts';

/**
 * A row's shape: its kind and, for each key in order, how the value is written. Rows of one shape differ only in the
 * numbers and strings that go into columns.
 */

/** `t` instant · `n` number · `i` large whole number · `s` string · `j` any other JSON · `T` true · `F` false · `0` null. */
export type ValueType = 't' | 'n' | 'i' | 's' | 'j' | 'T' | 'F' | '0';
export type ShapeField = { readonly key: string; readonly type: ValueType };
export type Shape = { readonly kind: string; readonly fields: readonly ShapeField[] };

/** The shape of a row that no other shape gives back exactly: one column, its whole text. */
export const RAW = '';
/** More keys than this are not worth columns, and a bound for the decoder. */
const FIELDS_MAX = 64;
const WORD = /^[A-Za-z][A-Za-z0-9_]*$/;

/**
 * Shape of a parsed row, as `kind key:type …`; RAW when its keys or its text do not allow it. What goes into columns is
 * added to `values` in the order of the fields: instants as epoch ms, other JSON as text.
 */
export function shapeOf(
  row: Readonly<Record<string, unknown>>,
  text: string,
  values: (number | string)[],
): string {
  const keys = Object.keys(row);
  if (keys[0] !== 'kind' || typeof row.kind !== 'string' || !isWord(row.kind)) return RAW;
  if (keys.length > FIELDS_MAX + 1 || JSON.stringify(row) !== text) return RAW;
  let shape = row.kind;
  for (let i = 1; i < keys.length; i++) {
    const key = keys[i]!;
    if (!isWord(key)) return RAW;
    shape += ` ${key}:${typeOf(row[key], values)}`;
  }
  return shape;
}

/** Keys come back with every row: they are not matched again. */
const words = new Set<string>();
const WORDS_MAX = 500;

function isWord(text: string): boolean {
  if (words.has(text)) return true;
  if (!WORD.test(text)) return false;
  if (words.size < WORDS_MAX) words.add(text);
  return true;
}

function typeOf(value: unknown, values: (number | string)[]): ValueType {
  if (value === true) return 'T';
  if (value === false) return 'F';
  if (value === null) return '0';
  if (typeof value === 'string') {
    const ms = instantOf(value);
    values.push(ms ?? value);
    return ms === undefined ? 's' : 't';
  }
  const type = typeof value !== 'number' ? 'j' : numberType(value);
  values.push(type === 'j' ? JSON.stringify(value) : (value as number));
  return type;
}

const numberType = (value: number) =>
  decimalsOf(value) !== undefined ? 'n' : isLargeInteger(value) ? 'i' : 'j';

/** Undefined when `text` is not a shape. */
export function parseShape(text: string): Shape | undefined {
  const [kind = '', ...parts] = text.split(' ');
  if (!WORD.test(kind)) return undefined;
  const fields = parts.map((part) => {
    const colon = part.indexOf(':');
    return { key: part.slice(0, colon), type: part.slice(colon + 1) as ValueType };
  });
  return fields.length <= FIELDS_MAX &&
    fields.every(({ key, type }) => WORD.test(key) && type.length === 1 && 'tnisjTF0'.includes(type))
    ? { kind, fields }
    : undefined;
}

/** Column that a field belongs to: instants are shared by all kinds, since the rows of a lane come in order of time. */
export const columnOf = (kind: string, { key, type }: ShapeField): string | undefined =>
  type === 't' ? `t ${key}` : 'nisj'.includes(type) ? `${type} ${kind} ${key}` : undefined;
