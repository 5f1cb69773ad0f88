import { describe, expect, it } from 'vitest';
import { makeNmeaReader } from '../../../gateway/core/nmea/reader.ts';
import { bytesOf, gga, read, rmc, sentence, timesOf, wire } from '../../parts/nmea.ts';

const GSA = 'GNGSA,A,3,01,02,03,04,,,,,,,,,2.5,1.3,2.1';
const VTG = 'GNVTG,054.7,T,,M,005.5,N,010.2,K,A';
const zda = (time: string, day = '24') => `GNZDA,${time},${day},11,2026,00,00`;
const gll = (time: string, status = 'A') => `GNGLL,4807.038,N,01131.324,E,${time},${status},${status}`;

/** How many fixes are out after each sentence, while it runs. */
function live(...bodies: string[]): { given: number[]; late: number; times: string[] } {
  const reader = makeNmeaReader();
  const fixes = [];
  const given = [];
  for (const body of bodies) {
    const got = reader.push(bytesOf(sentence(body)));
    fixes.push(...got);
    given.push(got.length);
  }
  return { given, late: reader.counters.late, times: timesOf(fixes) };
}
const cycle = (time: string) => [rmc(time), gga(time), GSA];

describe('one fix an instant', () => {
  it('merges the sentences of one instant in any order', () => {
    const parts = [rmc('092400'), gga('092400'), gll('092400')];
    const whole = read(wire(...parts));
    expect(whole).toHaveLength(1);
    expect(whole[0]).toMatchObject({ speedMps: 10 * (1852 / 3600), altitudeM: 545.4, satellitesUsed: 8 });
    for (const order of [
      [2, 1, 0],
      [1, 0, 2],
      [2, 0, 1],
    ])
      expect(read(wire(...order.map((i) => parts[i]!)))).toEqual(whole);
  });

  it('takes the finer of two positions', () => {
    expect(read(wire(rmc('092400'), gga('092400')))[0]!.latitude).toBe(48 + 7.0381 / 60);
    expect(read(wire(gga('092400'), rmc('092400')))[0]!.latitude).toBe(48 + 7.0381 / 60);
  });

  it('never merges different seconds', () => {
    const fixes = read(wire(rmc('092400'), gga('092401'), rmc('092402'), gga('092403')));
    expect(timesOf(fixes).map((time) => time.slice(17, 19))).toEqual(['00', '01', '02', '03']);
    expect(fixes.map((fix) => fix.speedMps !== undefined)).toEqual([true, false, true, false]);
    expect(fixes.map((fix) => fix.altitudeM !== undefined)).toEqual([false, true, false, true]);
  });

  it('takes times less than 10 ms apart for one instant, and tells the one that RMC has', () => {
    expect(timesOf(read(wire(gll('092400.503'), gga('092400.50'), rmc('092400.50'))))).toEqual([
      '2026-11-24T09:24:00.500Z',
    ]);
    expect(read(wire(rmc('092400.50'), rmc('092400.51')))).toHaveLength(2);
  });

  it('keeps apart the instants of 10 Hz', () => {
    const times = Array.from({ length: 30 }, (_, i) => `0924${String(i / 10 + 10).slice(0, 2)}.${i % 10}`);
    const fixes = read(wire(...times.flatMap((time) => [rmc(time), gga(time)])));
    expect(fixes.map((fix) => fix.at - fixes[0]!.at)).toEqual(times.map((_, i) => i * 100));
  });

  it('gives an instant once, however often its sentences are repeated', () => {
    expect(read(wire(...[1, 2, 3, 4].flatMap(() => cycle('092400'))))).toHaveLength(1);
  });

  it('gives each instant of two receivers that interleave once they are known to', () => {
    const seconds = Array.from({ length: 20 }, (_, i) => String(i + 10));
    const fixes = read(
      wire(
        ...seconds.flatMap((s) => [
          gga(`0924${s}.00`),
          `GPGGA,0924${s}.40,4807.0999,N,01131.3241,E,1,08,0.9,545.4,M,46.9,M,,`,
          rmc(`0924${s}.00`),
          `GPRMC,0924${s}.40,A,4807.099,N,01131.324,E,010.0,054.7,241126,,,A`,
        ]),
      ),
    );
    const times = timesOf(fixes);
    expect(new Set(times).size).toBe(times.length);
    expect(times.length).toBeGreaterThanOrEqual(38);
    const far = fixes.filter((fix) => fix.at % 1000 === 400);
    expect(far.every((fix) => fix.latitude === 48 + 7.0999 / 60)).toBe(true);
    expect(fixes.slice(4).every((fix) => fix.speedMps !== undefined && fix.altitudeM !== undefined)).toBe(
      true,
    );
  });
});

describe('which day', () => {
  it('a time before any date is no fix; the next one is', () => {
    expect(timesOf(read(wire(gga('092400'), gga('092401'), rmc('092401'), gga('092402'))))).toEqual([
      '2026-11-24T09:24:01.000Z',
      '2026-11-24T09:24:02.000Z',
    ]);
  });

  it('GGA may cross midnight before RMC does', () => {
    const text = wire(
      ...[gga('235959'), rmc('235959')],
      ...[gga('000000'), rmc('000000', { date: '251126' })],
      ...[gga('000001')],
    );
    expect(timesOf(read(text))).toEqual([
      '2026-11-24T23:59:59.000Z',
      '2026-11-25T00:00:00.000Z',
      '2026-11-25T00:00:01.000Z',
    ]);
  });

  it('a receiver without RMC crosses midnight on its own', () => {
    const text = wire(zda('235958'), gga('235958'), gga('235959'), gga('000000'), gga('000001'));
    expect(timesOf(read(text)).slice(2)).toEqual(['2026-11-25T00:00:00.000Z', '2026-11-25T00:00:01.000Z']);
  });

  it('a late sentence of the day before stays there', () => {
    const text = wire(rmc('000000', { date: '251126' }), gga('235959'));
    expect(timesOf(read(text))).toEqual(['2026-11-25T00:00:00.000Z', '2026-11-24T23:59:59.000Z']);
  });

  it('ZDA of the present second neither ends an instant nor dates it wrongly', () => {
    const text = wire(gga('092400'), zda('092402'), gll('092400'), gga('092401'), zda('092403'));
    expect(timesOf(read(text))).toEqual(['2026-11-24T09:24:00.000Z', '2026-11-24T09:24:01.000Z']);
  });

  it('a void RMC does not tell the date, but a receiver that lost its time takes the date back', () => {
    expect(read(wire(rmc('092400', { status: 'V' }), gga('092401')))).toEqual([]);
    const first = ['2026-11-24T09:24:00.000Z'];
    expect(timesOf(read(wire(rmc('092400'), 'GPRMC,,V,,,,,,,,,,N', gga('092402'))))).toEqual(first);
    expect(timesOf(read(wire(...cycle('092400'), 'GPGGA,,,,,,0,,,,,,,,', gga('092402'))))).toEqual(first);
  });

  it('no fix without a time is the word of the instant in hand, where that sentence has not come yet', () => {
    expect(read(wire(rmc('092400'), 'GPGGA,,,,,,0,,,,,,,,'))).toEqual([]);
  });

  it('what a receiver said before it lost its time stands', () => {
    const lost = ['GPRMC,,V,,,,,,,,,,N', 'GPGGA,,,,,,0,,,,,,,,'];
    expect(read(wire(zda('092400'), rmc('092400'), gga('092400'), ...lost))).toHaveLength(1);
  });

  it('23:59:60 and 00:00:00 are two instants', () => {
    const text = wire(rmc('235959'), rmc('235960'), rmc('000000', { date: '251126' }));
    expect(timesOf(read(text))).toEqual([
      '2026-11-24T23:59:59.000Z',
      '2026-11-25T00:00:00.000Z',
      '2026-11-25T00:00:00.000Z',
    ]);
  });
});

describe('while it runs, the ender is learnt', () => {
  it('waits for the next instant at first, then gives each with its last sentence', () => {
    const times = ['092400', '092401', '092402', '092403'];
    const { given, late } = live(...times.flatMap(cycle));
    expect(given).toEqual([...[0, 0, 0], ...[1, 0, 0], ...[1, 0, 1], ...[0, 0, 1]]);
    expect(late).toBe(0);
  });

  it('counts how often a sentence comes: the second GSA ends the cycle, not the first', () => {
    const two = (time: string) => [rmc(time), GSA, GSA];
    const { given, late } = live(...['092400', '092401', '092402', '092403'].flatMap(two));
    expect(given.slice(9)).toEqual([0, 0, 1]);
    expect(late).toBe(0);
  });

  it('unlearns an ender behind which something still came', () => {
    const long = (time: string) => [...cycle(time), VTG];
    const { given, late, times } = live(
      ...['092400', '092401', '092402'].flatMap(cycle),
      ...['092403', '092404', '092405', '092406', '092407', '092408', '092409'].flatMap(long),
    );
    expect(late).toBe(1);
    expect(times).toHaveLength(new Set(times).size);
    expect(given.slice(-4)).toEqual([0, 0, 0, 1]);
  });

  it('a GLL now and then does not make it wait, unless it says «not valid»', () => {
    const reader = makeNmeaReader();
    const givenOf = (...bodies: string[]) =>
      bodies.map((body) => reader.push(bytesOf(sentence(body))).length);
    for (const time of ['092400', '092401', '092402', '092403']) givenOf(...cycle(time));
    expect(givenOf(...cycle('092404'), gll('092404'), ...cycle('092405'))).toEqual([0, 0, 1, 0, 0, 0, 1]);
    expect(givenOf(...cycle('092406'), gll('092406', 'V'), ...cycle('092407'))).toEqual([
      0, 0, 1, 0, 0, 0, 0,
    ]);
  });

  it('unlearns it for an error estimate too, which then is waited for', () => {
    const gst = (time: string) => `GNGST,${time},9,,,,3.0,4.0,7.0`;
    const reader = makeNmeaReader();
    const bodies = [
      ...['092400', '092401', '092402', '092403'].flatMap(cycle),
      ...['092404', '092405', '092406', '092407', '092408', '092409'].flatMap((time) => [
        ...cycle(time),
        gst(time),
      ]),
    ];
    const fixes = bodies.flatMap((body) => reader.push(bytesOf(sentence(body))));
    expect(reader.counters.late).toBe(1);
    expect(fixes.slice(-4).map((fix) => fix.accuracyM)).toEqual([5, 5, 5, 5]);
  });

  it('a cycle without its ender is given when the next begins', () => {
    const { times } = live(
      ...['092400', '092401', '092402'].flatMap(cycle),
      rmc('092403'),
      ...cycle('092404'),
    );
    expect(times).toHaveLength(5);
  });

  it('a clock that is set back a little does not make it wait for ever', () => {
    const times = (from: number, count: number) =>
      Array.from(
        { length: count },
        (_, i) => `09${String(10 + Math.floor((from + i) / 60))}${String((from + i) % 60).padStart(2, '0')}`,
      );
    const reader = makeNmeaReader();
    const givenOf = (all: string[]) =>
      all.flatMap(cycle).map((body) => reader.push(bytesOf(sentence(body))).length);
    givenOf(times(0, 20));
    givenOf(times(17, 60));
    expect(reader.counters.late).toBeGreaterThan(0);
    expect(givenOf(times(77, 3))).toEqual([...[0, 0, 1], ...[0, 0, 1], ...[0, 0, 1]]);
  });

  it('gives the same fixes as without waiting less', () => {
    const bodies = ['092400', '092401', '092402', '092403'].flatMap((time) => [
      rmc(time),
      VTG,
      gga(time),
      GSA,
    ]);
    expect(read(wire(...bodies), true)).toEqual(read(wire(...bodies), false));
  });
});
