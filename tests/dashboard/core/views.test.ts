import { describe, expect, it } from 'vitest';
import type { StoredRow } from '../../../dashboard/core/feed.ts';
import type { OfficeAct } from '../../../dashboard/core/office.ts';
import {
  type DepotInput,
  type DepotState,
  newDepot,
  publicFacts,
  stepDepot,
} from '../../../dashboard/core/views.ts';
import type { Agenda } from '../../../protocol/agenda.ts';
import type { Row, RowOf } from '../../../protocol/rows.ts';
import { isoOf, msOf } from '../../../protocol/time.ts';
import { statementOf } from '../../../visit/statement.ts';

/** Timelines on 24 November 2026, Paris (UTC + 1): local times in the tests. */
const DAY = '2026-11-24';
const at = (time: string, date = DAY): number =>
  msOf(`${date}T${time.length === 5 ? `${time}:00` : time}.000+01:00`)!;

const STOP = { id: 'lig', name: 'Ligueil', commune: '37130', lat: 47.0421, lon: 0.8189, radius: 80 };
const OTHER = { id: 'pre', name: 'Preuilly', commune: '37189', lat: 46.8547, lon: 0.9287, radius: 80 };
const AGENDA: Agenda = {
  version: 3,
  timezone: 'Europe/Paris',
  stops: [STOP, OTHER],
  visits: [
    { id: 'v1', stop: 'lig', date: DAY, from: '09:30', to: '12:00', van: 'one' },
    { id: 'v2', stop: 'pre', date: DAY, from: '14:00', to: '16:30', van: 'one' },
    { id: 'v3', stop: 'lig', date: '2026-12-29', from: '09:30', to: '12:00', van: 'one' },
  ],
};

function depot(agenda = AGENDA, vans = ['one']) {
  let state: DepotState = newDepot(vans, at('06:00'));
  let seq = 0;
  const step = (input: DepotInput) => {
    const done = stepDepot(state, input);
    state = done.state;
    return done.changed;
  };
  step({ kind: 'agenda', agenda, at: at('06:00') });
  const self = {
    step,
    get state() {
      return state;
    },
    tick: (time: string) => step({ kind: 'tick', at: at(time) }),
    agenda: (next: Agenda, time: string) => step({ kind: 'agenda', agenda: next, at: at(time) }),
    rows(time: string, ...bodies: Row[]) {
      const receivedAt = at(time);
      const rows = bodies.map(
        (row): StoredRow => ({
          van: 'one',
          journal: 'j',
          lane: 'urgent',
          seq: ++seq,
          text: JSON.stringify(row),
          row,
          receivedAt,
        }),
      );
      return step({ kind: 'feed', event: { kind: 'rows', van: 'one', rows, receivedAt } });
    },
    status(time: string, state: 'online' | 'offline', session: string, more: object = {}, will = false) {
      const status = { state, session, at: isoOf(at(time)), ...more };
      return step({
        kind: 'feed',
        event: { kind: 'status', van: 'one', status, will, receivedAt: at(time) },
      });
    },
    position(time: string, moving: boolean, fixTime = time) {
      const position = { at: isoOf(at(fixTime)), latitude: 47.04, longitude: 0.82, moving, fixAgeMs: 0 };
      return step({ kind: 'feed', event: { kind: 'position', van: 'one', position, receivedAt: at(time) } });
    },
    offDuty: (time: string) =>
      step({
        kind: 'feed',
        event: { kind: 'position', van: 'one', position: undefined, receivedAt: at(time) },
      }),
    tell: (word: Partial<OfficeAct>, time: string) =>
      step({
        kind: 'office',
        word: {
          kind: 'act',
          visit: 'v1',
          key: time,
          by: 'Anne',
          at: isoOf(at(time)),
          act: 'open',
          ...word,
        } as OfficeAct,
        at: at(time),
      }),
    get view() {
      return state.vans.get('one')!.view;
    },
    visit: (id: string) => state.vans.get('one')!.view.visits.find((v) => v.id === id)!,
  };
  return self;
}

const verdict = (
  time: string,
  state: RowOf<'visit'>['state'],
  more: Partial<RowOf<'visit'>> = {},
): RowOf<'visit'> => ({
  kind: 'visit',
  at: isoOf(at(time)),
  visit: 'v1',
  agenda: 3,
  state,
  because: 'test',
  evidence: {},
  ...more,
});

describe('views of a van', () => {
  it('follows a plain day: fresh, on site, open, gone; the bars are what was held', () => {
    const d = depot();
    expect(d.view.freshness).toBe('never');
    d.status('09:00', 'online', 'a', { duty: true, agenda: 3 });
    expect(d.view).toMatchObject({ freshness: 'fresh', agenda: { taken: 3, published: 3 } });
    d.rows('09:25', verdict('09:25', 'on_site', { evidence: { since: isoOf(at('09:24')) } }));
    expect(d.visit('v1')).toMatchObject({ state: 'on_site', source: 'gps', arrivedAt: isoOf(at('09:24')) });
    d.rows('09:31', verdict('09:31', 'on_site', { open: true }));
    d.rows('12:01', verdict('12:01', 'left', { evidence: { since: isoOf(at('11:58')) } }));
    expect(d.visit('v1').held).toEqual([
      { from: isoOf(at('09:24')), to: isoOf(at('09:31')) },
      { from: isoOf(at('09:31')), open: true, to: isoOf(at('11:58')) },
    ]);
    expect(d.visit('v1').state).toBe('left');
    expect(d.visit('v2').state).toBe('planned');
  });

  it('names the row behind a claim: a notice is given once a row', () => {
    const d = depot();
    const claims = () => publicFacts(d.state).find((f) => f.id === 'v1')!.claims;
    d.rows('09:40', verdict('09:40', 'late'));
    expect(claims().gps?.row).toBe('one/j/urgent/1');
    const late = { kind: 'act', at: isoOf(at('09:41')), key: 'k', act: 'late', minutes: 15 } as const;
    d.rows('09:41', { ...late, visit: 'v1', agenda: 3 });
    expect(claims().crew?.row).toBe('one/j/urgent/2');
    d.rows('09:50', verdict('09:50', 'late'));
    expect(claims()).toMatchObject({ gps: { row: 'one/j/urgent/3' }, crew: { row: 'one/j/urgent/2' } });
  });

  it('is silent after 90 s moving and 150 s parked, and only while a duty is expected', () => {
    const d = depot();
    d.status('09:00', 'online', 'a', { duty: true });
    d.position('09:00', true);
    d.tick('09:01:30');
    expect(d.view.freshness).toBe('fresh');
    d.tick('09:01:31');
    expect(d.view.freshness).toBe('silent');
    d.position('09:02', false);
    d.tick('09:04:30');
    expect(d.view.freshness).toBe('fresh');
    d.tick('09:04:31');
    expect(d.view.freshness).toBe('silent');
    expect(d.visit('v1').state).toBe('unknown');
    d.offDuty('09:05');
    d.tick('09:30');
    expect(d.view).toMatchObject({ freshness: 'off_duty', duty: false });
    expect(d.view.position).toBeUndefined();
  });

  it('shows a will at once, ignores the will of an older session, and a will is not news', () => {
    const d = depot();
    d.status('09:00', 'online', 'a', { duty: true });
    expect(d.status('09:00:20', 'offline', 'a', {}, true)).toEqual(['one']);
    expect(d.view).toMatchObject({ freshness: 'offline', heardAt: isoOf(at('09:00')) });
    d.status('09:01', 'online', 'b', { duty: true });
    d.status('09:01:05', 'offline', 'a', {}, true);
    expect(d.view.freshness).toBe('fresh');
  });

  it('never moves a position backwards, and greys one whose fix is old', () => {
    const d = depot();
    d.status('09:00', 'online', 'a', { duty: true });
    d.position('09:10', true, '09:10');
    d.position('09:11', true, '09:05');
    expect(d.view.position?.at).toBe(isoOf(at('09:10')));
    d.rows('09:12', { kind: 'fix', at: isoOf(at('09:08')), latitude: 1, longitude: 1, moving: true });
    expect(d.view.position).toMatchObject({ latitude: 47.04, stale: true });
  });

  it('holds an agenda row of an older version only while place and window are the same', () => {
    const moved: Agenda = {
      ...AGENDA,
      version: 4,
      visits: AGENDA.visits.map((v) => (v.id === 'v1' ? { ...v, from: '10:00' } : v)),
    };
    const d = depot();
    d.status('08:50', 'online', 'a', { duty: true });
    d.agenda(moved, '09:00');
    d.rows('09:20', verdict('09:19', 'approaching', { agenda: 3 }));
    expect(d.visit('v1').state).toBe('planned');
    d.rows('09:21', verdict('09:21', 'approaching', { agenda: 4 }));
    expect(d.visit('v1').state).toBe('approaching');
    const same: Agenda = { ...moved, version: 5 };
    d.agenda(same, '09:22');
    expect(d.visit('v1').state).toBe('approaching');
  });

  it('lets head office speak for a dead van, and the van answer later', () => {
    const d = depot();
    d.tick('09:40');
    expect(d.visit('v1').state).toBe('unknown');
    d.tell({ act: 'late', minutes: 45 }, '09:41');
    expect(d.visit('v1')).toMatchObject({
      state: 'late',
      source: 'office',
      expectedFrom: isoOf(at('10:15')),
    });
    d.status('10:20', 'online', 'a', { duty: true });
    d.rows('10:21', verdict('10:20', 'on_site'));
    expect(d.visit('v1')).toMatchObject({ state: 'on_site', source: 'gps' });
  });

  it('lets a correction stand over the van until it is withdrawn; both stay', () => {
    const d = depot();
    d.status('09:00', 'online', 'a', { duty: true });
    d.rows('09:25', verdict('09:25', 'missed'));
    const word = {
      kind: 'correction',
      visit: 'v1',
      id: 'c1',
      state: 'left',
      reason: 'vue sur place',
      by: 'Anne',
      at: isoOf(at('13:00')),
    } as const;
    d.step({ kind: 'office', word, at: at('13:00') });
    expect(d.visit('v1')).toMatchObject({ state: 'left', source: 'office', byVan: { state: 'missed' } });
    d.step({
      kind: 'office',
      word: { ...word, id: 'c2', withdraws: 'c1', at: isoOf(at('13:05')) },
      at: at('13:05'),
    });
    expect(d.visit('v1').state).toBe('missed');
  });

  it('shows planner against driver as a conflict until one has seen the other', () => {
    const cancelled: Agenda = {
      ...AGENDA,
      version: 4,
      visits: AGENDA.visits.map((v) => (v.id === 'v1' ? { ...v, cancelled: { reason: 'neige' } } : v)),
    };
    const act: RowOf<'act'> = {
      kind: 'act',
      at: isoOf(at('09:29')),
      key: 'k1',
      act: 'open',
      visit: 'v1',
      agenda: 3,
    };
    const d = depot();
    d.status('09:00', 'online', 'a', { duty: true });
    d.rows('09:29', act);
    d.agenda(cancelled, '09:30');
    expect(d.visit('v1')).toMatchObject({ state: 'cancelled', conflict: true });
    d.agenda({ ...cancelled, version: 5, seen: ['k1'] }, '09:31');
    expect(d.visit('v1')).toMatchObject({ state: 'cancelled' });
    expect(d.visit('v1').conflict).toBeUndefined();
  });

  it('tells nothing from two gateways under one identity until staff have seen it', () => {
    const d = depot();
    d.status('09:00', 'online', 'a', { duty: true });
    d.rows('09:25', verdict('09:25', 'on_site'));
    const trust = {
      kind: 'trust',
      van: 'one',
      concern: 'clone',
      journal: 'x',
      values: {},
      receivedAt: at('09:26'),
    } as const;
    d.step({ kind: 'feed', event: trust });
    expect(d.visit('v1').state).toBe('unknown');
    expect(d.view.alerts[0]).toMatchObject({ alert: 'clone', severity: 'critical', byDepot: true });
    d.step({ kind: 'seen', episode: d.view.alerts[0]!.episode, seenAt: isoOf(at('09:27')), at: at('09:27') });
    expect(d.visit('v1').state).toBe('on_site');
    expect(d.view.alerts[0]?.acknowledged).toBe(true);
  });

  it('raises and clears episodes; a worse one asks to be seen again', () => {
    const alert = (
      time: string,
      change: RowOf<'alert'>['change'],
      severity: RowOf<'alert'>['severity'],
    ): Row => ({
      kind: 'alert',
      at: isoOf(at(time)),
      episode: 'e1',
      alert: 'house_battery',
      change,
      severity,
      values: {},
    });
    const d = depot();
    d.rows('10:00', alert('10:00', 'raised', 'warning'));
    d.rows('10:01', alert('10:01', 'acknowledged', 'warning'));
    expect(d.view.alerts).toMatchObject([{ episode: 'e1', acknowledged: true, since: isoOf(at('10:00')) }]);
    d.rows('10:05', alert('10:05', 'worsened', 'critical'));
    expect(d.view.alerts[0]?.acknowledged).toBeUndefined();
    d.rows('10:09', alert('10:09', 'cleared', 'critical'));
    expect(d.view.alerts).toEqual([]);
  });

  it('turns to the next day at local midnight and keeps a visit that runs past it', () => {
    const night: Agenda = {
      ...AGENDA,
      visits: [{ id: 'v1', stop: 'lig', date: DAY, from: '23:00', to: '01:00', van: 'one' }],
    };
    const d = depot(night);
    expect(d.state.plan?.day.date).toBe(DAY);
    d.step({ kind: 'tick', at: at('00:00', '2026-11-25') });
    expect(d.state.plan?.day.date).toBe('2026-11-25');
    expect(d.view.visits.map((v) => v.id)).toEqual(['v1']);
  });

  it('makes a difference of verdicts an alert, and takes it back', () => {
    const d = depot();
    d.step({ kind: 'verdict', van: 'one', date: '2026-11-23', differs: true, at: at('07:00') });
    expect(d.view.alerts).toMatchObject([{ alert: 'verdict_differs', values: { date: '2026-11-23' } }]);
    d.step({ kind: 'verdict', van: 'one', date: '2026-11-23', differs: false, at: at('08:00') });
    expect(d.view.alerts).toEqual([]);
  });

  it('says nothing of a van that the configuration does not name', () => {
    const d = depot();
    const event = { kind: 'position', van: 'ghost', position: undefined, receivedAt: at('09:00') } as const;
    expect(d.step({ kind: 'feed', event })).toEqual([]);
    expect([...d.state.vans.keys()]).toEqual(['one']);
  });

  it('gives staff the very sentence of the tenants', () => {
    const d = depot();
    d.status('09:00', 'online', 'a', { duty: true });
    d.rows('09:25', verdict('09:25', 'on_site', { open: true }));
    for (const facts of publicFacts(d.state).filter((f) => f.date === DAY))
      expect(d.visit(facts.id).statement).toEqual(statementOf(facts, d.state.at).text);
    expect(publicFacts(d.state).find((f) => f.id === 'v1')?.next?.date).toBe('2026-12-29');
  });

  it('answers one van’s news alone: nothing else is said to have changed', () => {
    const d = depot({ ...AGENDA }, ['one', 'two']);
    expect(d.position('09:10', true)).toEqual(['one']);
    expect(d.tick('09:10:01')).toEqual([]);
  });
});
