import { describe, expect, it } from 'vitest';
import {
  type CoverageState,
  coverageAt,
  coverageNews,
  initialCoverage,
  stepCoverage,
} from '../../../gateway/core/coverage.ts';
import { destination, type Place } from '../../../protocol/geo.ts';

const STOP: Place = { latitude: 47.0437, longitude: 0.8183 };
const DAY = 86_400_000;
const T0 = Date.parse('2026-11-03T09:30:00+01:00');

/** An hour parked at `place` on day `n`. */
function park(state: CoverageState, n: number, place: Place, link: 'good' | 'offline', rsrpDbm: number) {
  let next = state;
  for (let minute = 0; minute < 60; minute++)
    next = stepCoverage(next, { at: T0 + n * DAY + minute * 60_000, place, link, rsrpDbm });
  return next;
}

describe('the coverage memory', () => {
  it('counts a pass once a day, and says how many had no network', () => {
    let state = initialCoverage();
    for (const [n, link] of (['offline', 'good', 'offline', 'offline'] as const).entries())
      state = park(state, n * 7, STOP, link, link === 'good' ? -101 : -118);
    expect(coverageAt(state, destination(STOP, 15, 80))).toEqual({ passes: 4, without: 3 });
  });

  it('names the better spot that was seen', () => {
    let state = initialCoverage();
    state = park(state, 0, STOP, 'offline', -119);
    state = park(state, 7, STOP, 'offline', -119);
    state = park(state, 14, destination(STOP, 80, 90), 'good', -97);
    const expected = coverageAt(state, STOP)!;
    expect(expected.betterM).toBeGreaterThanOrEqual(70);
    expect(expected.betterM).toBeLessThanOrEqual(90);
    expect(Math.abs(expected.betterDeg! - 90)).toBeLessThan(15);
  });

  it('says nothing of a place seen once, or well covered, or passed by', () => {
    expect(coverageAt(park(initialCoverage(), 0, STOP, 'offline', -119), STOP)).toBeUndefined();
    let good = initialCoverage();
    for (let n = 0; n < 4; n++) good = park(good, n, STOP, 'good', -90);
    expect(coverageAt(good, STOP)).toBeUndefined();
    let passing = initialCoverage();
    for (let n = 0; n < 9; n++)
      passing = stepCoverage(passing, { at: T0 + n * DAY, place: STOP, link: 'offline' });
    expect(coverageAt(passing, STOP)).toBeUndefined();
  });

  it('is told the evening before and on approach, and not in between', () => {
    let state = initialCoverage();
    for (let n = 0; n < 3; n++) state = park(state, n, STOP, 'offline', -119);
    const fromMs = Date.parse('2026-11-24T09:30:00+01:00');
    const visits = [{ visit: 'v1', name: 'Ligueil', place: STOP, fromMs, toMs: fromMs + 9_000_000 }];
    const news = (time: string) => coverageNews(state, visits, Date.parse(time), 'Europe/Paris');
    expect(news('2026-11-23T16:00:00+01:00')).toBeUndefined();
    expect(news('2026-11-23T17:30:00+01:00')).toMatchObject({ visit: 'v1', passes: 3, without: 3 });
    expect(news('2026-11-24T07:00:00+01:00')).toBeUndefined();
    expect(news('2026-11-24T08:50:00+01:00')).toMatchObject({ visit: 'v1' });
    expect(news('2026-11-24T12:30:00+01:00')).toBeUndefined();
  });

  it('is bounded', () => {
    let state = initialCoverage();
    for (let n = 0; n < 2300; n++)
      state = stepCoverage(state, {
        at: T0 + n * 60_000,
        place: destination(STOP, n * 120, 45),
        link: 'good',
      });
    expect(Object.keys(state.cells).length).toBeLessThanOrEqual(2000);
  });
});
