import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { agendaChanges, forbidden } from '../../../dashboard/core/agendaChanges.ts';
import { agendaIcal, linesOfIcal } from '../../../dashboard/core/agendaIcal.ts';
import { agendaOfVan, contentOf } from '../../../dashboard/core/agendaOfVan.ts';
import { agendaTable, mergeTable } from '../../../dashboard/core/agendaTable.ts';
import { csvOf } from '../../../dashboard/core/csv.ts';
import {
  addDays,
  daysBetween,
  holidaysOf,
  isDate,
  mondayOf,
  monthSpan,
  weekdayOf,
} from '../../../dashboard/core/days.ts';
import {
  copyWeek,
  freshId,
  moveVisit,
  putStop,
  removeVisit,
  repeatVisit,
} from '../../../dashboard/core/planning.ts';
import { Agenda, type Visit } from '../../../protocol/agenda.ts';
import { MAX_AGENDA_BYTES } from '../../../protocol/messages.ts';

const VISIT: Visit = { id: 'v1', stop: 'lig', date: '2026-11-24', from: '09:30', to: '12:00', van: 'one' };
const AGENDA: Agenda = {
  version: 3,
  timezone: 'Europe/Paris',
  stops: [
    { id: 'lig', name: 'Ligueil', commune: '37130', lat: 47.0421, lon: 0.8189, radius: 80 },
    { id: 'pre', name: 'Preuilly, place', commune: '37189', lat: 46.8547, lon: 0.9287, radius: 80 },
  ],
  visits: [VISIT, { ...VISIT, id: 'v2', stop: 'pre', date: '2026-11-26', van: 'two' }],
};

describe('calendar', () => {
  it.each([
    ['2026-11-24', 2, '2026-11-23'],
    ['2026-11-29', 7, '2026-11-23'],
    ['2028-02-29', 2, '2028-02-28'],
  ])('%s is weekday %i of the week of %s', (date, weekday, monday) => {
    expect(weekdayOf(date)).toBe(weekday);
    expect(mondayOf(date)).toBe(monday);
  });
  it('knows what exists, and how long a month is', () => {
    expect([isDate('2026-02-29'), isDate('2028-02-29'), isDate('26-1-1')]).toEqual([false, true, false]);
    expect(monthSpan('2026-12')).toEqual({ first: '2026-12-01', next: '2027-01-01' });
    expect(addDays('2026-12-31', 1)).toBe('2027-01-01');
    expect(daysBetween('2026-02-27', '2026-03-01')).toBe(2);
  });
  it('knows the eleven holidays', () => {
    expect([...holidaysOf(2026)].sort()).toEqual([
      '2026-01-01',
      '2026-04-06',
      '2026-05-01',
      '2026-05-08',
      '2026-05-14',
      '2026-05-25',
      '2026-07-14',
      '2026-08-15',
      '2026-11-01',
      '2026-11-11',
      '2026-12-25',
    ]);
    expect([...holidaysOf(2027)]).toEqual(expect.arrayContaining(['2027-03-29', '2027-05-06', '2027-05-17']));
  });
});

describe('the planner’s gestures', () => {
  it('repeats each fifth Tuesday and skips a holiday', () => {
    const wanted = { everyWeeks: 5, until: '2027-04-30', skipHolidays: true };
    const easterMonday = { ...VISIT, date: '2027-02-22' };
    const { agenda, added, skipped } = repeatVisit(
      { ...AGENDA, visits: [easterMonday] },
      easterMonday,
      wanted,
    );
    expect({ added, skipped }).toEqual({ added: 0, skipped: 1 });
    expect(agenda.visits).toHaveLength(1);
    const plain = repeatVisit(AGENDA, VISIT, wanted);
    expect(plain.agenda.visits.filter((v) => v.stop === 'lig').map((v) => v.date)).toEqual([
      '2026-11-24',
      '2026-12-29',
      '2027-02-02',
      '2027-03-09',
      '2027-04-13',
    ]);
    expect(repeatVisit(plain.agenda, VISIT, wanted).added).toBe(0);
  });
  it('copies a week once, without what was cancelled that day', () => {
    const cancelled = {
      ...AGENDA,
      visits: AGENDA.visits.map((v) => ({ ...v, cancelled: { reason: 'neige' } })),
    };
    const copied = copyWeek(cancelled, '2026-11-23', '2026-12-28');
    const made = copied.visits.slice(2);
    expect(made.map((v) => [v.date, v.stop, v.cancelled])).toEqual([
      ['2026-12-29', 'lig', undefined],
      ['2026-12-31', 'pre', undefined],
    ]);
    expect(copyWeek(copied, '2026-11-23', '2026-12-28').visits).toHaveLength(4);
    expect(new Set(copied.visits.map((v) => v.id)).size).toBe(4);
  });
  it('never gives an id that is held', () => {
    const id = freshId(AGENDA, '2026-11-24', 'lig');
    const held = { ...AGENDA, visits: [...AGENDA.visits, { ...VISIT, id }] };
    expect(freshId(held, '2026-11-24', 'lig')).toBe(`${id}-2`);
  });
  it('names what a draft changes, and refuses to remove a visit of today', () => {
    const moved = moveVisit(AGENDA, 'v2', '2026-11-27');
    expect(agendaChanges(AGENDA, moved)).toMatchObject([{ visit: 'v2', kind: 'moved' }]);
    const gone = removeVisit(AGENDA, 'v1');
    const changes = agendaChanges(AGENDA, gone);
    expect(changes).toMatchObject([{ visit: 'v1', kind: 'removed' }]);
    expect(forbidden(changes, '2026-11-24')).toHaveLength(1);
    expect(forbidden(changes, '2026-11-25')).toHaveLength(0);
    const cancelled = { ...AGENDA, visits: AGENDA.visits.map((v) => ({ ...v, cancelled: { reason: 'x' } })) };
    expect(agendaChanges(AGENDA, cancelled).map((c) => c.kind)).toEqual(['cancelled', 'cancelled']);
    expect(agendaChanges(cancelled, AGENDA).map((c) => c.kind)).toEqual(['restored', 'restored']);
    expect(agendaChanges(AGENDA, { ...AGENDA, visits: [...AGENDA.visits].reverse() })).toEqual([]);
  });
  it('puts a stop in place of the one with its id', () => {
    const stop = { ...AGENDA.stops[0]!, radius: 40 };
    expect(putStop(AGENDA, stop).stops.map((s) => s.radius)).toEqual([40, 80]);
  });
});

describe('files', () => {
  const lines = (agenda: Agenda) => {
    const [head, ...rows] = agendaTable(agenda);
    return rows.map((row) =>
      Object.fromEntries(row.map((cell, n) => [head![n], cell === undefined ? '' : `${cell}`])),
    );
  };
  it('gives back by table what it gave out', () => {
    const cancelled = {
      ...AGENDA,
      visits: [{ ...VISIT, cancelled: { reason: 'neige' } }, AGENDA.visits[1]!],
    };
    expect(Agenda.parse(mergeTable(AGENDA, lines(cancelled)))).toEqual(cancelled);
  });
  it('gives back by iCal the same windows, in summer and winter', () => {
    const summer = { ...AGENDA, visits: [...AGENDA.visits, { ...VISIT, id: 'v3', date: '2026-07-07' }] };
    const { lines: back, unknown } = linesOfIcal(agendaIcal(summer, 0), summer);
    expect(unknown).toEqual([]);
    expect(Agenda.parse(mergeTable(summer, back))).toEqual(summer);
  });
  it('follows the zone that an event names, Outlook’s names too', () => {
    const event = (zone: string) =>
      [
        'BEGIN:VCALENDAR',
        'BEGIN:VEVENT',
        'SUMMARY:Ligueil',
        `DTSTART;TZID=${zone}:20261124T093000`,
        `DTEND;TZID=${zone}:20261124T120000`,
        'END:VEVENT',
      ].join('\r\n');
    const times = (zone: string) => linesOfIcal(event(zone), AGENDA).lines.map(({ from, to }) => [from, to]);
    expect(times('Europe/Paris')).toEqual([['09:30', '12:00']]);
    expect(times('"Europe/London"')).toEqual([['10:30', '13:00']]);
    expect(times('Romance Standard Time')).toEqual([['09:30', '12:00']]);
    expect(linesOfIcal(event('Nowhere/Land'), AGENDA).unknown).toEqual(['Ligueil']);
  });
  it('names an event whose place is not known', () => {
    const ical = agendaIcal(AGENDA, 0).replaceAll('lig', 'nowhere').replaceAll('Ligueil', 'Nulle part');
    expect(linesOfIcal(ical, AGENDA)).toMatchObject({ unknown: ['Nulle part'], lines: [{ stop: 'pre' }] });
  });
  it('adds a stop with its defaults and leaves the schema to judge', () => {
    const added = mergeTable(AGENDA, [
      {
        stop: 'new',
        name: 'Loches',
        commune: '37132',
        lat: '47,13',
        lon: '1',
        date: '2026-12-01',
        from: '09:00',
        to: '10:00',
      },
    ]);
    expect(Agenda.parse(added).stops.at(-1)).toMatchObject({ id: 'new', lat: 47.13, radius: 80 });
    expect(Agenda.safeParse(mergeTable(AGENDA, [{ stop: 'bad', date: 'tomorrow' }])).success).toBe(false);
  });
  it('lets no cell run as a formula, and keeps its own format', () => {
    const cells = ['=1+1', '+33', '-2', '@x', '\tx', '\rx', '\0x'];
    for (const cell of cells) {
      const written = csvOf([[cell]])
        .slice(1)
        .replace(/\r\n$/, '')
        .replace(/^"/, '');
      expect(written.startsWith("'")).toBe(true);
    }
    expect(csvOf([['a;b', 'say "no"', -3, undefined]])).toBe('\uFEFF"a;b";"say ""no""";-3;\r\n');
  });
  it('never lets a text begin a cell dangerously, whatever the text', () => {
    fc.assert(
      fc.property(fc.string(), (cell) => {
        const written = csvOf([[cell]]).slice(1);
        expect(/^"?[=+\-@\t\r\0]/.test(written.replace(/\r\n$/, ''))).toBe(false);
      }),
    );
  });
});

describe('the agenda of one van', () => {
  it('holds its own visits from yesterday to 45 days on, with their stops alone', () => {
    const visits = [-2, -1, 0, 45, 46].map((days) => ({
      ...VISIT,
      id: `d${days}`,
      date: addDays('2026-11-24', days),
    }));
    const own = agendaOfVan(
      { ...AGENDA, visits: [...visits, AGENDA.visits[1]!] },
      'one',
      '2026-11-24',
      ['k'],
      false,
    );
    expect(own.agenda.visits.map((v) => v.id)).toEqual(['d-1', 'd0', 'd45']);
    expect(own.agenda.stops.map((s) => s.id)).toEqual(['lig']);
    expect(own.agenda.seen).toEqual(['k']);
  });
  it('leaves the far days off until 60 KiB suffice', () => {
    const visits = Array.from({ length: 46 * 20 }, (_, n) => ({
      ...VISIT,
      id: `visit-with-a-long-name-${n}`,
      date: addDays('2026-11-24', Math.floor(n / 20)),
    }));
    const own = agendaOfVan({ ...AGENDA, visits }, 'one', '2026-11-24', [], false);
    expect(own.bytes).toBeLessThanOrEqual(MAX_AGENDA_BYTES);
    expect(own.daysAhead).toBeLessThan(45);
    expect(own.agenda.visits.some((v) => v.date === '2026-11-24')).toBe(true);
  });
  it('gives visits without a van to the only one', () => {
    const { van: _, ...anyone } = VISIT;
    const agenda = { ...AGENDA, visits: [anyone] };
    expect(agendaOfVan(agenda, 'one', '2026-11-24', [], true).agenda.visits).toHaveLength(1);
    expect(agendaOfVan(agenda, 'one', '2026-11-24', [], false).agenda.visits).toHaveLength(0);
  });
  it('is the same content whatever the version', () => {
    expect(contentOf({ ...AGENDA, version: 9, seen: ['x'] })).toBe(contentOf(AGENDA));
    expect(contentOf(moveVisit(AGENDA, 'v1', '2026-11-25'))).not.toBe(contentOf(AGENDA));
  });
});
