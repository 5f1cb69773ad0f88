import { describe, expect, it } from 'vitest';
import { noticesDue } from '../../../dashboard/core/notices.ts';
import { boardOf } from '../../../dashboard/core/publicBoard.ts';
import type { PublicFacts } from '../../../visit/public.ts';
import { at, factsOf } from '../../parts/publicFacts.ts';

const due = (facts: Partial<PublicFacts>, now: number) =>
  noticesDue(boardOf([factsOf({ heardMs: now, ...facts })], now).visits[0]!, now).map(({ key }) => key);

const arrived = (time: string, told = time) => ({
  claims: { gps: { state: 'on_site' as const, arrivedMs: at(time), atMs: at(told) } },
});

describe('what is told', () => {
  it('the day before, between 17 h and 21 h', () => {
    const eve = '2026-11-23';
    expect(due({}, at('16:59', eve))).toEqual([]);
    expect(due({}, at('17:00', eve))).toEqual(['v1|eve|2026-11-24']);
    expect(due({}, at('21:00', eve))).toEqual([]);
    expect(due({}, at('17:00', '2026-11-22'))).toEqual([]);
  });

  it('an arrival that is not older than ten minutes', () => {
    expect(due(arrived('09:24'), at('09:26'))).toEqual(['v1|arrived|2026-11-24T08:24:00.000Z']);
    expect(due(arrived('09:24', '09:40'), at('09:40')), 'out of a backlog').toEqual([]);
  });

  it('the same arrival once, however often it is told again or opened', () => {
    const open = {
      claims: { gps: { state: 'on_site' as const, open: true, arrivedMs: at('09:24'), atMs: at('09:31') } },
    };
    expect(due(open, at('09:31'))).toEqual(due(arrived('09:24'), at('09:26')));
  });

  it('late, cancelled and moved until the window ends, once a row', () => {
    const off = (row: string) => ({
      claims: { crew: { state: 'cancelled' as const, atMs: at('08:00'), row } },
    });
    expect(due(off('van/j/urgent/7'), at('11:59'))).toEqual(['v1|cancelled|van/j/urgent/7']);
    expect(due(off('van/j/urgent/9'), at('11:59'))).toEqual(['v1|cancelled|van/j/urgent/9']);
    expect(due(off('van/j/urgent/7'), at('12:00'))).toEqual([]);
    const moved = {
      claims: { planner: { state: 'moved' as const, atMs: at('08:00'), movedTo: { name: 'x' } } },
    };
    expect(due(moved, at('08:10'))).toEqual(['v1|moved|2026-11-24T07:00:00.000Z']);
  });

  it('nothing at night; what still holds in the morning then', () => {
    const off = {
      claims: { crew: { state: 'cancelled' as const, atMs: at('23:00', '2026-11-23'), row: 'r' } },
    };
    expect(due(off, at('23:01', '2026-11-23'))).toEqual([]);
    expect(due(off, at('06:59'))).toEqual([]);
    expect(due(off, at('07:00'))).toEqual(['v1|cancelled|r']);
  });

  it('nothing of a silent van, nothing of an end', () => {
    expect(due({ heardMs: at('09:00') }, at('09:40'))).toEqual([]);
    expect(
      due({ claims: { gps: { state: 'left', leftMs: at('11:00'), atMs: at('11:00') } } }, at('11:01')),
    ).toEqual([]);
  });
});
