import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { describe, expect, it } from 'vitest';
import { clock, localDate, localOf, longDate, shortDate } from '../../visit/format.ts';
import { age, hours, when } from '../../web/format.ts';
import { at, ZONE } from '../parts/publicFacts.ts';

describe('times in words', () => {
  it.each([
    ['09:24', '9 h 24', '9:24'],
    ['12:00', '12 h', '12:00'],
    ['00:05', '0 h 05', '0:05'],
  ])('%s', (time, fr, en) => {
    expect([clock('fr', at(time), ZONE), clock('en', at(time), ZONE)]).toEqual([fr, en]);
  });

  it('writes dates', () => {
    expect(longDate('fr', at('09:00', '2026-12-01'), ZONE)).toBe('mardi 1er décembre');
    expect(longDate('en', at('09:00', '2026-12-01'), ZONE)).toBe('Tuesday 1 December');
    expect(shortDate('fr', at('09:00', '2026-12-29'), ZONE)).toBe('mar. 29 déc.');
    expect(hours('fr', at('09:30'), at('12:00'), ZONE)).toBe('9 h 30–12 h');
    expect(localDate(at('23:59'), ZONE)).toBe('2026-11-24');
  });

  it('agrees with Temporal at any instant, both nights of the year and other zones included', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2035, 0, 1) }),
        fc.constantFrom('Europe/Paris', 'UTC', 'Asia/Kathmandu', 'America/St_Johns', 'Australia/Lord_Howe'),
        (ms, zone) => {
          const t = Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(zone);
          expect(localOf(ms, zone)).toEqual({
            year: t.year,
            month: t.month,
            day: t.day,
            weekday: t.dayOfWeek % 7,
            hour: t.hour,
            minute: t.minute,
          });
        },
      ),
      {
        numRuns: 300,
        seed: 9,
        examples: [
          [at('02:30', '2026-10-25'), ZONE],
          [at('03:00', '2026-03-29') - 1, ZONE],
        ],
      },
    );
  });

  it('tells an age until it is better told as a time', () => {
    const now = at('10:00');
    const fr = (seconds: number) => age('fr', now - seconds * 1000, now, ZONE);
    expect([2, 22, 100, 3500, 4000].map(fr)).toEqual([
      "à l'instant",
      'il y a 20 s',
      'il y a 2 min',
      'il y a 58 min',
      'à 8 h 53',
    ]);
    expect(age('fr', now + 60_000, now, ZONE), 'never from the future').toBe("à l'instant");
    expect(when('en', at('17:02', '2026-11-23'), now, ZONE)).toBe('on Monday 23 November at 17:02');
  });
});
