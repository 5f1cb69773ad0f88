import { describe, expect, it } from 'vitest';
import type { BelievedFix } from '../../../gateway/core/gate.ts';
import {
  initialKeep,
  KEEP_DEFAULTS,
  type KeepState,
  keepLost,
  keepRejected,
  lostAt,
  rowOfFix,
  rowOfLost,
  stepKeep,
} from '../../../gateway/core/keep.ts';
import { FixRow, LostRow } from '../../../protocol/rows.ts';
import { referenceDay } from '../../../simulators/referenceDay.ts';
import { apartM } from '../../../visit/place.ts';
import { inputOfRow } from '../../../visit/presence.ts';
import type { FixInput } from '../../../visit/presenceInput.ts';
import { at, north } from '../../visit/day.ts';

const STOP = { latitude: north(0).lat, longitude: north(0).lon, radiusM: 60 };
const believed = (ms: number, metres: number, moving: boolean, east = 0): BelievedFix => {
  const { lat: latitude, lon } = north(metres);
  return { at: ms, latitude, longitude: lon + east / 75_800, accuracyM: 5.04, moving };
};
function kept(fixes: readonly BelievedFix[], from: KeepState = initialKeep()): FixInput[] {
  let state = from;
  return fixes.flatMap((fix) => {
    const step = stepKeep(state, fix, [STOP]);
    state = JSON.parse(JSON.stringify(step.state));
    return step.kept ?? [];
  });
}
const seconds = (n: number, make: (s: number) => BelievedFix) => Array.from({ length: n }, (_, s) => make(s));

describe('keep', () => {
  it('is dense from the approach until the halt is settled, then one a minute', () => {
    const approach = kept(seconds(30, (s) => believed(at(9, 0, s), 400 - 10 * s, true)));
    expect(approach).toHaveLength(30);
    const halt = kept(seconds(1200, (s) => believed(at(9, 0, s), 0, false)));
    const settledS = KEEP_DEFAULTS.settledMs / 1000;
    expect(halt.filter((fix) => fix.at < at(9, 0, settledS))).toHaveLength(settledS);
    expect(halt).toHaveLength(settledS + Math.floor((1200 - settledS) / 60));
  });

  it('is sparse on a straight road, one a minute, and keeps each start and stop', () => {
    const road = kept(seconds(300, (s) => believed(at(9, 0, s), 5000 + 20 * s, true)));
    expect(road.map((fix) => (fix.at - at(9, 0)) / 1000)).toEqual([0, 60, 120, 180, 240]);
    const lights = kept(
      seconds(60, (s) => believed(at(9, 0, s), 5000 + (s < 20 ? 10 * s : 200), s < 20 || s >= 40)),
    );
    expect(lights.map((fix) => (fix.at - at(9, 0)) / 1000)).toEqual([0, 20, 40]);
  });

  it('keeps at once whatever breaks a settled halt', () => {
    const fixes = seconds(700, (s) => believed(at(9, 0, s), s < 680 ? 0 : 3 * (s - 680), s >= 680));
    expect(kept(fixes).some((fix) => fix.at === at(9, 0, 680))).toBe(true);
    const drifted = seconds(700, (s) => believed(at(9, 0, s), s < 650 ? 0 : 40, false));
    expect(kept(drifted).some((fix) => fix.at === at(9, 0, 650))).toBe(true);
  });

  it('stays within 10 m of the track of a real road, at less than a twentieth of its fixes', () => {
    const track: BelievedFix[] = [];
    for (const input of referenceDay(4)) {
      if (input.kind !== 'fix') continue;
      const { latitude, longitude, accuracyM, speedMps = 0 } = input.fix;
      track.push({ at: input.at, latitude, longitude, accuracyM: accuracyM!, moving: speedMps > 1 });
    }
    let state = initialKeep();
    const rows = track.flatMap((fix) => {
      const step = stepKeep(state, fix, []);
      state = step.state;
      return step.kept ?? [];
    });
    let i = 0;
    let worst = 0;
    for (const fix of track) {
      while (i + 1 < rows.length && rows[i + 1]!.at <= fix.at) i++;
      if (fix.moving && rows[i + 1]) worst = Math.max(worst, offLineM(rows[i]!, rows[i + 1]!, fix));
    }
    expect(worst).toBeLessThanOrEqual(10);
    expect(rows.length).toBeLessThan(track.length / 20);
  });

  it('tells a loss after 10 s, and keeps the next fix with the number rejected', () => {
    let state = stepKeep(initialKeep(), believed(at(9, 0), 9000, false), [STOP]).state;
    expect(lostAt(state, KEEP_DEFAULTS)).toBe(at(9, 0, 10));
    for (let i = 0; i < 3; i++) state = keepRejected(state, 'speed');
    const lost = keepLost(state, at(9, 0, 10));
    expect(LostRow.parse(rowOfLost(lost.lost))).toEqual(rowOfLost(lost.lost));
    expect(lost.lost.last).toBe(at(9, 0));
    expect(lostAt(lost.state, KEEP_DEFAULTS)).toBeUndefined();
    const next = stepKeep(lost.state, believed(at(9, 0, 15), 9000, false), [STOP]);
    expect(next.kept).toMatchObject({ rejected: 3 });
  });

  it('quantises before anybody sees a value, and a row gives back the same input', () => {
    const [fix] = kept([{ ...believed(at(9, 0), 12.34567, true), rollover: true, satellitesUsed: 9 }]);
    expect(fix!.accuracyM).toBe(5);
    expect(fix!.latitude).toBe(Math.round(fix!.latitude * 1e6) / 1e6);
    const row = FixRow.parse(rowOfFix(fix!));
    const { rollover: _, ...seen } = fix!;
    expect(inputOfRow(row)).toEqual(seen);
  });

  it('thins a backlog to one in ten seconds', () => {
    const late = seconds(100, (s) => ({ ...believed(at(8, 0, s), 0, false), late: true as const }));
    expect(kept(late)).toHaveLength(10);
  });

  it('thins a receiver of ten a second to one', () => {
    const fast = Array.from({ length: 100 }, (_, i) => believed(at(9, 0) + i * 100, 300 - i, true));
    expect(kept(fast).length).toBeLessThanOrEqual(12);
  });
});

/** Metres of `p` from the segment `a b`. */
function offLineM(a: FixInput, b: FixInput, p: BelievedFix): number {
  const [ab, ap, bp] = [apartM(a, b), apartM(a, p), apartM(b, p)];
  if (ab < 1) return ap;
  const along = (ap ** 2 - bp ** 2 + ab ** 2) / (2 * ab);
  if (along <= 0) return ap;
  return along >= ab ? bp : Math.sqrt(Math.max(0, ap ** 2 - along ** 2));
}
