import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { absences } from './absence.ts';
import { cutImages, killAtCalls } from './images.ts';
import { type Plan, planOf } from './plan.ts';
import { simulate } from './simulate.ts';
import { hasStrace } from './trace.ts';

/** The short tier: `npm run campaign` and `npm run simulate:night` go on from here. */
const SEEDS = join(import.meta.dirname, '..', 'seeds');
const TIMEOUT_MS = 120_000;

describe('the whole system, simulated', () => {
  it(
    'holds its promises under the first seeds',
    async () => {
      for (let seed = 1; seed <= 12; seed++) {
        const { violation } = await simulate(planOf(seed, { days: 1 }));
        expect(violation, `seed ${seed}`).toBeUndefined();
      }
    },
    TIMEOUT_MS,
  );

  it(
    'tells the same history twice from one seed, and another from another',
    async () => {
      const hashOf = async (seed: number) => (await simulate(planOf(seed, { days: 1, vans: 2 }))).hash;
      expect(await hashOf(7)).toBe(await hashOf(7));
      expect(await hashOf(7)).not.toBe(await hashOf(8));
    },
    TIMEOUT_MS,
  );

  it.each(readdirSync(SEEDS).filter((name) => name.endsWith('.json')))(
    'is not broken any more by %s',
    async (name) => {
      const { plan } = JSON.parse(readFileSync(join(SEEDS, name), 'utf8')) as { plan: Plan };
      expect((await simulate(plan)).violation).toBeUndefined();
    },
    TIMEOUT_MS,
  );

  it(
    'never says «missed» where the van could have come unseen',
    () => {
      for (let seed = 1; seed <= 2; seed++) expect(absences(seed), `seed ${seed}`).toBeUndefined();
    },
    TIMEOUT_MS,
  );
});

describe.skipIf(!hasStrace() && !process.env.TOURNEE_REQUIRE_ALL)('what a power cut leaves', () => {
  it(
    'is read again, with every row that was told durable',
    async () => {
      const { images, wrong } = await cutImages(3, 240);
      expect(wrong).toEqual([]);
      expect(images).toBe(240);
    },
    TIMEOUT_MS,
  );

  it(
    'serves after a kill at any system call',
    async () => {
      const { wrong } = await killAtCalls(5, 6);
      expect(wrong).toEqual([]);
    },
    TIMEOUT_MS,
  );
});
