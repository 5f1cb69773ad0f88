import { Malformed } from './bytes.ts';
import { type BitCoder, codeNumber, type NumberModels } from './rangeCoder.ts';
import { isoOf, msOf } from './time.ts';

/**
 * One column of a bulk batch: whole numbers as residuals of order 0, 1 or 2 (value, difference, difference of
 * differences), whichever is smaller, in units of their common step, arithmetically coded. Encoder and decoder are the
 * same lines: `code` takes a bit or gives it. Layout: docs/PROTOCOL.md.
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

/** Codes a whole column of `count` numbers; the decoder is given no values. */
export type ColumnCoder = {
  column(values: readonly number[] | undefined, count: number): number[];
  /** A number beside the columns: decimals, sizes. */
  single(value: number): number;
};

export function columnCoder(code: BitCoder): ColumnCoder {
  const beside: NumberModels = new Map();
  const single = (value: number) => codeNumber(code, beside, value);
  return {
    single,
    column(values, count) {
      const plan = values && planOf(values);
      const order = single(plan?.order ?? 0);
      const step = single(plan?.step ?? 0);
      if (order < 0 || order > 2 || step < 1) throw new Malformed('column');
      const models: NumberModels = new Map();
      const out: number[] = [];
      for (let i = 0; i < count; i++) {
        // The first value must not spoil the step of the differences.
        const unit = i === 0 && order > 0 ? 1 : step;
        const residual =
          codeNumber(code, i === 0 && order > 0 ? beside : models, (plan?.list[i] ?? 0) / unit) * unit;
        const before = i > 0 ? out[i - 1]! : 0;
        const slope = i > 1 ? before - out[i - 2]! : 0;
        const value = residual + (order > 0 ? before : 0) + (order > 1 ? slope : 0);
        if (!Number.isSafeInteger(value)) throw new Malformed('number too large');
        out.push(value);
      }
      return out;
    },
  };
}

/** The order whose residuals are cheapest, and their common step. */
function planOf(values: readonly number[]): { order: number; step: number; list: readonly number[] } {
  const lists = ORDERS.map((order) => residuals(values, order));
  const costs = lists.map(cost);
  let order = 0;
  for (const n of ORDERS) if (costs[n]! < costs[order]! - 1) order = n;
  const list = lists[order]!;
  const step = list.slice(order === 0 ? 0 : 1).reduce(gcd, 0) || 1;
  return { order, step, list };
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
