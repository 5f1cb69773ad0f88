import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { qrCode } from '../../web/qr.ts';

/**
 * The matrices were read back by an independent decoder (jsQR 1.4.0: every length from 1 to 213 bytes, all ten
 * versions); their hashes hold them since.
 */
describe('QR code', () => {
  it.each([
    ['A', 21, 'bc9009ae87ca68f1'],
    ['https://agence.example/c/37130-ligueil', 29, '6fa8b1b6c49f8353'],
    ['x'.repeat(213), 57, 'f8a692e420006d88'],
  ])('of %s', (text, size, hash) => {
    const grid = qrCode(text)!;
    expect(grid).toHaveLength(size);
    const bits = grid.map((row) => row.map((dark) => (dark ? '1' : '0')).join('')).join('\n');
    expect(createHash('sha256').update(bits).digest('hex').slice(0, 16)).toBe(hash);
  });

  it('refuses what does not fit', () => {
    expect(qrCode('x'.repeat(214))).toBeUndefined();
  });
});
