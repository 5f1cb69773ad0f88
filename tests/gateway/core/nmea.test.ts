import { readFileSync } from 'node:fs';
import { parseNmeaSentence } from 'nmea-simple';
import { describe, expect, it } from 'vitest';
import { METRES_PER_HDOP } from '../../../gateway/core/instant.ts';
import { makeNmeaReader } from '../../../gateway/core/nmea/reader.ts';
import { bytesOf, gga, read, rmc, timesOf, wire } from '../../parts/nmea.ts';

const ZDA = 'GNZDA,092400.00,24,11,2026,00,00';

describe('what each sentence gives', () => {
  it('RMC gives time, date, position, knots and course', () => {
    expect(read(wire('GPRMC,225446.33,A,4916.45,N,12311.12,W,000.5,054.7,191194,020.3,E'))).toEqual([
      {
        at: Date.UTC(1994, 10, 19, 22, 54, 46, 330),
        latitude: 49 + 16.45 / 60,
        longitude: -(123 + 11.12 / 60),
        mode: 2,
        speedMps: 0.5 * (1852 / 3600),
        courseDeg: 54.7,
      },
    ]);
  });

  it('GGA gives satellites, HDOP and altitude, and the accuracy that follows from HDOP', () => {
    expect(read(wire(ZDA, gga('092400.00')))).toEqual([
      {
        at: Date.UTC(2026, 10, 24, 9, 24),
        latitude: 48 + 7.0381 / 60,
        longitude: 11 + 31.3241 / 60,
        mode: 3,
        satellitesUsed: 8,
        hdop: 0.9,
        accuracyM: 0.9 * METRES_PER_HDOP,
        altitudeM: 545.4,
      },
    ]);
  });

  it('GNS is a GGA of several constellations', () => {
    const [fix] = read(wire(ZDA, 'GNGNS,092400.00,4807.0381,N,01131.3241,E,NAN,11,0.8,545.4,46.9,,,V'));
    expect(fix).toMatchObject({
      latitude: 48 + 7.0381 / 60,
      satellitesUsed: 11,
      hdop: 0.8,
      altitudeM: 545.4,
    });
  });

  it('GLL gives a position', () => {
    const [fix] = read(wire(ZDA, 'GPGLL,4807.038,S,01131.324,W,092400,A,A'));
    expect(fix).toMatchObject({ latitude: -(48 + 7.038 / 60), longitude: -(11 + 31.324 / 60) });
  });

  it('GSA gives 2D or 3D, which RMC alone keeps', () => {
    const gsa = (mode: number) => `GNGSA,A,${mode},01,02,03,04,,,,,,,,,2.5,1.3,2.1`;
    const fixes = read(wire(rmc('092400'), gsa(3), rmc('092401'), rmc('092402'), gsa(2)));
    expect(fixes.map((fix) => fix.mode)).toEqual([3, 3, 2]);
    expect(fixes[0]!.hdop).toBe(1.3);
  });

  it('an altitude of a 2D fix means nothing', () => {
    const [fix] = read(wire(rmc('092400'), gga('092400'), 'GPGSA,A,2,01,02,03,,,,,,,,,,2.5,1.3,2.1'));
    expect(fix!.mode).toBe(2);
    expect(fix).not.toHaveProperty('altitudeM');
  });

  it.each([
    ['knots', 'GPVTG,054.7,T,034.4,M,005.5,N,010.2,K,A', 5.5 * (1852 / 3600)],
    ['km/h alone', 'GPVTG,054.7,T,034.4,M,,N,036.0,K', 10],
    ['the form without letters', 'GPVTG,054.7,034.4,005.5,010.2', 5.5 * (1852 / 3600)],
  ])('VTG gives course and speed: %s', (_name, vtg, speedMps) => {
    const [fix] = read(wire(ZDA, gga('092400'), vtg));
    expect(fix).toMatchObject({ courseDeg: 54.7 });
    expect(fix!.speedMps).toBeCloseTo(speedMps, 9);
  });

  it('VTG with mode N gives nothing, and RMC is believed before VTG', () => {
    expect(read(wire(ZDA, gga('092400'), 'GPVTG,054.7,T,,M,005.5,N,010.2,K,N'))[0]).not.toHaveProperty(
      'speedMps',
    );
    const [fix] = read(wire(gga('092400'), 'GPVTG,100.0,T,,M,099.9,N,,K,A', rmc('092400')));
    expect(fix!.courseDeg).toBe(54.7);
  });

  it('GST is the accuracy before HDOP is', () => {
    const [fix] = read(wire(rmc('092400'), gga('092400'), 'GNGST,092400,9,,,,3.0,4.0,7.0'));
    expect(fix!.accuracyM).toBe(5);
    const [other] = read(wire(rmc('092400'), 'GNGST,092400,9,6.0,8.0,30.0,,,7.0'));
    expect(other!.accuracyM).toBe(10);
  });

  it('GST of another time, or of zeros, says nothing', () => {
    expect(read(wire(rmc('092400'), 'GNGST,092401,9,,,,3.0,4.0,7.0'))[0]).not.toHaveProperty('accuracyM');
    expect(read(wire(rmc('092400'), 'GNGST,092400,0,,,,0.0,0.0,0.0'))[0]).not.toHaveProperty('accuracyM');
  });

  it('GBS is the accuracy where there is no GST', () => {
    const gbs = 'GNGBS,092400.00,0.6,0.8,4.0,,,,,,';
    expect(read(wire(rmc('092400'), gga('092400'), gbs))[0]!.accuracyM).toBe(1);
    expect(read(wire(rmc('092400'), 'GNGST,092400,9,,,,3.0,4.0,7.0', gbs))[0]!.accuracyM).toBe(5);
  });
});

describe('what is a fix', () => {
  const positions: [string, string[], boolean][] = [
    ['RMC A', [rmc('092400')], true],
    ['RMC A without a mode (before 2.3)', ['GPRMC,092400,A,4807.038,N,01131.324,E,,,241126,,'], true],
    ['RMC V with coordinates', [rmc('092400', { status: 'V' })], false],
    ['RMC without status', [rmc('092400', { status: '' })], false],
    ...['A', 'D', 'E', 'F', 'R', 'P'].map((mode): [string, string[], boolean] => [
      `RMC A mode ${mode}`,
      [rmc('092400', { mode })],
      true,
    ]),
    ...['N', 'S', 'M'].map((mode): [string, string[], boolean] => [
      `RMC A mode ${mode}`,
      [rmc('092400', { mode })],
      false,
    ]),
    ...[1, 2, 3, 4, 5, 6].map((quality): [string, string[], boolean] => [
      `GGA ${quality}`,
      [ZDA, gga('092400', quality)],
      true,
    ]),
    ...['0', '7', '8', '', '12'].map((quality): [string, string[], boolean] => [
      `GGA «${quality}»`,
      [ZDA, gga('092400', quality)],
      false,
    ]),
    ['GGA 1 of two satellites', [ZDA, gga('092400').replace(',08,', ',02,')], false],
    ['GLL V', [ZDA, 'GPGLL,4807.038,N,01131.324,E,092400,V,N'], false],
    ['GLL A mode N', [ZDA, 'GPGLL,4807.038,N,01131.324,E,092400,A,N'], false],
    ['GLL without a time', [ZDA, 'GPGLL,4807.038,N,01131.324,E,,A'], false],
    ['GNS NNN', [ZDA, 'GNGNS,092400,4807.038,N,01131.324,E,NNN,08,0.8,545.4,46.9,,'], false],
    ['GNS without a mode', [ZDA, 'GNGNS,092400,4807.038,N,01131.324,E,,08,0.8,545.4,46.9,,'], false],
    ['a position without a date', [gga('092400')], false],
    ['0,0', ['GPRMC,092400,A,0000.0000,N,00000.0000,E,,,241126,,,A'], false],
    ['no longitude', ['GPRMC,092400,A,4807.038,N,,,,,241126,,,A'], false],
  ];
  it.each(positions)('%s', (_name, bodies, isFix) => {
    expect(read(wire(...bodies))).toHaveLength(isFix ? 1 : 0);
  });

  it.each([
    ['RMC V after a good GGA', [gga('092400'), rmc('092400', { status: 'V' })]],
    ['GGA 0 after a good RMC', [rmc('092400'), gga('092400', 0)]],
    ['GLL V at the end', [rmc('092400'), gga('092400'), 'GPGLL,4807.038,N,01131.324,E,092400,V,N']],
    ['GLL V of another talker at the start', ['GLGLL,,,,,092400,V,N', rmc('092400'), gga('092400')]],
    ['GNS N', [rmc('092400'), 'GNGNS,092400,,,,,NN,,,,,,']],
    ['GGA of a simulator', [rmc('092400'), gga('092400', 8)]],
    ...['N', 'S', 'M'].map((mode): [string, string[]] => [
      `RMC A mode ${mode}`,
      [rmc('092400', { mode }), gga('092400')],
    ]),
  ])('«not valid» outweighs «valid» of the same instant: %s', (_name, bodies) => {
    expect(read(wire(ZDA, ...bodies))).toEqual([]);
  });

  it.each([
    ['GNS with an empty mode', 'GNGNS,092400,,,,,,,,,,,'],
    ['GNS with a status of V', 'GNGNS,092400,,,,,AA,08,0.9,,,,,V'],
    ['GGA without a quality', 'GNGGA,092400,,,,,,,,,,,,,'],
    ['RMC nav status V', 'GNRMC,092400,A,4807.038,N,01131.324,E,,,241126,,,A,V'],
  ])('says nothing against the fix: %s', (_name, body) => {
    expect(read(wire(rmc('092400'), body))).toHaveLength(1);
  });

  it('marks dead reckoning', () => {
    expect(read(wire(rmc('092400', { mode: 'E' })))[0]!.estimated).toBe(true);
    expect(read(wire(ZDA, gga('092400', 6).replace(',08,', ',00,')))[0]!.estimated).toBe(true);
    expect(read(wire(rmc('092400')))[0]).not.toHaveProperty('estimated');
  });
});

describe('what cannot be', () => {
  it.each([
    ['latitude 91', 'GPRMC,092400,A,9107.038,N,01131.324,E,,,241126,,,A'],
    ['latitude 90 and some', 'GPRMC,092400,A,9000.001,N,01131.324,E,,,241126,,,A'],
    ['longitude 181', 'GPRMC,092400,A,4807.038,N,18131.324,E,,,241126,,,A'],
    ['60 minutes', 'GPRMC,092400,A,4860.000,N,01131.324,E,,,241126,,,A'],
    ['no point in a position', 'GPRMC,092400,A,4807,N,01131,E,,,241126,,,A'],
    ['a sign in a position', 'GPRMC,092400,A,-4807.038,N,01131.324,E,,,241126,,,A'],
    ['letters in a position', 'GPRMC,092400,A,48O7.038,N,01131.324,E,,,241126,,,A'],
    ['hemisphere X', 'GPRMC,092400,A,4807.038,X,01131.324,E,,,241126,,,A'],
    ['hemispheres swapped', 'GPRMC,092400,A,4807.038,E,01131.324,N,,,241126,,,A'],
    ['hour 24', 'GPRMC,242400,A,4807.038,N,01131.324,E,,,241126,,,A'],
    ['minute 60', 'GPRMC,096000,A,4807.038,N,01131.324,E,,,241126,,,A'],
    ['second 61', 'GPRMC,092461,A,4807.038,N,01131.324,E,,,241126,,,A'],
    ['second 60 at noon', 'GPRMC,115960,A,4807.038,N,01131.324,E,,,241126,,,A'],
    ['five digits of time', 'GPRMC,92400,A,4807.038,N,01131.324,E,,,241126,,,A'],
    ['31 November', 'GPRMC,092400,A,4807.038,N,01131.324,E,,,311126,,,A'],
    ['29 February 2026', 'GPRMC,092400,A,4807.038,N,01131.324,E,,,290226,,,A'],
    ['month 13', 'GPRMC,092400,A,4807.038,N,01131.324,E,,,241326,,,A'],
    ['the year -1 of Telit', 'GPRMC,092400,A,4807.038,N,01131.324,E,,,2208-1,,,A'],
    ['a sentence cut short', 'GPRMC,092400,A,4807.038,N,01131'],
    ['two sentences in one', `${rmc('092400')},GPGGA,092400,4807.038,N,01131.324,E,1`],
    ['a proprietary sentence that looks like RMC', rmc('092400').replace('GN', 'PG')],
  ])('%s gives no fix', (_name, body) => {
    expect(read(wire(body))).toEqual([]);
  });

  it.each([
    ['speed -1', 'GPRMC,092400,A,4807.038,N,01131.324,E,-1,,241126,,,A', 'speedMps'],
    ['speed 5000 knots', 'GPRMC,092400,A,4807.038,N,01131.324,E,5000,,241126,,,A', 'speedMps'],
    ['speed NaN', 'GPRMC,092400,A,4807.038,N,01131.324,E,NaN,,241126,,,A', 'speedMps'],
    ['course 361', 'GPRMC,092400,A,4807.038,N,01131.324,E,,361,241126,,,A', 'courseDeg'],
  ])('%s is no value, the fix stays', (_name, body, field) => {
    const [fix] = read(wire(body));
    expect(fix).toBeDefined();
    expect(fix).not.toHaveProperty(field);
  });

  it('HDOP 99.99 is no value', () => {
    expect(read(wire(ZDA, gga('092400').replace(',0.9,', ',99.99,')))[0]).not.toHaveProperty('hdop');
  });

  it('counts by reason', () => {
    const reader = makeNmeaReader();
    reader.push(bytesOf(`${wire(rmc('092400'), 'GPGSV,1,1,00', rmc('252400'))}$GPXXX\r\n$GPXXX*00\r\n\x00`));
    reader.flush();
    expect(reader.counters).toMatchObject({
      sentences: 3,
      unused: 1,
      malformed: 1,
      unchecked: 1,
      checksum: 1,
      fixes: 1,
    });
  });
});

describe('receivers of all kinds', () => {
  it.each(['GP', 'GN', 'GL', 'GA', 'GB', 'BD', 'GQ', 'QZ', 'GI', 'II', 'U1'])('talker %s', (talker) => {
    expect(read(wire(rmc('092400').replace('GN', talker)))).toHaveLength(1);
  });

  it('the equator and the meridian are places', () => {
    const [fix] = read(wire('GPRMC,092400,A,0000.000,S,01131.324,W,,,241126,,,A'));
    expect(Object.is(fix!.latitude, 0)).toBe(true);
    expect(read(wire('GPRMC,092400,A,4807.038,N,00000.000,W,,,241126,,,A'))).toHaveLength(1);
  });

  it('blanks in the fields are none', () => {
    const [fix] = read(wire('GPRMC, 092400 ,A, 4807.038,N,01131.324 ,E, 10.0,,241126,,,A'));
    expect(fix).toMatchObject({ latitude: 48 + 7.038 / 60, speedMps: 10 * (1852 / 3600) });
  });

  it.each([
    ['235959.999', '2026-11-24T23:59:59.999Z'],
    ['092400.5', '2026-11-24T09:24:00.500Z'],
    ['092400.05', '2026-11-24T09:24:00.050Z'],
    ['092400.123456', '2026-11-24T09:24:00.123Z'],
    ['092400.', '2026-11-24T09:24:00.000Z'],
    ['235960', '2026-11-25T00:00:00.000Z'],
  ])('time %s', (time, iso) => {
    expect(timesOf(read(wire(rmc(time))))).toEqual([iso]);
  });

  it.each([
    ['060180', '1980-01-06'],
    ['220899', '1999-08-22'],
    ['311279', '2079-12-31'],
    ['290224', '2024-02-29'],
  ])('date %s as sent', (date, day) => {
    expect(timesOf(read(wire(rmc('092400', { date }))))).toEqual([`${day}T09:24:00.000Z`]);
  });

  it('ZDA tells the century', () => {
    expect(timesOf(read(wire('GPZDA,092400,24,11,2126,00,00', gga('092400'))))).toEqual([
      '2126-11-24T09:24:00.000Z',
    ]);
  });

  it('a receiver of positions to the millimetre', () => {
    const [fix] = read(wire('GNRMC,092400,A,4134.49821229,N,09345.03351845,W,,,241126,,,R'));
    expect(fix!.latitude).toBeCloseTo(41 + 34.49821229 / 60, 10);
    expect(fix!.longitude).toBeCloseTo(-(93 + 45.03351845 / 60), 10);
  });
});

describe('what a receiver sees and says beside its fixes', () => {
  const skyOf = (...bodies: string[]) => {
    const reader = makeNmeaReader();
    reader.push(bytesOf(wire(...bodies)));
    return reader.sky();
  };

  it('satellites in view, over all talkers, and its last words', () => {
    expect(
      skyOf(
        'GPGSV,2,1,08,05,64,290,41,07,20,055,33,13,51,210,44,15,28,180,38',
        'GPGSV,2,2,08,18,12,310,27,20,08,020,,24,45,120,43,30,33,260,40',
        'GLGSV,1,1,03,65,53,144,35,66,58,305,32,72,09,137,,1',
        'GNTXT,01,01,02,ANTSTATUS=OPEN',
      ),
    ).toEqual({ satellitesInView: 11, text: 'ANTSTATUS=OPEN' });
  });

  it('nothing where nothing was said, and nothing of nonsense', () => {
    expect(skyOf(rmc('092400'))).toEqual({});
    expect(skyOf('GPGSV,1,1,00')).toEqual({ satellitesInView: 0 });
    expect(skyOf('GPGSV,1,1,-5', 'GPGSV,1,1,', 'GPGSV,1', 'GPTXT')).toEqual({});
  });
});

describe('second opinion: nmea-simple, where it is right', () => {
  it('agrees on positions, speeds and DOP of a drive', () => {
    const drive = readFileSync(new URL('../../vectors/nmea/drive.nmea', import.meta.url), 'latin1');
    const lines = drive.match(/\$G[A-Z]{4},[^$*]*\*../g)!;
    const fixes = read(drive);
    let compared = 0;
    for (const line of lines) {
      if (!/^\$GN(RMC|GGA)/.test(line)) continue;
      const packet = parseNmeaSentence(line);
      if (packet.sentenceId === 'GGA' && packet.fixType !== 'none') {
        const fix = fixes[Math.floor(compared / 2)]!;
        expect([fix.hdop, fix.altitudeM, fix.satellitesUsed]).toEqual([
          packet.horizontalDilution,
          packet.altitudeMeters,
          packet.satellitesInView,
        ]);
        expect(fix.latitude).toBeCloseTo(packet.latitude, 8);
        compared++;
      } else if (packet.sentenceId === 'RMC' && packet.status === 'valid') {
        const fix = fixes[Math.floor(compared / 2)]!;
        expect(fix.longitude).toBeCloseTo(packet.longitude, 8);
        expect(fix.speedMps).toBeCloseTo(packet.speedKnots * (1852 / 3600), 8);
        expect(fix.courseDeg).toBe(packet.trackTrue);
        compared++;
      }
    }
    expect(compared).toBe(fixes.length * 2);
  });
});
