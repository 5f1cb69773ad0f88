import { describe, expect, it } from 'vitest';
import {
  type DutyInput,
  type DutyState,
  type DutyWindow,
  initialDuty,
  restoreDuty,
  stepDuty,
} from '../../../gateway/core/duty.ts';
import { DUTY_DEFAULTS } from '../../../gateway/core/settings.ts';
import { DutyRow } from '../../../protocol/rows.ts';

const day = (date: string, from: string, to: string): DutyWindow => ({
  date,
  fromMs: Date.parse(`${date}T${from}:00+01:00`),
  toMs: Date.parse(`${date}T${to}:00+01:00`),
});
const WINDOWS = [
  day('2026-11-24', '09:30', '12:00'),
  day('2026-11-24', '14:00', '16:30'),
  day('2026-11-25', '09:30', '12:00'),
];
const at = (time: string, date = '2026-11-24') => Date.parse(`${date}T${time}:00+01:00`);

function bench(first: DutyState = initialDuty(), settings = DUTY_DEFAULTS) {
  let state = first;
  const said: string[] = [];
  const step = (input: DutyInput) => {
    const result = stepDuty(state, input, settings);
    state = result.state;
    for (const row of result.events) {
      expect(DutyRow.safeParse(row).success).toBe(true);
      said.push(`${row.at!.slice(11, 16)} ${row.on ? 'on' : 'off'} ${row.why}`);
    }
    return result;
  };
  step({ kind: 'windows', at: at('06:00'), windows: WINDOWS });
  return {
    said,
    step,
    tick: (time: string, date?: string) => step({ kind: 'tick', at: at(time, date) }),
    act: (time: string, act: 'off_duty' | 'on_duty' | 'pause', minutes?: number) =>
      step({ kind: 'act', at: at(time), act, ...(minutes ? { minutes } : {}) }),
    state: () => state,
  };
}

describe('duty', () => {
  it('runs from an hour before the first window to an hour after the last, lunch included', () => {
    const b = bench();
    expect(stepDuty(b.state(), { kind: 'tick', at: at('07:00') }).nextAt).toBe(at('08:30'));
    for (const time of ['08:29', '08:30', '13:00', '17:29', '17:30']) b.tick(time);
    expect(b.said).toEqual(['07:30 on agenda', '16:30 off agenda']);
  });

  it('is prolonged while a visit is on site, but not for a van that is left there overnight', () => {
    const b = bench();
    b.tick('08:30');
    b.step({ kind: 'presence', at: at('14:05'), visit: 'v2', state: 'on_site' });
    b.tick('17:45');
    expect(b.state()).toMatchObject({ on: true, why: 'visit' });
    b.step({ kind: 'presence', at: at('18:10'), visit: 'v2', state: 'left' });
    expect(b.said.at(-1)).toBe('17:10 off agenda');
    const left = bench();
    left.tick('08:30');
    left.step({ kind: 'presence', at: at('14:05'), visit: 'v2', state: 'on_site' });
    left.tick('20:29');
    expect(left.state().on).toBe(true);
    left.tick('20:30');
    expect(left.state().on).toBe(false);
  });

  it('obeys the switch for the rest of the day, on site or not, and begins anew the next day', () => {
    const b = bench();
    b.tick('08:30');
    b.step({ kind: 'presence', at: at('09:25'), visit: 'v1', state: 'on_site' });
    b.act('10:00', 'off_duty');
    for (const time of ['12:30', '14:10', '17:00']) b.tick(time);
    expect(b.said).toEqual(['07:30 on agenda', '09:00 off switch']);
    b.tick('08:30', '2026-11-25');
    expect(b.said.at(-1)).toBe('07:30 on agenda');
  });

  it('stays off when the agenda is replaced after the switch', () => {
    const b = bench();
    b.tick('08:45');
    b.act('08:50', 'off_duty');
    b.step({ kind: 'windows', at: at('08:55'), windows: [day('2026-11-24', '10:30', '12:00')] });
    b.tick('09:45');
    expect(b.state().on).toBe(false);
  });

  it('is off all day for a switch made before the day begins', () => {
    const b = bench();
    b.act('07:00', 'off_duty');
    b.tick('10:00');
    expect(b.state().on).toBe(false);
  });

  it('comes back from a pause by itself, or by the switch', () => {
    const b = bench();
    b.tick('08:30');
    expect(b.act('12:00', 'pause', 60).nextAt).toBe(at('13:00'));
    b.tick('12:59');
    expect(b.state().on).toBe(false);
    b.tick('13:00');
    expect(b.state().on).toBe(true);
    b.act('15:00', 'pause');
    b.tick('16:00');
    expect(b.state().on).toBe(false);
    b.act('16:01', 'on_duty');
    expect(b.state()).toMatchObject({ on: true, why: 'agenda' });
  });

  it('begun by the switch outside the windows, ends by itself', () => {
    const b = bench();
    b.act('18:00', 'on_duty');
    expect(b.state()).toMatchObject({ on: true, why: 'switch' });
    b.tick('22:00');
    expect(b.state().on).toBe(false);
  });

  it('survives a restart: who was off stays off', () => {
    const off = restoreDuty(
      { kind: 'duty', at: '2026-11-24T09:00:00.000Z', on: false, why: 'switch' },
      at('10:00'),
    );
    const b = bench(off);
    b.tick('10:05');
    b.tick('14:30');
    expect(b.said).toEqual([]);
    b.tick('09:00', '2026-11-25');
    expect(b.state().on).toBe(true);
  });

  it('on the bench is always on', () => {
    const b = bench(initialDuty(), { ...DUTY_DEFAULTS, mode: 'always' });
    b.act('10:00', 'off_duty');
    expect(b.state()).toMatchObject({ on: true, why: 'always' });
  });
});
