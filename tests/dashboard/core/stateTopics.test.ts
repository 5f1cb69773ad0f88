import { describe, expect, it } from 'vitest';
import { happenings } from '../../../dashboard/core/happenings.ts';
import { currentVisit, statePayloads } from '../../../dashboard/core/stateTopics.ts';
import type { VanView, VisitView } from '../../../dashboard/core/vanView.ts';

const iso = (time: string) => `2026-11-24T${time}:00.000Z`;
const visit = (id: string, from: string, to: string, state: VisitView['state']): VisitView => ({
  id,
  van: 'one',
  stop: id,
  name: id,
  commune: '37130',
  latitude: 47,
  longitude: 0.8,
  date: '2026-11-24',
  from,
  to,
  fromAt: iso(from),
  toAt: iso(to),
  state,
  source: 'gps',
  at: iso('08:00'),
  statement: { fr: 'x', en: 'x' },
  held: [],
});
const VIEW: VanView = {
  van: 'one',
  freshness: 'fresh',
  heardAt: iso('09:00'),
  position: {
    at: iso('09:00'),
    receivedAt: iso('09:00'),
    latitude: 47.04,
    longitude: 0.82,
    moving: false,
    stale: false,
  },
  visits: [visit('a', '08:30', '11:00', 'on_site'), visit('b', '13:00', '15:30', 'planned')],
  alerts: [],
  devices: [],
  messages: [],
  link: { at: iso('08:59'), state: 'good', technology: '4g' },
  agenda: { published: 1 },
};

describe('state topics', () => {
  it('tell the visit going on, and no position', () => {
    const payloads = statePayloads(VIEW, iso('09:00'));
    expect(payloads['state/visit']).toMatchObject({ visit: 'a', state: 'on_site', source: 'gps' });
    expect(payloads['state/link']).toMatchObject({ state: 'good', technology: '4g', at: iso('09:00') });
    expect(JSON.stringify(payloads)).not.toMatch(/47\.04|latitude/);
  });
  it('turn silence into unknown', () => {
    const payloads = statePayloads({ ...VIEW, freshness: 'silent' }, iso('09:10'));
    expect(payloads['state/link']).toMatchObject({ state: 'unknown' });
    expect(payloads['state/link']).not.toHaveProperty('technology');
  });
  it.each([
    [['on_site', 'planned'], '09:00', 'a'],
    [['left', 'planned'], '11:30', 'b'],
    [['left', 'left'], '16:00', 'b'],
    [['cancelled', 'planned'], '09:00', 'b'],
  ] as const)('%j at %s is about %s', ([a, b], at, expected) => {
    const visits = [visit('a', '08:30', '11:00', a), visit('b', '13:00', '15:30', b)];
    expect(currentVisit(visits, iso(at))?.id).toBe(expected);
  });
});

describe('happenings', () => {
  const alert = { episode: 'e', alert: 'house_battery', severity: 'warning', values: {} } as const;
  it.each([
    ['nothing', VIEW, []],
    ['silence', { ...VIEW, freshness: 'silent' as const }, [{ event: 'van', freshness: 'silent' }]],
    [
      'a departure',
      { ...VIEW, visits: [visit('a', '08:30', '11:00', 'left'), VIEW.visits[1]!] },
      [{ event: 'visit', visit: { id: 'a', state: 'left' } }],
    ],
    ['an alert', { ...VIEW, alerts: [alert] }, [{ event: 'alert', change: 'raised' }]],
    ['a move', { ...VIEW, position: { ...VIEW.position!, latitude: 48 } }, []],
  ])('tells %s', (_name, after, expected) => {
    expect(happenings(VIEW, after)).toMatchObject(expected);
  });
  it('tells an alert that worsens, and one that is over', () => {
    const before = { ...VIEW, alerts: [alert] };
    expect(happenings(before, { ...VIEW, alerts: [{ ...alert, severity: 'critical' }] })).toMatchObject([
      { change: 'changed' },
    ]);
    expect(happenings(before, VIEW)).toMatchObject([{ change: 'cleared' }]);
  });
});
