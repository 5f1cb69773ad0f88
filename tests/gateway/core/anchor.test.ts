import { describe, expect, it } from 'vitest';
import { type AnchorState, type Observation, stepAnchor } from '../../../gateway/core/anchor.ts';

const gnss = (utcMs: number, monoMs: number): Observation => ({ utcMs, monoMs, source: 'gnss' });

function fold(observations: Observation[], from: AnchorState = {}) {
  return observations.reduce<{ state: AnchorState; changes: number }>(
    ({ state, changes }, seen) => {
      const next = stepAnchor(state, seen);
      return { state: next.state, changes: changes + (next.changed ? 1 : 0) };
    },
    { state: from, changes: 0 },
  );
}

describe('anchor', () => {
  it('believes GNSS time at the third epoch that agrees', () => {
    const two = fold([gnss(1_000_000, 0), gnss(1_001_000, 1000)]);
    expect(two.state.anchor).toBeUndefined();
    const three = fold([gnss(1_002_000, 2000)], two.state);
    expect(three.state.anchor).toEqual({ offsetMs: 1_000_000, source: 'gnss' });
  });

  it('is not moved by one wild date', () => {
    const wild = fold([
      gnss(1_000_000, 0),
      gnss(9_000_000_000, 1000),
      gnss(1_002_000, 2000),
      gnss(1_003_000, 3000),
      gnss(1_004_000, 4000),
    ]);
    expect(wild.state.anchor?.offsetMs).toBe(1_000_000);
    expect(fold([gnss(9_000_000_000, 5000)], wild.state).changes).toBe(0);
  });

  it('takes NTP at once and is corrected by thirty epochs that agree on another time', () => {
    const ntp = fold([{ utcMs: 500_000, monoMs: 0, source: 'ntp' }]);
    expect(ntp.state.anchor).toEqual({ offsetMs: 500_000, source: 'ntp' });
    const later = Array.from({ length: 30 }, (_, i) => gnss(900_000 + i * 1000, i * 1000));
    expect(fold(later.slice(0, 29), ntp.state).changes).toBe(0);
    expect(fold(later, ntp.state).state.anchor).toEqual({ offsetMs: 900_000, source: 'gnss' });
  });
});
