import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCrc } from '../../protocol/canonical.ts';
import { BULK_DICTIONARY, decodeBulk, encodeBulk } from '../../protocol/codec.ts';
import { makeDeflate } from '../../runtime/deflate.ts';
import { duty, fix } from '../parts/chain.ts';

/**
 * Test vectors of the bulk format, for decoders in other languages. What version 1 wrote must be read for ever: the
 * file is not made again but by `UPDATE_VECTORS=1`, and then only to add to it.
 */
const ROOT = join(import.meta.dirname, '..', '..');
const FILE = join(ROOT, 'tests', 'vectors', 'bulk.json');
const { deflate, inflate } = makeDeflate(BULK_DICTIONARY);

type Vector = {
  readonly name: string;
  readonly journal: string;
  readonly from: number;
  readonly prevCrc: number;
  readonly crc: number;
  readonly rows: readonly string[];
  readonly payloadHex: string;
};

const JOURNAL = '0f2c8a4e-6b1d-4f3a-9c57-1e2d3c4b5a69';
const CASES: Record<string, readonly string[]> = {
  'one fix': [JSON.stringify(fix(1).row)],
  'a hundred fixes': Array.from({ length: 100 }, (_, n) => JSON.stringify(fix(n).row)),
  'several kinds, texts beyond ASCII': [
    JSON.stringify(fix(7).row),
    '{"kind":"power","at":"2026-11-24T08:00:08.000Z","houseV":12.81,"houseA":-3.4,"soc":86.5,"engine":"off"}',
    '{"kind":"event","at":"2026-11-24T08:00:09.123Z","what":"Sainte-Maure-de-Touraine · €","detail":{"a":[1,2.5,null]}}',
    '{"kind":"power","at":null,"boot":"b7","monoMs":123456789012,"houseV":13}',
    JSON.stringify(duty(3).row),
  ],
  'a row that no shape gives back': [
    '{"at":"2026-11-24T08:00:08.000Z","kind":"zz","x y":1e-7}',
    '{"kind":"fix","x":1e-7,"y":0.1}',
  ],
  'a gap row first': [
    `{"kind":"gap","at":null,"lane":"bulk","journal":"${JOURNAL}","from":1,"to":7,"reason":"size_cap","crc":4007}`,
    JSON.stringify(fix(8).row),
  ],
};

function made(): Vector[] {
  return Object.entries(CASES).map(([name, rows]) => {
    const [from, prevCrc] = [7, 0xfedcba98];
    const crc = rows.reduce((c, text, i) => runCrc(c, 'bulk', from + i, text), prevCrc);
    const payload = encodeBulk({ journal: JOURNAL, from, prevCrc, crc, texts: rows }, deflate);
    return {
      name,
      journal: JOURNAL,
      from,
      prevCrc,
      crc,
      rows,
      payloadHex: Buffer.from(payload).toString('hex'),
    };
  });
}

if (process.env.UPDATE_VECTORS) {
  writeFileSync(FILE, `${JSON.stringify(made(), null, 1)}\n`);
  writeFileSync(join(ROOT, 'docs', 'bulk.dictionary'), BULK_DICTIONARY);
}
const vectors = JSON.parse(readFileSync(FILE, 'utf8')) as Vector[];
const python = spawnSync('python3', ['--version']).status === 0;
if (!python && process.env.TOURNEE_REQUIRE_ALL) throw new Error('python3 is needed');

describe('vectors of the bulk format', () => {
  it('cover what a batch may hold', () => {
    expect(vectors.map((v) => v.name)).toEqual(Object.keys(CASES));
    expect(readFileSync(join(ROOT, 'docs', 'bulk.dictionary'), 'utf8')).toBe(BULK_DICTIONARY);
  });

  it.each(vectors)('$name: decodes to its rows', ({ payloadHex, rows, journal, from, prevCrc, crc }) => {
    const batch = decodeBulk(Buffer.from(payloadHex, 'hex'), inflate);
    expect(batch).toEqual({ journal, from, prevCrc, crc, texts: rows });
    expect(rows.reduce((c, text, i) => runCrc(c, 'bulk', from + i, text), prevCrc)).toBe(crc);
  });

  it.skipIf(!python).each(vectors)(
    '$name: the Python decoder of docs/ reads the same',
    ({ payloadHex, rows }) => {
      const { stdout, stderr } = spawnSync('python3', [join(ROOT, 'docs', 'decode_bulk.py')], {
        input: Buffer.from(payloadHex, 'hex'),
      });
      expect(stderr.toString()).toBe('');
      expect(stdout.toString()).toBe(`${rows.join('\n')}\n`);
    },
  );

  it('is read in no more than 60 lines of Python', () => {
    const lines = readFileSync(join(ROOT, 'docs', 'decode_bulk.py'), 'utf8')
      .trim()
      .split('\n');
    expect(lines.filter((line) => line.trim() !== '').length).toBeLessThanOrEqual(60);
  });
});
