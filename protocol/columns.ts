import { type ByteReader, type ByteWriter, Malformed } from './bytes.ts';
import { isoOf, msOf } from './time.ts';

/**
 * One column of a bulk batch: whole numbers, written as residuals of order 0, 1 or 2 (value, difference, difference of
 * differences), whichever is smaller, in units of their common step. Layout: docs/PROTOCOL.md.
 */

/** Beyond this, a second difference would leave the whole numbers that a double holds. */
const LARGEST = 2 ** 50;
const ORDERS = [0, 1, 2] as const;

const gcd = (a: number, b: number): number => {
  let [x, y] = [Math.abs(a), Math.abs(b)];
  while (y > 0) [x, y] = [y, x % y];
  return x;
};

function residuals(values: readonly number[], order: number): number[] {
  let out = values;
  for (let n = 0; n < order; n++)
    out = out.map((value, i, before) => (i <= n ? value : value - before[i - 1]!));
  return [...out];
}

/** Bits that the residuals need, roughly: what decides between the orders. */
const cost = (list: readonly number[]) => list.reduce((sum, v) => sum + Math.log2(1 + 2 * Math.abs(v)), 0);

export function writeNumbers(out: ByteWriter, values: readonly number[]): void {
  const best = ORDERS.map((order) => residuals(values, order)).map((list) => ({ list, bits: cost(list) }));
  let order = 0;
  for (const n of ORDERS) if (best[n]!.bits < best[order]!.bits - 1) order = n;
  const list = best[order]!.list;
  // The first residual is the value itself and must not spoil the step of the others.
  const step = list.slice(order === 0 ? 0 : 1).reduce(gcd, 0) || 1;
  out.byte(order);
  out.varint(step);
  list.forEach((value, i) => {
    out.zigzag(i === 0 && order > 0 ? value : value / step);
  });
}

export function readNumbers(input: ByteReader, count: number): number[] {
  const order = input.byte();
  if (order > 2) throw new Malformed('order of a column');
  const step = input.varint();
  const values: number[] = [];
  for (let i = 0; i < count; i++) {
    const residual = input.zigzag() * (i === 0 && order > 0 ? 1 : step);
    const before = i > 0 ? values[i - 1]! : 0;
    const slope = i > 1 ? before - values[i - 2]! : 0;
    const value = residual + (order > 0 ? before : 0) + (order > 1 ? slope : 0);
    if (!Number.isSafeInteger(value)) throw new Malformed('number too large');
    values.push(value);
  }
  return values;
}

const DECIMALS_MAX = 6;
/** With six decimals this stays below LARGEST. */
const DECIMAL_MAX = 2 ** 30;

/** Decimals of a number as JSON prints it; undefined where it prints an exponent, or more than a column takes. */
export function decimalsOf(value: number): number | undefined {
  const text = String(value);
  const dot = text.indexOf('.');
  const decimals = dot < 0 ? 0 : text.length - dot - 1;
  return text.includes('e') || decimals > DECIMALS_MAX || Math.abs(value) >= DECIMAL_MAX
    ? undefined
    : decimals;
}

export const isLargeInteger = (value: number): boolean =>
  Number.isInteger(value) && Math.abs(value) < LARGEST;

/** Whether `text` is an instant as the wire writes it, so that its milliseconds give it back. */
export function instantOf(text: string): number | undefined {
  if (text.length !== 24) return undefined;
  const ms = msOf(text);
  return ms !== undefined && isoOf(ms) === text ? ms : undefined;
}
