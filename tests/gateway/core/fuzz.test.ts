import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mutate, randomOf } from '../../../bench/fuzz/mutate.ts';
import { READERS, readerOf } from '../../../bench/fuzz/readers.ts';
import { makeSentenceScanner } from '../../../gateway/core/lines.ts';
import { makeNmeaReader } from '../../../gateway/core/nmea/reader.ts';
import { makeVedirectReader } from '../../../gateway/core/vedirect.ts';
import { bytesOf, gga, read, rmc, sentence } from '../../parts/nmea.ts';
import { block } from '../../parts/vedirect.ts';

/** The long campaign is `npm run campaign devices` (bench/fuzz.ts): the same readers, mutations and checks. */
const vector = (name: string) =>
  readFileSync(fileURLToPath(new URL(`../../vectors/${name}`, import.meta.url)));
const SEEDS = {
  nmea: [vector('nmea/drive.nmea'), vector('nmea/tenHertz.nmea')],
  vedirect: [vector('vedirect/smartshunt.bin')],
  at: [vector('at/quectel.txt')],
};

/** What a wire may hold between sentences, with no sentence in it: noise, cut ones, wrong ones, empty lines. */
const rubbish = fc.oneof(
  fc
    .uint8Array({ maxLength: 60 })
    .map((bytes) => Buffer.from(bytes.map((byte) => (byte === 0x24 ? 0 : byte)))),
  fc.constantFrom('$GPGGA,1234', '$', '$GPRMC,092400,A*', '\r\n', '$GPGLL,1*00\r\n', '|', '$$$').map(bytesOf),
  fc.nat(40).map((cut) => bytesOf(sentence(rmc('120000')).slice(0, cut))),
);

describe('any bytes', () => {
  it.each(READERS)('%s: no exception, no value out of range, wherever they are cut', (kind) => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 12 }), (chunks) => {
        const { push, flush } = readerOf(kind);
        for (const chunk of chunks) push(chunk);
        flush();
      }),
      { numRuns: 300 },
    );
  });

  it.each(READERS)('%s: mutations of recordings too, 400 kB', (kind) => {
    const random = randomOf(20_261_124);
    const { push, flush } = readerOf(kind);
    for (let done = 0; done < 400_000; ) {
      const bytes = mutate(SEEDS[kind], random);
      push(bytes);
      done += bytes.length;
    }
    flush();
  });
});

describe('every intact sentence is used, nothing is invented', () => {
  const epochs = ['120000', '120001', '120002', '120003'].flatMap((time) => [gga(time), rmc(time)]);
  const clean = read(epochs.map(sentence).join(''));

  it('rubbish between sentences changes nothing', () => {
    fc.assert(
      fc.property(fc.array(rubbish, { minLength: 9, maxLength: 9 }), (between) => {
        const parts = epochs.flatMap((body, i) => [between[i]!, bytesOf(sentence(body).trimEnd())]);
        expect(read(Buffer.concat([...parts, between[8]!]))).toEqual(clean);
      }),
      { numRuns: 300 },
    );
  });

  it('what is intact is what a pattern over the whole text finds', () => {
    const random = randomOf(7);
    for (let round = 0; round < 150; round++) {
      const bytes = mutate(SEEDS.nmea, random);
      const found: string[] = [];
      makeSentenceScanner(
        (s) => found.push(Buffer.from(s.bytes.subarray(0, s.starts[s.count]! - 1)).toString('latin1')),
        () => {},
      ).push(bytes);
      const expected = [...bytes.toString('latin1').matchAll(/\$([ -#%-)+-~]{0,120})\*([0-9A-Fa-f]{2})/g)]
        .filter(([, body, sum]) => sentence(body!).includes(`*${sum!.toUpperCase()}`))
        .map(([, body]) => body!);
      expect(found).toEqual(expected);
    }
  });

  it('a byte that is wrong takes away, and adds nothing', () => {
    const bytes = bytesOf(epochs.map(sentence).join(''));
    const known = new Set(clean.map((fix) => fix.at));
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const wrong = Buffer.from(bytes);
        wrong[at]! ^= flip;
        for (const fix of read(wrong)) {
          expect(known).toContain(fix.at);
          expect([48 + 7.038 / 60, 48 + 7.0381 / 60]).toContain(fix.latitude);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('the cut of the bytes changes nothing', () => {
    const drive = SEEDS.nmea[0]!;
    const whole = [makeNmeaReader()].flatMap((reader) => [...reader.push(drive), ...reader.flush()]);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), (size) => {
        const reader = makeNmeaReader();
        const fixes = [];
        for (let at = 0; at < drive.length; at += size)
          fixes.push(...reader.push(drive.subarray(at, at + size)));
        expect([...fixes, ...reader.flush()]).toEqual(whole);
      }),
      { numRuns: 20 },
    );
  });

  it('a VE.Direct block between any bytes that begin none is given', () => {
    const bytes = block({ PID: '0xA389', V: '12800', I: '-2100' });
    // What is in front must not be the beginning of a HEX frame, which takes all in until its line ends.
    const noise = fc
      .uint8Array({ maxLength: 80 })
      .map((all) => Buffer.from(all.map((byte) => (byte === 0x3a ? 0 : byte))));
    fc.assert(
      fc.property(noise, fc.uint8Array({ maxLength: 80 }), (before, after) => {
        const reader = makeVedirectReader();
        const given = reader.push(Buffer.concat([before, bytes, after]));
        expect(given.filter((item) => 'fields' in item && item.fields.V === '12800')).toHaveLength(1);
      }),
      { numRuns: 300 },
    );
  });
});
