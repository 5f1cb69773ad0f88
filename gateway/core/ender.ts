import { NO_TAG } from './instant.ts';

/**
 * The sentence that ends a receiver's cycle, learnt as gpsd learns it: a receiver repeats its sentences in one order, so
 * the one behind which the time has changed will end the next cycle too. What it takes to believe doubles each time that
 * something came behind it all the same.
 */
const FIRST_PROOF = 2;
/** Enough for a sentence that comes every tenth cycle; more would never be met on a noisy line. */
const MAX_PROOF = 16;

export type Ender = {
  is(tag: number): boolean;
  /** A cycle ended on `tag`. */
  learn(tag: number): void;
  /** Something came behind it. */
  unlearn(): void;
};

export function makeEnder(): Ender {
  let ender = NO_TAG;
  let candidate = NO_TAG;
  let proofs = 0;
  let needed = FIRST_PROOF;
  return {
    is: (tag) => tag === ender,
    learn(tag) {
      proofs = tag === candidate ? proofs + 1 : 1;
      candidate = tag;
      if (proofs >= needed) ender = tag;
    },
    unlearn() {
      ender = NO_TAG;
      proofs = 0;
      needed = Math.min(needed * 2, MAX_PROOF);
    },
  };
}
