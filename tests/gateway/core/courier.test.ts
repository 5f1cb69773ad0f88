import { describe, expect, it } from 'vitest';
import {
  COURIER_SETTINGS,
  type CourierEffect,
  type CourierInput,
  type CourierState,
  startCourierState,
  stepCourier,
} from '../../../gateway/core/courier.ts';
import type { JournalExtent, SettledLane } from '../../../gateway/core/courierLanes.ts';

/** A timeline: each call steps the courier at a literal time, and what it wants is compared. */
type Unstamped<I> = I extends unknown ? Omit<I, 'at'> : never;
const extent = (journal: string, urgent: [number, number], bulk: [number, number]): JournalExtent => ({
  journal,
  lanes: {
    urgent: { received: urgent[0], last: urgent[1] },
    bulk: { received: bulk[0], last: bulk[1] },
  },
});
const same = (received: number): SettledLane => ({ outcome: 'same', received });
const advanced = (received: number): SettledLane => ({ outcome: 'advanced', received });

function courier(extents: readonly JournalExtent[]) {
  let state: CourierState = startCourierState(extents, extents.at(-1)!.journal, 0);
  let nextAt = 0;
  const at = (ms: number, input: Unstamped<CourierInput>): CourierEffect[] => {
    const all: CourierEffect[] = [];
    const inputs: CourierInput[] = [{ ...input, at: ms } as CourierInput];
    for (let next = inputs.shift(); next; next = inputs.shift()) {
      const step = stepCourier(state, next, COURIER_SETTINGS);
      ({ state, nextAt } = step);
      for (const effect of step.effects) {
        all.push(effect);
        // The edge publishes all that was asked for.
        if (effect.kind === 'send') {
          const { journal, lane, from, limit } = effect;
          const last = state.journals.find((j) => j.journal === journal)!.lanes[lane].last;
          inputs.push({ kind: 'sent', journal, lane, from, to: Math.min(last, from + limit - 1), at: ms });
        }
      }
    }
    return all;
  };
  const connect = (ms: number) => {
    at(ms, { kind: 'tick' });
    return at(ms, { kind: 'connected', session: 's' });
  };
  const answer = (ms: number, journal: string, urgent: number, bulk: number) =>
    at(ms, {
      kind: 'receipt',
      journal,
      ask: state.ask!.id,
      lanes: { urgent: same(urgent), bulk: same(bulk) },
    });
  return { at, connect, answer, state: () => state, nextAt: () => nextAt };
}
const sends = (effects: readonly CourierEffect[]) =>
  effects.flatMap((e) => (e.kind === 'send' ? [`${e.journal} ${e.lane} ${e.from}`] : []));

describe('courier', () => {
  it('asks first, and sends nothing before the answer', () => {
    const c = courier([extent('a', [0, 1], [0, 10])]);
    expect(c.at(0, { kind: 'tick' })).toEqual([{ kind: 'connect' }]);
    expect(c.at(10, { kind: 'connected', session: 's' })).toEqual([
      { kind: 'status', ask: 's.0', journals: ['a'] },
    ]);
    expect(c.at(20, { kind: 'committed', journal: 'a', last: { urgent: 2 }, due: 10 })).toEqual([]);
    expect(sends(c.answer(30, 'a', 0, 0))).toEqual(['a urgent 1', 'a bulk 1']);
  });

  it('asks, too, about the newest journal that was received whole, and about older ones when that was lost', () => {
    const whole = ['a', 'b', 'c'].map((name) => extent(name, [1, 1], [5, 5]));
    const c = courier([...whole, extent('d', [0, 1], [0, 0])]);
    expect(c.connect(0)).toEqual([{ kind: 'status', ask: 's.0', journals: ['c', 'd'] }]);
    c.answer(1, 'd', 0, 0);
    const lost: SettledLane = { outcome: 'rewound', received: 0 };
    const asked = c.at(2, { kind: 'receipt', journal: 'c', ask: 's.0', lanes: { urgent: lost, bulk: lost } });
    expect(asked).toContainEqual({ kind: 'status', ask: 's.1', journals: ['a', 'b'] });
  });

  it('sends urgent rows of all journals before bulk, each in order of the chain', () => {
    const c = courier([extent('a', [0, 2], [0, 5]), extent('b', [0, 1], [0, 5])]);
    c.connect(0);
    expect(sends(c.answer(1, 'a', 0, 0))).toEqual(['a urgent 1', 'a bulk 1']);
    expect(sends(c.answer(2, 'b', 0, 0))).toEqual(['b urgent 1', 'b bulk 1']);
    const later = courier([extent('a', [0, 0], [0, 3000])]);
    later.connect(0);
    expect(sends(later.answer(1, 'a', 0, 0))).toHaveLength(4);
    later.at(2, { kind: 'committed', journal: 'a', last: { urgent: 1 }, due: 3000 });
    const next = later.at(3, {
      kind: 'receipt',
      journal: 'a',
      lanes: { urgent: same(0), bulk: advanced(500) },
    });
    expect(sends(next)[0]).toBe('a urgent 1');
  });

  it('waits for a hundred rows, five minutes, ten seconds while watched, or an urgent row', () => {
    const quiet = () => {
      const c = courier([extent('a', [0, 1], [0, 0])]);
      c.connect(0);
      c.answer(1, 'a', 0, 0);
      c.at(2, { kind: 'receipt', journal: 'a', lanes: { urgent: advanced(1), bulk: same(0) } });
      return c;
    };
    const commit = (last: number) => ({ kind: 'committed', journal: 'a', last: { bulk: last } }) as const;
    let c = quiet();
    expect(sends(c.at(1000, commit(99)))).toEqual([]);
    expect(sends(c.at(2000, commit(100)))).toEqual(['a bulk 1']);
    c = quiet();
    c.at(1000, commit(5));
    expect(sends(c.at(300_999, { kind: 'tick' }))).toEqual([]);
    expect(sends(c.at(301_000, { kind: 'tick' }))).toEqual(['a bulk 1']);
    c = quiet();
    c.at(900, { kind: 'watched', forMs: 60_000 });
    c.at(1000, commit(5));
    expect(c.nextAt()).toBe(11_000);
    expect(sends(c.at(11_000, { kind: 'tick' }))).toEqual(['a bulk 1']);
    c = quiet();
    c.at(1000, commit(5));
    expect(sends(c.at(2000, { kind: 'committed', journal: 'a', last: { urgent: 2 }, due: 5 }))).toEqual([
      'a urgent 2',
      'a bulk 1',
    ]);
  });

  it('never has more than its window in flight, and narrows it when receipts come late', () => {
    const c = courier([extent('a', [0, 0], [0, 100_000])]);
    c.connect(0);
    expect(sends(c.answer(1, 'a', 0, 0))).toHaveLength(4);
    for (let n = 1; n <= 60; n++)
      c.at(1 + n, { kind: 'receipt', journal: 'a', lanes: { urgent: same(0), bulk: advanced(n * 500) } });
    expect(c.state().window).toBe(32);
    expect(c.state().flights.length).toBe(32);
    c.at(5000, { kind: 'receipt', journal: 'a', lanes: { urgent: same(0), bulk: advanced(61 * 500) } });
    expect(c.state().window).toBe(16);
  });

  it('splits what makes no progress down to one row, and then refuses it', () => {
    const c = courier([extent('a', [0, 0], [0, 4])]);
    c.connect(0);
    c.answer(1, 'a', 0, 0);
    const sizes: number[] = [];
    let refused: CourierEffect | undefined;
    for (let ms = 10; !refused && ms < 200_000; ms += 3000) {
      c.at(ms, { kind: 'receipt', journal: 'a', lanes: { urgent: same(0), bulk: same(0) } });
      const effects = c.at(ms + 2500, { kind: 'tick' });
      for (const e of effects) if (e.kind === 'send') sizes.push(Math.min(e.limit, 4));
      refused = effects.find((e) => e.kind === 'refuse');
    }
    expect(sizes).toEqual([4, 4, 2, 2, 1, 1, 1]);
    expect(refused).toEqual({ kind: 'refuse', journal: 'a', lane: 'bulk', seq: 1 });
  });

  it('does not take the receipt of one lane for a refusal of the other', () => {
    const c = courier([extent('a', [0, 1], [0, 4])]);
    c.connect(0);
    c.answer(1, 'a', 0, 0);
    c.at(2, { kind: 'receipt', journal: 'a', lanes: { urgent: advanced(1), bulk: same(0) } });
    expect(c.state().journals[0]!.lanes.bulk.stalled).toBe(false);
  });

  it('takes a minute without a receipt for a dead link, and 20 s without a PUBACK', () => {
    const c = courier([extent('a', [0, 1], [0, 0])]);
    c.connect(0);
    expect(c.at(59_999, { kind: 'tick' })).toEqual([]);
    expect(c.at(60_000, { kind: 'tick' })).toEqual([{ kind: 'disconnect', cause: 'no_receipt' }]);
    const d = courier([extent('a', [0, 1], [0, 0])]);
    d.connect(0);
    d.answer(1, 'a', 0, 0);
    expect(d.at(20_001, { kind: 'tick' })).toEqual([{ kind: 'disconnect', cause: 'timeout' }]);
  });

  it('backs off with full jitter, doubles to two minutes, and begins anew after a good link', () => {
    const c = courier([extent('a', [0, 1], [0, 0])]);
    let ms = 0;
    const waits: number[] = [];
    for (let n = 0; n < 9; n++) {
      c.at(ms, { kind: 'tick' });
      c.at(ms, { kind: 'closed', cause: 'refused', random: 1 });
      waits.push(c.state().deadlineAt - ms);
      ms = c.state().deadlineAt;
    }
    expect(waits).toEqual([2000, 4000, 8000, 16_000, 32_000, 64_000, 120_000, 120_000, 120_000]);
    c.connect(ms);
    c.answer(ms + 1, 'a', 1, 0);
    c.at(ms + 60_000, { kind: 'closed', cause: 'closed', random: 1 });
    expect(c.state().deadlineAt).toBe(ms + 61_000);
  });

  it('beats more slowly while no duty is expected', () => {
    const c = courier([extent('a', [1, 1], [0, 0])]);
    c.connect(0);
    c.answer(1, 'a', 1, 0);
    c.at(2, { kind: 'quiet', quiet: true });
    expect(c.at(239_999, { kind: 'tick' })).toEqual([]);
    expect(c.at(240_000, { kind: 'tick' })).toEqual([{ kind: 'status' }]);
    expect(c.nextAt()).toBe(480_000);
    expect(c.at(300_000, { kind: 'quiet', quiet: false }), 'a minute is over').toEqual([{ kind: 'status' }]);
    expect(c.nextAt()).toBe(360_000);
  });

  it('publishes its status again after a minute in which nothing else went', () => {
    const c = courier([extent('a', [1, 1], [0, 0])]);
    c.connect(0);
    c.answer(1, 'a', 1, 0);
    expect(c.at(30_000, { kind: 'published' })).toEqual([]);
    expect(c.at(89_999, { kind: 'tick' })).toEqual([]);
    expect(c.at(90_000, { kind: 'tick' })).toEqual([{ kind: 'status' }]);
    expect(c.nextAt()).toBe(150_000);
  });

  it('asks again about a journal whose receipt lies below its cursor', () => {
    const c = courier([extent('a', [1, 1], [0, 200])]);
    c.connect(0);
    c.answer(1, 'a', 1, 0);
    c.at(2, { kind: 'receipt', journal: 'a', lanes: { urgent: same(1), bulk: advanced(200) } });
    const behind: SettledLane = { outcome: 'behind', received: 200 };
    const asked = c.at(3, { kind: 'receipt', journal: 'a', lanes: { urgent: same(1), bulk: behind } });
    expect(asked.some((e) => e.kind === 'status' && e.journals?.includes('a'))).toBe(true);
  });

  it('asks about a journal whose cursor a reopened file has lost', () => {
    const c = courier([extent('a', [0, 0], [0, 5])]);
    c.connect(0);
    c.answer(1, 'a', 0, 0);
    c.at(2, { kind: 'receipt', journal: 'a', lanes: { urgent: same(0), bulk: advanced(5) } });
    const asked = c.at(3, {
      kind: 'extents',
      extents: [extent('a', [0, 0], [3, 5]), extent('b', [0, 1], [0, 0])],
      current: 'b',
    });
    expect(asked).toContainEqual({ kind: 'status', ask: 's.1', journals: ['a', 'b'] });
    expect(
      sends(
        c.at(4, { kind: 'receipt', journal: 'a', ask: 's.1', lanes: { urgent: same(0), bulk: advanced(5) } }),
      ),
    ).toEqual([]);
  });

  it('does not wait for rows that are offered already, told of twice by a reopened file', () => {
    const c = courier([extent('a', [0, 0], [0, 0])]);
    c.connect(0);
    c.at(1, {
      kind: 'extents',
      extents: [extent('a', [0, 0], [0, 0]), extent('b', [0, 1], [0, 1])],
      current: 'c',
    });
    c.at(2, { kind: 'committed', journal: 'b', last: { bulk: 1 } });
    expect(c.state().journals[1]!.lanes.bulk).not.toHaveProperty('waitingAt');
  });

  it('leaves a forked lane alone and goes on with the others', () => {
    const c = courier([extent('a', [0, 0], [0, 5]), extent('b', [0, 1], [0, 5])]);
    c.connect(0);
    const fork: SettledLane = { outcome: 'fork', received: 0 };
    c.at(1, { kind: 'receipt', journal: 'a', ask: 's.0', lanes: { urgent: same(0), bulk: fork } });
    expect(sends(c.answer(2, 'b', 0, 0))).toEqual(['b urgent 1', 'b bulk 1']);
  });
});
