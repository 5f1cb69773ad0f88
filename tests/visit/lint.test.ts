import { describe, expect, it } from 'vitest';
import { lintAgenda } from '../../visit/lint.ts';
import { agenda, north } from './day.ts';

const stop = (id: string, metres: number, more: object = {}) => ({
  id,
  name: id.toUpperCase(),
  commune: '37130',
  ...north(metres),
  radius: 60,
  ...more,
});
const visit = (id: string, at: string, from: string, to: string, more: object = {}) => ({
  id,
  stop: at,
  date: '2026-03-10',
  from,
  to,
  ...more,
});
const found = (plan: Parameters<typeof lintAgenda>[0], communes?: Parameters<typeof lintAgenda>[1]) =>
  lintAgenda(plan, communes).map(({ code, path }) => `${code} ${path}`);
const plan = (stops: object[], visits: object[], more = {}) => agenda({ stops, visits, ...more } as never);

describe('lint of an agenda', () => {
  it('finds nothing in a sound one', () => {
    const sound = plan(
      [stop('a', 0), stop('b', 8000)],
      [visit('1', 'a', '09:00', '10:00'), visit('2', 'b', '10:30', '12:00')],
    );
    expect(found(sound)).toEqual([]);
  });

  it.each([
    ['an unknown stop', [visit('1', 'z', '09:00', '10:00')], ['unknown_stop visits.0.stop']],
    [
      'a date that does not exist',
      [visit('1', 'a', '09:00', '10:00', { date: '2026-02-31' })],
      ['bad_date visits.0.date'],
    ],
    [
      'windows that overlap',
      [visit('1', 'a', '09:00', '10:00'), visit('2', 'b', '09:50', '11:00')],
      ['overlap visits.1.from'],
    ],
    [
      'a leg that no van drives',
      [visit('1', 'a', '09:00', '10:00'), visit('2', 'b', '10:04', '11:00')],
      ['impossible_leg visits.1.from'],
    ],
    [
      'two vans at one place',
      [visit('1', 'a', '09:00', '10:00', { van: 'v1' }), visit('2', 'a', '09:30', '11:00', { van: 'v2' })],
      ['two_vans_one_place visits.1.van'],
    ],
    [
      'circles that meet',
      [visit('1', 'a', '09:00', '10:00'), visit('2', 'c', '10:30', '11:00')],
      ['circles_meet visits.1.stop'],
    ],
  ])('warns of %s', (_, visits, expected) => {
    expect(found(plan([stop('a', 0), stop('b', 9000), stop('c', 100)], visits))).toEqual(expected);
  });

  it('warns of a radius below what GPS can tell, and of a stop far from its commune', () => {
    const small = plan([stop('a', 0, { radius: 15 })], []);
    expect(found(small)).toEqual(['small_radius stops.0.radius']);
    const centre = new Map([['37130', { latitude: north(0).lat, longitude: north(0).lon }]]);
    expect(found(plan([stop('a', 30_000)], []), centre)).toEqual(['far_from_commune stops.0.lat']);
    expect(found(plan([stop('a', 3000)], []), centre)).toEqual([]);
  });

  it('warns of both nights of the changing clock, and only of them', () => {
    const paris = (date: string, from: string, to: string) =>
      found(plan([stop('a', 0)], [visit('1', 'a', from, to, { date })], { timezone: 'Europe/Paris' }));
    expect(paris('2026-03-29', '02:30', '05:00')).toEqual(['dst visits.0.from']);
    expect(paris('2026-10-24', '22:00', '06:00')).toEqual(['dst visits.0.from']);
    expect(paris('2026-03-29', '09:00', '12:00')).toEqual([]);
    expect(paris('2026-03-30', '02:30', '05:00')).toEqual([]);
  });

  it('names an unknown time zone, alone, in both languages', () => {
    const [warning, ...rest] = lintAgenda(plan([stop('a', 0)], [], { timezone: 'Mars/Olympus' }));
    expect(rest).toEqual([]);
    expect(warning).toMatchObject({ code: 'bad_timezone', path: 'timezone' });
    expect(warning!.text).toEqual({
      fr: 'fuseau horaire inconnu : Mars/Olympus',
      en: 'unknown time zone: Mars/Olympus',
    });
  });
});
