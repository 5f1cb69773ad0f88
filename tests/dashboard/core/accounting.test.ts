import { describe, expect, it } from 'vitest';
import { accountOf, ledgerEntry } from '../../../dashboard/core/accounting.ts';
import type { StoredRow } from '../../../dashboard/core/feed.ts';
import { ledgerOf, visitsAgain } from '../../../dashboard/core/ledgerOfDay.ts';
import type { VisitView } from '../../../dashboard/core/vanView.ts';
import type { Agenda } from '../../../protocol/agenda.ts';
import type { Row } from '../../../protocol/rows.ts';
import { msOf } from '../../../protocol/time.ts';

const iso = (time: string) => `2026-11-24T${time}:00.000Z`;
const VISIT: VisitView = {
  id: 'v1',
  van: 'one',
  stop: 'lig',
  name: 'Ligueil',
  commune: '37130',
  latitude: 47,
  longitude: 0.8,
  date: '2026-11-24',
  from: '09:30',
  to: '12:00',
  fromAt: iso('08:30'),
  toAt: iso('11:00'),
  state: 'planned',
  source: 'plan',
  at: iso('06:00'),
  statement: { fr: '', en: '' },
  held: [],
};
const left: VisitView = {
  ...VISIT,
  state: 'left',
  source: 'gps',
  arrivedAt: iso('08:41'),
  leftAt: iso('10:58'),
  at: iso('10:59'),
  held: [
    { from: iso('08:41'), to: iso('08:50') },
    { from: iso('08:50'), to: iso('10:58'), open: true },
  ],
};
const NOON = msOf(iso('12:00'))!;

describe('ledger', () => {
  it('counts minutes present and open, and the lateness', () => {
    expect(ledgerEntry(left, NOON)).toMatchObject({
      plannedMin: 150,
      presentMin: 137,
      openMin: 128,
      lateMin: 11,
    });
  });
  it('knows no open minutes where the crew told nothing, and calls 4 min on time', () => {
    const quiet = { ...left, arrivedAt: iso('08:34'), held: [{ from: iso('08:34'), to: iso('10:58') }] };
    const entry = ledgerEntry(quiet, NOON);
    expect(entry.openMin).toBeUndefined();
    expect(entry.lateMin).toBeUndefined();
  });
  it('counts a presence without an end up to the last news, not to now', () => {
    const { leftAt: _, ...lost } = left;
    const gone = { ...lost, state: 'unknown' as const, at: iso('09:41'), held: [{ from: iso('08:41') }] };
    expect(ledgerEntry(gone, NOON).presentMin).toBe(60);
  });
});

describe('account of a month', () => {
  const entries = ledgerOf(
    [
      left,
      { ...VISIT, id: 'v2', state: 'missed' },
      { ...VISIT, id: 'v3', state: 'cancelled', reason: 'neige' },
      { ...VISIT, id: 'v4', state: 'unknown' },
      { ...VISIT, id: 'v5', state: 'unknown', arrivedAt: iso('08:30'), held: [{ from: iso('08:30') }] },
      { ...VISIT, id: 'v6', commune: '37189', name: 'Preuilly', state: 'planned' },
    ],
    NOON,
  );
  it('adds up by commune; an arrival without a known end is held', () => {
    const [ligueil, preuilly] = accountOf(
      entries,
      new Map([['37130', 'Ligueil']]),
      new Map([['37130', '2026-12-29']]),
    );
    expect(ligueil).toMatchObject({
      planned: 5,
      held: 2,
      late: 1,
      missed: 1,
      cancelled: 1,
      unknown: 1,
      reasons: ['neige'],
      next: '2026-12-29',
    });
    expect(preuilly).toMatchObject({ name: 'Preuilly', planned: 1, held: 0 });
    expect(preuilly).not.toHaveProperty('next');
  });
});

describe('a day accounted for again', () => {
  it('gives rows that come days late the same words', () => {
    const agenda: Agenda = {
      version: 1,
      timezone: 'Europe/Paris',
      stops: [{ id: 'lig', name: 'Ligueil', commune: '37130', lat: 47, lon: 0.8, radius: 80 }],
      visits: [{ id: 'v1', stop: 'lig', date: '2026-11-24', from: '09:30', to: '12:00' }],
    };
    const receivedAt = msOf('2026-11-28T09:00:00.000Z')!;
    const stored = (row: Row, seq: number): StoredRow => ({
      van: 'one',
      journal: 'j',
      lane: 'urgent',
      seq,
      text: '',
      row,
      receivedAt,
    });
    const visit = { kind: 'visit', visit: 'v1', agenda: 1, because: '', evidence: {} } as const;
    const rows = [
      stored({ ...visit, at: iso('08:31'), state: 'on_site', evidence: { since: iso('08:29') } }, 1),
      stored({ ...visit, at: iso('11:02'), state: 'left', evidence: { since: iso('11:01') } }, 2),
    ];
    const again = visitsAgain(agenda, 0, '2026-11-24', 'one', true, rows, new Map(), receivedAt);
    expect(again).toMatchObject([{ id: 'v1', state: 'left', arrivedAt: iso('08:29'), leftAt: iso('11:01') }]);
    const none = visitsAgain(agenda, 0, '2026-11-24', 'one', true, [], new Map(), receivedAt);
    expect(none).toMatchObject([{ id: 'v1', state: 'unknown' }]);
  });
});
