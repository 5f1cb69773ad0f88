import { describe, expect, it } from 'vitest';
import type { PublicFacts } from '../../visit/public.ts';
import { publicStateOf, VERDICT_GRACE_MS } from '../../visit/publicState.ts';
import { at, factsOf, gps } from '../parts/publicFacts.ts';

const stateAt = (now: number, facts: Partial<PublicFacts>) => {
  const { state, source } = publicStateOf(factsOf(facts), now);
  return `${state} ${source}`;
};
const word = (state: 'late' | 'moved' | 'cancelled' | 'on_site', time: string, more = {}) => ({
  state,
  atMs: at(time),
  ...more,
});

it('labels what was told without a link with the time at which it was told', () => {
  const crew = word('late', '09:40', { toldMs: at('09:31') });
  expect(publicStateOf(factsOf({ heardMs: at('09:40'), claims: { crew } }), at('09:41')).atMs).toBe(
    at('09:31'),
  );
});

describe('who is believed', () => {
  const heardMs = at('09:40');
  it.each([
    [
      'office over everybody',
      { office: word('late', '09:10'), planner: word('cancelled', '09:20'), crew: word('on_site', '09:30') },
      'late office',
    ],
    [
      'planner over crew when it had seen the crew',
      { planner: word('cancelled', '09:20', { sawCrew: true }), crew: word('late', '09:10') },
      'cancelled plan',
    ],
    [
      'crew over planner when it had seen the planner',
      { planner: word('cancelled', '09:10'), crew: word('late', '09:20', { sawPlanner: true }) },
      'late crew',
    ],
    [
      'the more cautious of two that had not seen each other: planner',
      { planner: word('cancelled', '09:10'), crew: word('late', '09:11') },
      'cancelled plan',
    ],
    [
      'the more cautious of two that had not seen each other: crew',
      { planner: word('moved', '09:10'), crew: word('cancelled', '09:11') },
      'cancelled crew',
    ],
    ['crew over van', { crew: word('cancelled', '09:20'), gps: word('on_site', '09:30') }, 'cancelled crew'],
    [
      'the van, there after «late»',
      { crew: word('late', '09:20'), gps: word('on_site', '09:30') },
      'on_site gps',
    ],
    [
      '«late» told after an older word of the van',
      { crew: word('late', '09:30'), gps: word('on_site', '09:20') },
      'late crew',
    ],
    [
      'the button before the van has settled',
      { crew: word('on_site', '09:30', { open: true }), gps: { state: 'approaching', atMs: at('09:29') } },
      'on_site crew',
    ],
    [
      '«late» told after what the van saw, when both came at once',
      {
        crew: word('late', '09:40', { toldMs: at('09:31') }),
        gps: word('on_site', '09:40', { toldMs: at('09:20') }),
      },
      'late crew',
    ],
    ['the plan when nobody said anything', {}, 'planned plan'],
  ] as const)('%s', (_name, claims, expected) => {
    expect(stateAt(at('09:40'), { heardMs, claims })).toBe(expected);
  });

  it('keeps «open» of the button when the van then settles, and the arrival of the van under the button', () => {
    const crew = word('on_site', '09:30', { open: true });
    const settled = factsOf({
      heardMs,
      claims: { crew, gps: { state: 'on_site', atMs: at('09:31'), arrivedMs: at('09:24') } },
    });
    expect(publicStateOf(settled, at('09:40'))).toMatchObject({
      source: 'gps',
      open: true,
      arrivedMs: at('09:24'),
    });
    const pressed = factsOf({
      heardMs,
      claims: { crew, gps: { state: 'on_site', atMs: at('09:25'), arrivedMs: at('09:24') } },
    });
    expect(publicStateOf(pressed, at('09:40'))).toMatchObject({
      source: 'crew',
      open: true,
      arrivedMs: at('09:24'),
    });
  });

  it('tells estimates in steps of five minutes, outwards', () => {
    const late = word('late', '09:20', { expectedFromMs: at('10:03'), expectedToMs: at('10:11') });
    expect(publicStateOf(factsOf({ heardMs, claims: { crew: late } }), at('09:40'))).toMatchObject({
      expectedFromMs: at('10:00'),
      expectedToMs: at('10:15'),
    });
  });
});

describe('silence', () => {
  const there = gps({ state: 'on_site', arrivedMs: at('09:24'), atMs: at('09:24') });

  it('comes after 150 s parked and 90 s moving, not a millisecond before', () => {
    for (const [moving, limit] of [
      [false, 150_000],
      [true, 90_000],
    ] as const) {
      const facts = { heardMs: at('10:00'), moving, ...there };
      expect(stateAt(at('10:00') + limit, facts)).toBe('on_site gps');
      expect(stateAt(at('10:00') + limit + 1, facts)).toBe('unknown gps');
    }
  });

  it('keeps the arrival and gives the last news as its age', () => {
    const state = publicStateOf(factsOf({ heardMs: at('10:00'), ...there }), at('10:30'));
    expect(state).toMatchObject({ state: 'unknown', arrivedMs: at('09:24'), atMs: at('10:00') });
  });

  it('counts only while a duty is expected, and from its beginning', () => {
    const heardMs = at('17:00', '2026-11-23');
    expect(stateAt(at('08:29'), { heardMs })).toBe('planned plan');
    expect(stateAt(at('08:31'), { heardMs })).toBe('planned plan');
    expect(stateAt(at('08:33'), { heardMs })).toBe('unknown plan');
  });

  it('says nothing about the visits of another day', () => {
    const tomorrow = {
      id: 'v2',
      date: '2026-11-25',
      heardMs: at('08:00'),
      dutyFromMs: at('08:30', '2026-11-25'),
    };
    expect(stateAt(at('10:00'), tomorrow)).toBe('planned plan');
  });

  it.each([
    ['missed', gps({ state: 'missed', atMs: at('12:00') }), at('12:40'), 'missed gps'],
    ['cancelled', { claims: { crew: word('cancelled', '08:00') } }, at('10:40'), 'cancelled crew'],
    ['over', gps({ state: 'left', leftMs: at('12:00'), atMs: at('12:01') }), at('12:40'), 'left gps'],
    ['told by head office', { claims: { office: word('on_site', '09:40') } }, at('10:40'), 'on_site office'],
  ])('never changes what is %s', (_name, facts, now, expected) => {
    expect(stateAt(now, { heardMs: at('08:40'), ...facts })).toBe(expected);
  });

  it('is what a van in quarantine is answered with, however loud it is', () => {
    expect(stateAt(at('10:00'), { heardMs: at('10:00'), quarantined: true, ...there })).toBe('unknown gps');
  });
});

describe('a window that ends', () => {
  it('waits for the verdict of the van, then says that nobody knows', () => {
    const heardMs = at('12:10');
    const late = gps({ state: 'late', atMs: at('09:35') });
    expect(stateAt(at('12:00') + VERDICT_GRACE_MS - 1, { heardMs, ...late })).toBe('late gps');
    expect(stateAt(at('12:00') + VERDICT_GRACE_MS, { heardMs, ...late })).toBe('unknown gps');
  });

  it('does not leave yesterday’s visit planned', () => {
    expect(stateAt(at('09:00', '2026-11-25'), { heardMs: at('09:00', '2026-11-25') })).toBe('unknown plan');
  });

  it('does not leave an agency there for ever when the van fell silent after the window', () => {
    const there = gps({ state: 'on_site', arrivedMs: at('09:24'), atMs: at('09:24') });
    expect(stateAt(at('12:05'), { heardMs: at('12:05'), ...there })).toBe('on_site gps');
    expect(stateAt(at('18:00'), { heardMs: at('12:05'), ...there })).toBe('unknown gps');
  });
});
