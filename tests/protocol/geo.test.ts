import { Geodesic } from 'geographiclib-geodesic';
import { describe, expect, it } from 'vitest';
import { bearingDeg, destination, distanceM } from '../../protocol/geo.ts';
import { apartM } from '../../visit/place.ts';

/** Our distances against Karney's geodesics: a stop is some dozens of metres, a leg some dozens of kilometres. */
const LIGUEIL = { latitude: 47.0433, longitude: 0.8178 };

const geodesicM = (a: typeof LIGUEIL, b: typeof LIGUEIL): number =>
  Geodesic.WGS84.Inverse(a.latitude, a.longitude, b.latitude, b.longitude).s12!;

describe('geo', () => {
  it.each([20, 60, 150, 300])('a place %i m away is that far, within 1 ‰ and 10 cm', (metres) => {
    for (let bearing = 0; bearing < 360; bearing += 15) {
      const there = destination(LIGUEIL, metres, bearing);
      expect(Math.abs(geodesicM(LIGUEIL, there) - metres)).toBeLessThan(0.1);
      expect(Math.abs(distanceM(LIGUEIL, there) - metres)).toBeLessThan(0.1);
      // A sphere's metre is shorter or longer than the ellipsoid's by 0.3 % here.
      expect(Math.abs(apartM(LIGUEIL, there) - metres)).toBeLessThan(0.005 * metres);
    }
  });

  it('a leg of 25 km is within 1 ‰', () => {
    const preuilly = { latitude: 46.8544, longitude: 0.9291 };
    const true_ = geodesicM(LIGUEIL, preuilly);
    expect(Math.abs(distanceM(LIGUEIL, preuilly) - true_)).toBeLessThan(true_ / 1000);
  });

  it('bearings go round from north', () => {
    for (const bearing of [0, 90, 180, 270])
      expect(
        Math.abs(((bearingDeg(LIGUEIL, destination(LIGUEIL, 500, bearing)) - bearing + 540) % 360) - 180),
      ).toBeLessThan(0.1);
  });
});
