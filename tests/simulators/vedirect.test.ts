import { describe, expect, it } from 'vitest';
import { encodeBlock, hexFrame, makeShunt } from '../../simulators/vedirect.ts';

const STATE = {
  houseV: 12.8,
  houseA: -5.1,
  soc: 61.2,
  consumedAh: -77.6,
  starterV: 12.71,
  timeToGoMin: 1440,
};
const sum = (bytes: Uint8Array) => bytes.reduce((a, b) => (a + b) & 0xff, 0);

describe('SmartShunt', () => {
  it('makes the bytes of a block sum to zero', () => {
    const block = encodeBlock([['V', '12800']]);
    expect(sum(block)).toBe(0);
    expect(block.subarray(0, -1).toString('latin1')).toBe('\r\nV\t12800\r\nChecksum\t');
  });

  it('tells live values and history in turn, in milliunits', () => {
    const shunt = makeShunt();
    const [live, history] = [shunt(STATE, false), shunt(STATE, false)].map((b) => b.toString('latin1'));
    for (const field of ['V\t12800', 'VS\t12710', 'I\t-5100', 'P\t-65', 'SOC\t612', 'TTG\t1440', 'AR\t0'])
      expect(live).toContain(`\r\n${field}\r\n`);
    expect(history).toContain('\r\nH1\t');
    expect(history).not.toContain('SOC');
  });

  it('raises its alarm when voltage and charge are low', () => {
    const low = makeShunt()({ ...STATE, houseV: 11.5, soc: 7 }, false).toString('latin1');
    expect(low).toContain('\r\nAlarm\tON\r\nAR\t5\r\n');
  });

  it('puts HEX frames inside and behind a block without changing its sum', () => {
    const text = makeShunt()(STATE, true).toString('latin1');
    const frames = text.match(/:[0-9A-F]+\n/g)!;
    expect(frames).toHaveLength(2);
    expect(sum(Buffer.from(text.replaceAll(frames[0]!, ''), 'latin1'))).toBe(0);
  });

  it('makes the nibbles and bytes of a HEX frame sum to 0x55', () => {
    // Victron's own example of a ping: `:154` (command 1, check 0x54).
    expect(hexFrame(1, []).toString()).toBe(':154\n');
  });
});
