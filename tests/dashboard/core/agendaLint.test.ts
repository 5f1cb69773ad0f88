import { describe, expect, it } from 'vitest';
import { agendaWarnings } from '../../../dashboard/core/agendaLint.ts';
import type { Agenda } from '../../../protocol/agenda.ts';

const LIGUEIL = {
  id: 'lig',
  name: 'Ligueil',
  commune: '37130',
  lat: 47.0421,
  lon: 0.8189,
  radius: 80,
  parking: { lat: 47.0421, lon: 0.8189 },
};
const visit = (id: string, date: string, more = {}) => ({
  id,
  stop: 'lig',
  date,
  from: '09:30',
  to: '12:00',
  ...more,
});
const agenda = (visits: Agenda['visits'], stops = [LIGUEIL]): Agenda => ({
  version: 1,
  timezone: 'Europe/Paris',
  stops,
  visits,
});
const codes = (of: Agenda, today = '2026-11-24') =>
  agendaWarnings(of, today).map((w) => `${w.code} ${w.path}`);

describe('what a planner should look at', () => {
  it('is nothing for a good agenda', () => {
    expect(codes(agenda([visit('a', '2026-11-24'), visit('b', '2026-12-01')]))).toEqual([]);
  });
  it('is a public holiday, unless it is cancelled or over', () => {
    const [christmas, armistice] = ['2026-12-25', '2026-11-11'];
    expect(codes(agenda([visit('a', christmas)]))).toEqual(['bank_holiday visits.0.date']);
    expect(codes(agenda([visit('a', christmas, { cancelled: { reason: 'férié' } })]))).toEqual([]);
    expect(codes(agenda([visit('a', armistice)]))).toEqual([]);
  });
  it('is a place without a parking point, where somebody still goes', () => {
    const { parking: _, ...bare } = LIGUEIL;
    expect(codes(agenda([visit('a', '2026-11-24')], [bare as typeof LIGUEIL]))).toEqual([
      'no_parking stops.0.parking',
    ]);
    expect(codes(agenda([visit('a', '2026-11-20')], [bare as typeof LIGUEIL]))).toEqual([]);
  });
  it('is a stop whose commune is elsewhere, by the table of centres', () => {
    const wrong = { ...LIGUEIL, commune: '37189' };
    expect(codes(agenda([visit('a', '2026-11-24')], [wrong]))).toEqual(['far_from_commune stops.0.lat']);
  });
  it('keeps the words of the presence lint, with its path', () => {
    const over = agenda([visit('a', '2026-11-24'), visit('b', '2026-11-24', { from: '11:00', to: '13:00' })]);
    expect(agendaWarnings(over, '2026-11-24')[0]).toMatchObject({ code: 'overlap', path: 'visits.1.from' });
    expect(codes(over, '2026-11-25')).toEqual([]);
  });
});
