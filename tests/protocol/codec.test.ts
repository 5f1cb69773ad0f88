import zlib from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalText, crcAfter } from '../../protocol/canonical.ts';
import { BULK_DICTIONARY, decodeBulk, encodeBulk } from '../../protocol/codec.ts';
import { makeDeflate } from '../../runtime/deflate.ts';

const { deflate, inflate } = makeDeflate(BULK_DICTIONARY);
const JOURNAL = '01234567-89ab-4cde-8f01-23456789abcd';
const batchOf = (texts: readonly string[]) => ({
  journal: JOURNAL,
  from: 7,
  prevCrc: 0xfedcba98,
  crc: 1,
  texts,
});

const instant = fc.integer({ min: 0, max: 4_102_444_800_000 }).map((ms) => new Date(ms).toISOString());
const value = fc.oneof(
  fc.boolean(),
  fc.constant(null),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.integer({ min: -9e8, max: 9e8 }).map((n) => n / 1e6),
  instant,
  fc.string({ unit: 'binary' }),
  fc.json().map((t) => JSON.parse(t) as unknown),
);
const key = fc.oneof(fc.constantFrom('at', 'latitude', 'houseV', 'moving', 'x'), fc.string());
const row = fc
  .oneof(
    fc.record({ kind: fc.constantFrom('fix', 'power', 'link', 'zz'), rest: fc.dictionary(key, value) }),
    fc.record({ kind: fc.string(), rest: fc.dictionary(key, value) }),
  )
  .map(({ kind, rest }) => canonicalText({ kind, ...rest }));

describe('bulk batch', () => {
  it('gives every row back byte for byte, whatever it holds', () => {
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 40 }), (texts) => {
        expect(decodeBulk(encodeBulk(batchOf(texts), deflate), inflate)).toEqual(batchOf(texts));
      }),
      { numRuns: 500 },
    );
  });

  it('gives whole numbers back at every power of two', () => {
    const texts = Array.from({ length: 50 }, (_, bits) => [2 ** bits, 2 ** bits - 1, -(2 ** bits)])
      .flat()
      .map((n) => `{"kind":"event","n":${n}}`);
    for (const text of texts)
      expect(decodeBulk(encodeBulk(batchOf([text]), deflate), inflate)).toEqual(batchOf([text]));
    expect(decodeBulk(encodeBulk(batchOf(texts), deflate), inflate)).toEqual(batchOf(texts));
  });

  it('runs the CRC of zip over texts of any length', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 3000 }), fc.nat(), (text, previous) => {
        const bytes = Buffer.from(text);
        expect(crcAfter(previous, text)).toBe(zlib.crc32(bytes, previous));
      }),
    );
  });

  it('answers mutated bytes with undefined or a batch, never with an exception', () => {
    const texts = [
      '{"kind":"fix","at":"2026-11-24T09:24:00.000Z","latitude":47.123456,"longitude":0.5,"moving":true}',
      '{"kind":"power","at":null,"boot":"b","monoMs":12345678901,"houseV":12.81}',
    ];
    const whole = encodeBulk(batchOf(texts), (bytes) => bytes);
    const plain = (bytes: Uint8Array) => bytes;
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(whole.length), fc.nat(255)), { maxLength: 6 }),
        fc.nat(whole.length),
        (edits, cut) => {
          const bytes = whole.slice(0, cut);
          for (const [at, to] of edits) bytes[at] = to;
          decodeBulk(bytes, plain);
        },
      ),
      { numRuns: 3000 },
    );
  });

  it('refuses a deflate bomb and a table multiplied by its index', () => {
    const bomb = encodeBulk(batchOf(['{}']), () => deflate(new Uint8Array(30_000_000)));
    expect(bomb.length).toBeLessThan(65_536);
    expect(decodeBulk(bomb, inflate)).toBeUndefined();
    const long = canonicalText({ kind: 'event', what: 'x'.repeat(60_000) });
    expect(
      decodeBulk(encodeBulk(batchOf(Array.from({ length: 100 }, () => long)), deflate), inflate),
    ).toBeUndefined();
  });
});
