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

function typeOf(value: unknown): ValueType {
  if (value === true) return 'T';
  if (value === false) return 'F';
  if (value === null) return '0';
  if (typeof value === 'number')
    return decimalsOf(value) !== undefined ? 'n' : isLargeInteger(value) ? 'i' : 'j';
  if (typeof value !== 'string') return 'j';
  return instantOf(value) === undefined ? 's' : 't';
}

/** Shape of a parsed row, as `kind key:type …`; RAW when its keys or its text do not allow it. */
export function shapeOf(row: Readonly<Record<string, unknown>>, text: string): string {
  const [first, ...rest] = Object.keys(row);
  if (first !== 'kind' || typeof row.kind !== 'string' || !WORD.test(row.kind)) return RAW;
  if (rest.length > FIELDS_MAX || !rest.every((key) => WORD.test(key)) || JSON.stringify(row) !== text)
    return RAW;
  return [row.kind, ...rest.map((key) => `${key}:${typeOf(row[key])}`)].join(' ');
}

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
