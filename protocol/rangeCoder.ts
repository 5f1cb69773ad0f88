import { Malformed } from './bytes.ts';

/**
 * Adaptive binary arithmetic coding (the coder of lpaq, M. Mahoney): a bit costs what it surprises. Probabilities are
 * of a one, in 1/65536; they learn fast at first and slower with each bit seen. The decoder in another language must do
 * the same arithmetic: docs/PROTOCOL.md.
 */
export type Model = { p: number; seen: number };
export const newModel = (): Model => ({ p: 32_768, seen: 0 });

const TOP = 2 ** 24;
const FULL = 2 ** 32;
const P_MIN = 48;
/** Bits after which a model learns no slower. */
const SEEN_MAX = 60;

function learn(model: Model, bit: number): void {
  const target = bit === 1 ? 65_536 - P_MIN : P_MIN;
  model.p += Math.trunc((2 * (target - model.p)) / (2 * model.seen + 3));
  if (model.seen < SEEN_MAX) model.seen++;
}

/** Codes one bit; the encoder is given it and gives it back, the decoder gives it. */
export type BitCoder = (model: Model | undefined, bit: number) => number;

const HALF = 32_768;

export function bitEncoder(): { code: BitCoder; done(): Uint8Array } {
  let low = 0;
  let high = FULL - 1;
  const out: number[] = [];
  return {
    code(model, bit) {
      const middle = low + Math.floor(((high - low) * (model?.p ?? HALF)) / 65_536);
      if (bit === 1) high = middle;
      else low = middle + 1;
      if (model) learn(model, bit);
      while (Math.floor(low / TOP) === Math.floor(high / TOP)) {
        out.push(Math.floor(high / TOP));
        low = (low % TOP) * 256;
        high = (high % TOP) * 256 + 255;
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
    return bytes[at++] ?? 0;
  };
  let value = 0;
  for (let n = 0; n < 4; n++) value = value * 256 + next();
  return {
    code(model) {
      const middle = low + Math.floor(((high - low) * (model?.p ?? HALF)) / 65_536);
      const bit = value <= middle ? 1 : 0;
      if (bit === 1) high = middle;
      else low = middle + 1;
      if (model) learn(model, bit);
      while (Math.floor(low / TOP) === Math.floor(high / TOP)) {
        low = (low % TOP) * 256;
        high = (high % TOP) * 256 + 255;
        value = (value % TOP) * 256 + next();
      }
      return bit;
    },
  };
}

/** Models of one column: whether a number is zero, how long it is, and its leading bits. */
export type NumberModels = Map<number, Model>;
const LENGTH_BITS = 6;
/** Bits below the leading one that are learnt; the others are as likely 0 as 1. */
const LEARNT_BITS = 1;

function modelAt(models: NumberModels, key: number): Model {
  let model = models.get(key);
  if (!model) {
    model = newModel();
    models.set(key, model);
  }
  return model;
}

/**
 * Codes one signed whole number below 2^53: zero or not, then its length in bits (a tree of six decisions), then the
 * bits below the leading one, high to low. Zigzag: 0, −1, 1, −2 … become 0, 1, 2, 3 …
 */
export function codeNumber(code: BitCoder, models: NumberModels, number: number): number {
  const zigzag = number >= 0 ? number * 2 : -number * 2 - 1;
  if (code(modelAt(models, 0), zigzag === 0 ? 0 : 1) === 0) return 0;
  const length = zigzag === 0 ? 0 : Math.floor(Math.log2(zigzag));
  let tree = 1;
  for (let n = LENGTH_BITS - 1; n >= 0; n--) tree = tree * 2 + code(modelAt(models, tree), (length >> n) & 1);
  const bits = tree - 2 ** LENGTH_BITS;
  if (bits > 52) throw new Malformed('number too large');
  let value = 1;
  for (let n = bits - 1; n >= 0; n--) {
    const learnt = bits - n <= LEARNT_BITS;
    const model = learnt ? modelAt(models, 1024 * (bits + 1) + value) : undefined;
    value = value * 2 + code(model, Math.floor(zigzag / 2 ** n) % 2);
  }
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}
