import { describe, expect, it } from 'vitest';
import { boardOf, changesOf, chosenOf } from '../../../dashboard/core/publicBoard.ts';
import { at, factsOf, gps } from '../../parts/publicFacts.ts';

const ids = (told: readonly { facts: { id: string } }[]) => told.map(({ facts }) => facts.id);

describe('the board', () => {
  const facts = [
    factsOf({ id: 'today', heardMs: at('09:30') }),
    factsOf({ id: 'later', date: '2026-12-29' }),
    factsOf({ id: 'elsewhere', commune: '37115', heardMs: at('09:30') }),
  ];

  it('tells a change once, and an age not at all', () => {
    const first = boardOf(facts, at('09:31'));
    const older = boardOf(facts, at('09:32'), first);
    expect(changesOf(first, older)).toEqual([]);
    const arrived = [
      {
        ...facts[0]!,
        heardMs: at('09:33'),
        ...gps({ state: 'on_site', arrivedMs: at('09:32'), atMs: at('09:33') }),
      },
      ...facts.slice(1),
    ];
    const next = boardOf(arrived, at('09:33'), older);
    expect(ids(changesOf(older, next))).toEqual(['today', 'elsewhere']);
    const heard = [{ ...arrived[0]!, heardMs: at('09:34') }, ...arrived.slice(1)];
    const same = boardOf(heard, at('09:34'), next);
    expect(changesOf(next, same)).toEqual([]);
    expect(same.byId.get('today')!.json.at > next.byId.get('today')!.json.at).toBe(true);
  });

  it('does not tell a coming day again before its day, and does at midnight', () => {
    const first = boardOf(facts, at('09:31'));
    expect(boardOf(facts, at('09:32'), first).byId.get('later')).toBe(first.byId.get('later'));
    const onTheDay = boardOf(facts, at('00:00', '2026-12-29'), first);
    expect(ids(changesOf(first, onTheDay))).toContain('later');
  });

  it('becomes unknown by the passing of time alone', () => {
    const first = boardOf(facts, at('09:31'));
    const later = boardOf(facts, at('09:34'), first);
    expect(ids(changesOf(first, later))).toEqual(['today', 'elsewhere']);
  });

  it('chooses today first, what is over last, else the next date', () => {
    const day = [
      factsOf({ id: 'morning', from: '08:00', to: '09:00' }),
      factsOf({ id: 'noon', from: '11:00', to: '12:00' }),
      factsOf({ id: 'later', date: '2026-12-29' }),
    ];
    const at10 = chosenOf(boardOf(day, at('10:00')).visits, at('10:00'));
    expect([ids(at10.now), ids(at10.later)]).toEqual([['noon', 'morning'], ['later']]);
    const evening = chosenOf(boardOf(day, at('10:00', '2026-11-25')).visits, at('10:00', '2026-11-25'));
    expect([ids(evening.now), ids(evening.later)]).toEqual([['later'], []]);
    expect(chosenOf([], at('10:00'))).toEqual({ now: [], later: [] });
  });

  it('keeps a visit that crosses midnight until it ends', () => {
    const night = boardOf([factsOf({ id: 'night', from: '22:00', to: '01:00' })], at('00:30', '2026-11-25'));
    expect(ids(chosenOf(night.visits, at('00:30', '2026-11-25')).now)).toEqual(['night']);
  });
});
