import { Malformed } from './bytes.ts';
import { type BitCoder, codeNumber, newModels } from './rangeCoder.ts';
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

/** Differences; the first value stays as it is, and `kept` more. */
function differences(values: readonly number[], kept: number): number[] {
  const out = values.slice();
  for (let i = out.length - 1; i > kept; i--) out[i] = out[i]! - out[i - 1]!;
  return out;
}

/** Bits that the residuals need, roughly: what decides between the orders. */
function cost(list: readonly number[]): number {
  let sum = 0;
  for (const v of list) sum += Math.log2(1 + 2 * Math.abs(v));
  return sum;
}

/** Codes a whole column of `count` numbers; the decoder is given no values. */
export type ColumnCoder = {
  column(values: readonly number[] | undefined, count: number): number[];
  /** A number beside the columns: decimals, sizes. */
  single(value: number): number;
};

export function columnCoder(code: BitCoder): ColumnCoder {
  const beside = newModels();
  const single = (value: number) => codeNumber(code, beside, value);
  return {
    single,
    column(values, count) {
      const plan = values && planOf(values);
      const order = single(plan?.order ?? 0);
      const step = single(plan?.step ?? 0);
      if (order < 0 || order > 2 || step < 1) throw new Malformed('column');
      const models = newModels();
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
  const first = differences(values, 0);
  const lists = [values, first, differences(first, 1)];
  const costs = lists.map(cost);
  let order = 0;
  for (const n of ORDERS) if (costs[n]! < costs[order]! - 1) order = n;
  const list = lists[order]!;
  let step = 0;
  for (let i = order === 0 ? 0 : 1; i < list.length && step !== 1; i++) step = gcd(step, list[i]!);
  return { order, step: step || 1, list };
}

const DECIMALS_MAX = 6;
/** With six decimals this stays below LARGEST. */
const DECIMAL_MAX = 2 ** 30;

const SCALES = Array.from({ length: DECIMALS_MAX + 1 }, (_, decimals) => 10 ** decimals);

/**
 * Decimals of a number as JSON prints it; undefined where it prints an exponent, or more than a column takes. No text
 * is made: the shortest one has the fewest decimals that give the number back.
 */
export function decimalsOf(value: number): number | undefined {
  if (Math.abs(value) >= DECIMAL_MAX) return undefined;
  for (let decimals = 0; decimals <= DECIMALS_MAX; decimals++) {
    const scale = SCALES[decimals]!;
    if (Math.round(value * scale) / scale === value) return decimals;
  }
  return undefined;
}

export const isLargeInteger = (value: number): boolean =>
  Number.isInteger(value) && Math.abs(value) < LARGEST;

/** Whether `text` is an instant as the wire writes it, so that its milliseconds give it back. */
export function instantOf(text: string): number | undefined {
  if (text.length !== 24) return undefined;
  const ms = msOf(text);
  return ms !== undefined && isoOf(ms) === text ? ms : undefined;
}
