import { describe, expect, it } from 'vitest';
import {
  newRecovery,
  RECOVERY_DEFAULTS,
  type RecoveryInput,
  type RecoverySettings,
  stepRecovery,
} from '../../../gateway/core/modem.ts';

const STUCK: RecoveryInput = { registered: true, reachable: false, smsInHand: false };
const WELL: RecoveryInput = { ...STUCK, reachable: true };

/** Looks every 10 s; gives what was done, with the minute at which it was. */
function timeline(settings: Partial<RecoverySettings> = {}) {
  let state = newRecovery();
  let nowMs = 0;
  return (input: RecoveryInput, minutes: number): string[] => {
    const done: string[] = [];
    for (const endMs = nowMs + minutes * 60_000; nowMs < endMs; nowMs += 10_000) {
      const {
        state: next,
        step,
        news,
      } = stepRecovery(state, input, { ...RECOVERY_DEFAULTS, ...settings }, nowMs);
      state = next;
      for (const what of [step, news]) if (what) done.push(`${nowMs / 60_000} ${what}`);
    }
    return done;
  };
}

describe('recovery ladder', () => {
  it('reattaches after 2 min, restarts 2 min later, then rests for half an hour', () => {
    expect(timeline()(STUCK, 40)).toEqual(['2 reattach', '4 reset', '8 gave_up', '38 reattach']);
  });

  it('cuts the supply where it can', () => {
    expect(timeline({ canPowerCycle: true })(STUCK, 15)).toEqual([
      '2 reattach',
      '4 reset',
      '8 power_cycle',
      '13 gave_up',
    ]);
  });

  it('does nothing without registration, nor while it is not known whether data flows', () => {
    expect(timeline()({ ...STUCK, registered: false }, 60)).toEqual([]);
    expect(timeline()({ ...STUCK, reachable: undefined }, 60)).toEqual([]);
  });

  it('starts its patience anew when the registration was lost between', () => {
    const run = timeline();
    run(STUCK, 1.5);
    run({ ...STUCK, registered: false }, 1);
    expect(run(STUCK, 3)).toEqual(['4.5 reattach']);
  });

  it('waits for the end of an SMS', () => {
    const run = timeline();
    expect(run({ ...STUCK, smsInHand: true }, 10)).toEqual([]);
    expect(run(STUCK, 1)).toEqual(['10 reattach']);
  });

  it('says once that data is back, and goes on where it was when that does not last', () => {
    const run = timeline();
    expect(run(STUCK, 3)).toEqual(['2 reattach']);
    expect(run(WELL, 5)).toEqual(['3 recovered']);
    expect(run(STUCK, 5)).toEqual(['10 reset']);
  });

  it('starts at the foot again after 10 min of data', () => {
    const run = timeline();
    run(STUCK, 5);
    expect(run(WELL, 11)).toEqual(['5 recovered']);
    expect(run(STUCK, 3)).toEqual(['18 reattach']);
  });
});
