import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSourceUrl } from '../../../gateway/core/sourceUrl.ts';

describe('source URL', () => {
  it.each([
    ['serial:/dev/serial/by-id/usb-u-blox', { kind: 'serial', path: '/dev/serial/by-id/usb-u-blox' }],
    ['serial:/dev/ttyS0?baud=9600', { kind: 'serial', path: '/dev/ttyS0', baud: 9600 }],
    ['serial:/dev/ttyS0?setup=ublox&hz=5', { kind: 'serial', path: '/dev/ttyS0', setup: 'ublox', hz: 5 }],
    ['tcp://phone.local:11123', { kind: 'tcp', host: 'phone.local', port: 11_123 }],
    ['gpsd://localhost', { kind: 'gpsd', host: 'localhost', port: 2947 }],
    ['gpsd://[::1]:2948', { kind: 'gpsd', host: '::1', port: 2948 }],
    ['file:day.nmea', { kind: 'file', path: 'day.nmea', datesKept: false }],
    ['file:/tmp/day.nmea?dates=kept', { kind: 'file', path: '/tmp/day.nmea', datesKept: true }],
    ['mmcli:any', { kind: 'mmcli', modem: 'any' }],
  ])('reads %s', (url, expected) => {
    expect(parseSourceUrl(url)).toEqual(expected);
  });

  it.each([
    ['serial:ttyS0', 'absolute path'],
    ['serial:/dev/ttyS0?baud=fast', 'baud=9600'],
    ['serial:/dev/ttyS0?hz=50', 'hz=1 … 10'],
    ['serial:/dev/ttyS0?setup=garmin', 'setup=ublox'],
    ['tcp://host', 'tcp://host:port'],
    ['tcp://host:99999', 'tcp://host:port'],
    ['file:', 'a path'],
    ['mmcli:wwan', 'mmcli:0'],
    ['sysfs:/sys?volts=x', 'got volts=x'],
    ['http://x', 'got http:'],
    ['nothing', 'expected a source'],
  ])('says what is wrong with %s', (url, words) => {
    expect(parseSourceUrl(url)).toContain(words);
  });

  it('says which kinds suit a device', () => {
    expect(parseSourceUrl('mmcli:0', 'gps')).toBe('expected serial:, tcp:, gpsd:, file: for gps, got mmcli:');
    expect(parseSourceUrl('gpsd://localhost', 'power')).toContain('got gpsd:');
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        for (const scheme of ['', 'serial:', 'tcp://', 'sysfs:/', 'file:']) parseSourceUrl(scheme + text);
      }),
    );
  });
});
