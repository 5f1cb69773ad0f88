import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { distanceM } from '../../protocol/geo.ts';
import { commune } from '../../simulators/communes.ts';
import { makeRandom } from '../../simulators/random.ts';
import { COUNTRY_ROAD, makeTrip } from '../../simulators/route.ts';

const [LIGUEIL, PREUILLY] = [commune('Ligueil'), commune('Preuilly-sur-Claise')];
const seeds = fc.integer({ min: 0, max: 2 ** 32 - 1 });

describe('a country road', () => {
  it('joins its ends, is 1.03 to 1.5 times the crow and never faster than allowed', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const trip = makeTrip(LIGUEIL, PREUILLY, COUNTRY_ROAD, makeRandom(seed));
        expect(distanceM(trip.at(0), LIGUEIL)).toBeLessThan(1);
        expect(distanceM(trip.at(trip.durationS), PREUILLY)).toBeLessThan(5);
        const crooked = trip.lengthM / distanceM(LIGUEIL, PREUILLY);
        expect(crooked).toBeGreaterThan(1.03);
        expect(crooked).toBeLessThan(1.5);
        for (let s = 0; s < trip.durationS; s += 7)
          expect(trip.at(s).speedMps).toBeLessThanOrEqual(COUNTRY_ROAD.maxKmh / 3.6 + 1e-9);
      }),
      { numRuns: 10 },
    );
  });

  it('moves as far as its speed says, and slows for villages, bends and junctions', () => {
    const trip = makeTrip(LIGUEIL, PREUILLY, COUNTRY_ROAD, makeRandom(3));
    let halts = 0;
    let last = trip.at(0);
    for (let s = 1; s <= trip.durationS; s++) {
      const now = trip.at(s);
      expect(distanceM(last, now)).toBeLessThan((last.speedMps + now.speedMps) / 2 + 2.5);
      expect(Math.abs(now.speedMps - last.speedMps)).toBeLessThan(4);
      if (now.speedMps === 0 && last.speedMps > 0) halts++;
      last = now;
    }
    expect(halts).toBeGreaterThan(1);
    expect(trip.at(20).speedMps).toBeLessThan(45 / 3.6 + 0.01);
  });

  it('gives the same motion whatever was asked before', () => {
    const trip = makeTrip(LIGUEIL, PREUILLY, COUNTRY_ROAD, makeRandom(5));
    const forward = [100, 300, 900].map((s) => trip.at(s));
    expect([900, 300, 100].map((s) => trip.at(s)).reverse()).toEqual(forward);
  });
});
