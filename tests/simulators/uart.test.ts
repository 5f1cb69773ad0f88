import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resample } from '../../simulators/uart.ts';

describe('resample', () => {
  it('gives the very bytes at the same rate, and at a rate 3 % off', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 100 }), (bytes) => {
        expect(resample(bytes, 9600, 9600)).toEqual(bytes);
        expect(resample(bytes, 9600, 9888)).toEqual(bytes);
      }),
    );
  });

  it('gives fewer bytes to a slower reader, and no sentence to any other rate', () => {
    const sentence = Buffer.from(
      '$GNRMC,092405.00,A,4702.59800,N,00049.06800,E,19.438,84.40,241126,,,A*7B\r\n',
    );
    for (const rate of [4800, 19_200, 38_400, 57_600, 115_200]) {
      const read = Buffer.from(resample(sentence, 9600, rate));
      expect(read.toString('latin1')).not.toContain('RMC');
      if (rate < 9600) expect(read.length).toBeLessThan(sentence.length);
    }
  });
});
