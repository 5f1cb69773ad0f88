import { Malformed } from './bytes.ts';

/**
 * Adaptive binary arithmetic coding (the coder of lpaq, M. Mahoney): a bit costs what it surprises. Probabilities are
 * of a one, in 1/65536; they learn fast at first and slower with each bit seen. The decoder in another language must do
 * the same arithmetic: docs/PROTOCOL.md.
 */
const TOP = 2 ** 24;
const FULL = 2 ** 32;
const P_MIN = 48;
/** Bits after which a model learns no slower. */
const SEEN_MAX = 60;
const HALF = 32_768;

/**
 * Models of one column, by place: whether a number is zero (0), how long it is (a tree, 1 … 63), the bit below its
 * leading one (64 + length). Plain arrays: a day of backlog codes millions of bits.
 */
export type NumberModels = { readonly p: Int32Array; readonly seen: Uint8Array };
const LENGTH_BITS = 6;
const LEADING = 2 ** LENGTH_BITS;
const LENGTH_MAX = 52;

export const newModels = (): NumberModels => ({
  p: new Int32Array(LEADING + LENGTH_MAX + 1).fill(HALF),
  seen: new Uint8Array(LEADING + LENGTH_MAX + 1),
});

function learn({ p, seen }: NumberModels, place: number, bit: number): void {
  const target = bit === 1 ? 65_536 - P_MIN : P_MIN;
  const times = seen[place]!;
  p[place]! += Math.trunc((2 * (target - p[place]!)) / (2 * times + 3));
  if (times < SEEN_MAX) seen[place] = times + 1;
}

/** Codes one bit by the model at `place`, or as likely 0 as 1; the encoder is given it, the decoder gives it. */
export type BitCoder = (models: NumberModels | undefined, place: number, bit: number) => number;

export function bitEncoder(): { code: BitCoder; done(): Uint8Array } {
  let low = 0;
  let high = FULL - 1;
  const out: number[] = [];
  return {
    code(models, place, bit) {
      const middle = low + Math.floor(((high - low) * (models ? models.p[place]! : HALF)) / 65_536);
      if (bit === 1) high = middle;
      else low = middle + 1;
      if (models) learn(models, place, bit);
      while (low >>> 24 === high >>> 24) {
        out.push(low >>> 24);
        low = (low << 8) >>> 0;
        high = ((high << 8) | 255) >>> 0;
      }
      return bit;
    },
    done() {
      // The decoder reads zeros beyond the end: the shortest bytes between low and high.
      if (low > 0) out.push(Math.floor(low / TOP) + 1);
      while (out.at(-1) === 0) out.pop();
      return Uint8Array.from(out);
    },
  };
}

/** Bytes that the decoder may look at beyond the end. */
const BEYOND = 4;

export function bitDecoder(bytes: Uint8Array): { code: BitCoder } {
  let low = 0;
  let high = FULL - 1;
  let at = 0;
  const next = () => {
    if (at > bytes.length + BEYOND * 16) throw new Malformed('bits end');
    // Beyond the end there are zeros: an index out of bounds would be slow for ever after.
    const byte = at < bytes.length ? bytes[at]! : 0;
    at++;
    return byte;
  };
  let value = 0;
  for (let n = 0; n < 4; n++) value = value * 256 + next();
  return {
    code(models, place) {
      const middle = low + Math.floor(((high - low) * (models ? models.p[place]! : HALF)) / 65_536);
      const bit = value <= middle ? 1 : 0;
      if (bit === 1) high = middle;
      else low = middle + 1;
      if (models) learn(models, place, bit);
      while (low >>> 24 === high >>> 24) {
        low = (low << 8) >>> 0;
        high = ((high << 8) | 255) >>> 0;
        value = ((value << 8) | next()) >>> 0;
      }
      return bit;
    },
  };
}

/** Place of the leading one of a whole number from 1 to 2^53: exact, where a logarithm rounds. */
const lengthOf = (n: number) => (n < FULL ? 31 - Math.clz32(n) : 63 - Math.clz32(Math.floor(n / FULL)));

/**
 * Codes one signed whole number below 2^53: zero or not, then its length in bits (a tree of six decisions), then the
 * bits below the leading one, high to low: the first learnt, the others as likely 0 as 1. Zigzag: 0, −1, 1, −2 … become
 * 0, 1, 2, 3 …
 */
export function codeNumber(code: BitCoder, models: NumberModels, number: number): number {
  const zigzag = number >= 0 ? number * 2 : -number * 2 - 1;
  if (code(models, 0, zigzag === 0 ? 0 : 1) === 0) return 0;
  const length = zigzag === 0 ? 0 : lengthOf(zigzag);
  let tree = 1;
  for (let n = LENGTH_BITS - 1; n >= 0; n--) tree = tree * 2 + code(models, tree, (length >> n) & 1);
  const bits = tree - LEADING;
  if (bits > LENGTH_MAX) throw new Malformed('number too large');
  let value = 1;
  for (let n = bits - 1; n >= 0; n--) {
    const bit = (zigzag / 2 ** n) & 1;
    value = value * 2 + code(n === bits - 1 ? models : undefined, LEADING + bits, bit);
  }
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}
