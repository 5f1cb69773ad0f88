import { describe, expect, it } from 'vitest';
import { makeSniffer } from '../../../gateway/core/sniff.ts';
import { bytesOf, gga, rmc, wire } from '../../parts/nmea.ts';
import { block } from '../../parts/vedirect.ts';

const told = (bytes: Uint8Array) => makeSniffer().push(bytes);

describe('what is on a port', () => {
  it.each([
    ['nmea', bytesOf(wire(rmc('092400'), gga('092400')))],
    ['nmea', bytesOf(`\x00\xff$GP${wire('GPTXT,01,01,02,u-blox', 'GPGSV,1,1,00')}`)],
    ['vedirect', block({ PID: '0xA389', V: '12800' })],
    ['at', bytesOf('\r\nOK\r\n')],
    ['at', bytesOf('AT\r\r\nERROR\r\n')],
    ['at', bytesOf('\r\n+CREG: 1\r\n')],
    ['unknown', bytesOf(wire(rmc('092400')))],
    ['unknown', bytesOf('hello\r\nworld\r\n')],
    ['unknown', new Uint8Array()],
  ])('%s', (expected, bytes) => expect(told(bytes)).toBe(expected));

  it('noise is unknown, and wrong checksums tell a wrong speed', () => {
    let seed = 1;
    const noise = Uint8Array.from({ length: 20_000 }, () => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
      return seed >>> 24;
    });
    expect(told(noise)).toBe('unknown');
    const sniffer = makeSniffer();
    sniffer.push(bytesOf(wire(rmc('092400'), gga('092400')).replace('4807', '4808')));
    expect(sniffer).toMatchObject({ verdict: 'unknown', valid: 1, wrong: 1 });
  });
});
