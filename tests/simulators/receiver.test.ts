import { describe, expect, it } from 'vitest';
import type { Seen } from '../../simulators/gnss.ts';
import { makeRandom } from '../../simulators/random.ts';
import { makeReceiver } from '../../simulators/receiver/receiver.ts';
import { gga, gll, gns, line, rmc, zda } from '../../simulators/receiver/sentences.ts';

const AT = Date.UTC(2026, 10, 24, 9, 24, 5, 250);
const SEEN: Seen = {
  latitude: 47.0433,
  longitude: 0.8178,
  speedMps: 10,
  courseDeg: 84.4,
  altitudeM: 92,
  hdop: 0.8,
  satellites: 12,
  sigmaM: 1.5,
};

describe('sentences', () => {
  it.each([
    ['RMC', rmc('GN', AT, SEEN), 'GNRMC,092405.25,A,4702.59800,N,00049.06800,E,19.438,84.40,241126,,,A'],
    ['RMC without a fix', rmc('GN', AT), 'GNRMC,092405.25,V,,,,,,,241126,,,N'],
    ['GGA', gga('GN', AT, SEEN), 'GNGGA,092405.25,4702.59800,N,00049.06800,E,1,12,0.80,92.0,M,47.8,M,,'],
    ['GGA without a fix', gga('GN', AT), 'GNGGA,092405.25,,,,,0,00,99.99,,,,,,'],
    ['GNS', gns('GN', AT, SEEN), 'GNGNS,092405.25,4702.59800,N,00049.06800,E,AAA,12,0.80,92.0,47.8,,'],
    ['GLL', gll('GN', AT, SEEN), 'GNGLL,4702.59800,N,00049.06800,E,092405.25,A,A'],
    ['ZDA', zda('GN', AT), 'GNZDA,092405.25,24,11,2026,00,00'],
    [
      'south and west',
      gll('GN', AT, { ...SEEN, latitude: -0.5, longitude: -71.999999 }),
      'GNGLL,0030.00000,S,07159.99994,W,092405.25,A,A',
    ],
  ])('%s', (_name, body, expected) => {
    expect(body).toBe(expected);
  });

  it('closes a body with its XOR, CR and LF', () => {
    // NMEA.adoc: the sum of `GPGLL,5057.970,N,00146.110,E,142451,A` is 0x27.
    expect(line('GPGLL,5057.970,N,00146.110,E,142451,A')).toBe(
      '$GPGLL,5057.970,N,00146.110,E,142451,A*27\r\n',
    );
  });

  it('carries minutes that round up into the degree', () => {
    expect(gll('GP', AT, { ...SEEN, latitude: 46.99999999 })).toMatch(/^GPGLL,4700\.00000,N/);
  });
});

describe('receiver', () => {
  const typesOf = (lines: readonly string[]) => lines.map((l) => l.slice(3, 6));
  const epochOf = (kind: 'ublox' | 'quectel', seen?: Seen) =>
    makeReceiver({ kind, hz: 1 }, makeRandom(1)).epoch(Math.floor(AT / 1000) * 1000, seen);

  it('has the order of a u-blox M8: RMC first, GLL behind the satellites', () => {
    const types = typesOf(epochOf('ublox', SEEN));
    expect(types.slice(0, 3)).toEqual(['RMC', 'VTG', 'GGA']);
    expect(types.lastIndexOf('GSV')).toBeLessThan(types.indexOf('GLL'));
  });

  it('has the order of an EC25: satellites first, RMC last, and no time without a fix but in GNS', () => {
    const types = typesOf(epochOf('quectel', SEEN));
    expect(types[0]).toBe('GSV');
    expect(types.at(-1)).toBe('RMC');
    expect(
      epochOf('quectel')
        .slice(-2)
        .map((l) => l.slice(0, 13)),
    ).toEqual(['$GPGGA,,,,,,0', '$GPRMC,,V,,,,']);
  });

  it('fits one second of 9600 baud', () => {
    for (const kind of ['ublox', 'quectel'] as const)
      expect(epochOf(kind, SEEN).join('').length).toBeLessThan(960);
  });
});
