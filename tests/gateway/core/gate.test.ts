import { describe, expect, it } from 'vitest';
import { gateSettings, initialGate, repairedAt, stepGate } from '../../../gateway/core/gate.ts';
import type { Fix } from '../../../protocol/readings.ts';
import { at, DAY_MS, north } from '../../visit/day.ts';

const BUILD_MS = Date.UTC(2025, 0, 1);
const ROLLOVER_MS = 1024 * 7 * 86_400_000;
const fixAt = (ms: number, metres: number, more: Partial<Fix> = {}): Fix => {
  const { lat: latitude, lon: longitude } = north(metres);
  return { at: ms, latitude, longitude, accuracyM: 5, speedMps: 0, ...more };
};
/** What the gate says of each: `moving`, `rest`, `late`, or the reason of a rejection. */
function gated(fixes: readonly Fix[], nowMs?: number): string[] {
  let state = initialGate();
  return fixes.map((fix) => {
    const step = stepGate(state, fix, gateSettings(BUILD_MS), nowMs);
    state = JSON.parse(JSON.stringify(step.state));
    const { rejected, fix: believed } = step.verdict;
    return rejected ?? (believed.late ? 'late' : believed.moving ? 'moving' : 'rest');
  });
}
const seconds = (n: number, make: (s: number) => Fix) => Array.from({ length: n }, (_, s) => make(s));

describe('gate', () => {
  it('turns speed into moving with two thresholds', () => {
    const speeds = [0, 0.9, 1.3, 0.9, 0.6, 0.9];
    expect(gated(speeds.map((speedMps, s) => fixAt(at(9, 0, s), 0, { speedMps })))).toEqual([
      'rest',
      'rest',
      'moving',
      'moving',
      'rest',
      'rest',
    ]);
  });

  it('finds motion without a speed, and none in a wandering error', () => {
    const bare = (ms: number, metres: number, accuracyM = 5): Fix => {
      const { speedMps: _, ...fix } = fixAt(ms, metres, { accuracyM });
      return fix;
    };
    const drive = gated(seconds(20, (s) => bare(at(9, 0, s), s < 8 ? 0 : 6 * (s - 8))));
    expect(drive.slice(0, 8).every((word) => word === 'rest')).toBe(true);
    expect(drive.slice(11).every((word) => word === 'moving')).toBe(true);
    const drift = gated(seconds(300, (s) => bare(at(9, 0, s), 30 * Math.sin(s / 60), 40)));
    expect(drift.filter((word) => word === 'moving')).toEqual([]);
  });

  it('rejects what is nowhere, a repetition, and an error as wide as a village', () => {
    const fixes = [
      fixAt(at(9, 0), 0),
      fixAt(at(9, 0), 5),
      { ...fixAt(at(9, 1), 0), latitude: 0, longitude: 0 },
      fixAt(at(9, 2), 0, { accuracyM: 900 }),
      fixAt(at(9, 3), 0),
    ];
    expect(gated(fixes)).toEqual(['rest', 'duplicate', 'place', 'accuracy', 'rest']);
  });

  it('rejects the future, where there is a clock', () => {
    expect(gated([fixAt(at(9, 0), 0), fixAt(at(12, 0), 0)], at(9, 1))).toEqual(['rest', 'future']);
    expect(gated([fixAt(at(9, 0), 0), fixAt(at(12, 0), 0)])).toEqual(['rest', 'rest']);
  });

  it('rejects what no van can reach, for seconds; believes it when it stays', () => {
    const away = (s: number) => s >= 10 && s < 17;
    const outlier = gated(seconds(30, (s) => fixAt(at(9, 0, s), away(s) ? 400 : 0)));
    expect(outlier.filter((word) => word === 'speed')).toHaveLength(7);
    const moved = gated(seconds(80, (s) => fixAt(at(9, 0, s), s < 5 ? 0 : 5000)));
    expect(moved.indexOf('rest', 5)).toBe(65 + 0);
  });

  it('passes a van at 130 km/h', () => {
    const words = gated(seconds(60, (s) => fixAt(at(9, 0, s), 36 * s, { speedMps: 36 })));
    expect(new Set(words)).toEqual(new Set(['moving']));
  });

  it('marks an older fix late and leaves its own time to it', () => {
    expect(gated([fixAt(at(9, 5), 0), fixAt(at(9, 4), 3000), fixAt(at(9, 6), 0)])).toEqual([
      'rest',
      'late',
      'rest',
    ]);
  });

  it('repairs a week rollover, once or twice, and says so', () => {
    const lost = fixAt(at(9, 0) - ROLLOVER_MS, 0);
    const { verdict } = stepGate(initialGate(), lost, gateSettings(BUILD_MS));
    expect(verdict.fix).toMatchObject({ at: at(9, 0), rollover: true });
    expect(repairedAt(DAY_MS - 2 * ROLLOVER_MS, BUILD_MS)).toBe(DAY_MS);
    expect(repairedAt(DAY_MS, BUILD_MS)).toBe(DAY_MS);
  });
});

describe('a receiver that repeats itself', () => {
  const jitter = (s: number) => 0.5 * Math.sin(s * 1.7);

  it('is static hold when it stands', () => {
    const held = gated(seconds(1200, (s) => fixAt(at(9, 0, s), 0)));
    expect(held.filter((word) => word === 'stuck')).toEqual([]);
  });

  it('is stuck when its own speed contradicts it', () => {
    const words = gated(seconds(10, (s) => fixAt(at(9, 0, s), 0, { speedMps: 9 })));
    expect(words.slice(3)).toEqual(Array(7).fill('stuck'));
  });

  it('is stuck when it has jittered for ten minutes without ever freezing', () => {
    const proven = gated(seconds(700, (s) => fixAt(at(9, 0, s), s < 650 ? jitter(s) : jitter(649))));
    expect(proven.slice(653).every((word) => word === 'stuck')).toBe(true);
    const early = gated(seconds(400, (s) => fixAt(at(9, 0, s), s < 300 ? jitter(s) : jitter(299))));
    expect(early).not.toContain('stuck');
  });
});
