import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { makeAtReader } from '../../../gateway/core/at.ts';
import { makeNmeaReader } from '../../../gateway/core/nmea/reader.ts';
import { makeSniffer } from '../../../gateway/core/sniff.ts';
import { makeVedirectReader } from '../../../gateway/core/vedirect.ts';
import type { Fix } from '../../../protocol/readings.ts';

/**
 * Real devices, where their captures are at hand: never committed. gpsd's own conclusions are the oracle (phantom: a
 * position where gpsd has none; wrong time: a position at a time that it does not have).
 */
const CAPTURES = fileURLToPath(new URL('../../../../shared/captures/', import.meta.url));
const have = existsSync(CAPTURES);
const required = process.env.TOURNEE_REQUIRE_ALL === '1';
const read = (name: string) => readFileSync(`${CAPTURES}${name}`);

type Verdict = Record<
  | 'expectedFixes'
  | 'matched'
  | 'near'
  | 'phantom'
  | 'wrongPosition'
  | 'unexpectedTime'
  | 'malformed'
  | 'missing',
  number
>;
type Oracle = {
  wireBytes(log: Buffer): string;
  readPair(path: string): unknown;
  compare(pair: unknown, got: object[]): Verdict;
};
const logs = have ? readdirSync(`${CAPTURES}nmea`).filter((name) => name.endsWith('.log')) : [];

function fixesOf(bytes: Buffer, prompt: boolean, chunk: number): Fix[] {
  const reader = makeNmeaReader({ prompt });
  const fixes = [];
  for (let at = 0; at < bytes.length; at += chunk) fixes.push(...reader.push(bytes.subarray(at, at + chunk)));
  return [...fixes, ...reader.flush()];
}

describe.skipIf(!have && !required)('captures of real receivers', () => {
  it.each([
    ['as decode reads them', false],
    ['as the gateway reads them', true],
  ])('no phantom, no wrong position, no wrong time, 98 %% matched: %s', async (_name, prompt) => {
    const oracle = (await import(pathToFileURL(`${CAPTURES}nmea-oracle.mjs`).href)) as Oracle;
    let expected = 0;
    let matched = 0;
    for (const name of logs) {
      const fixes = fixesOf(Buffer.from(oracle.wireBytes(read(`nmea/${name}`)), 'latin1'), prompt, 64);
      const got = fixes.map((fix) => ({ time: fix.at, lat: fix.latitude, lon: fix.longitude }));
      const verdict = oracle.compare(oracle.readPair(`${CAPTURES}nmea/${name}`), got);
      expect([name, verdict]).toEqual([
        name,
        expect.objectContaining({ phantom: 0, wrongPosition: 0, unexpectedTime: 0, malformed: 0 }),
      ]);
      expected += verdict.expectedFixes;
      matched += verdict.matched + verdict.near;
    }
    expect(expected).toBe(725);
    expect(matched / expected).toBeGreaterThanOrEqual(0.99);
  });

  it('every receiver is told to be one within 3 s of its bytes', () => {
    for (const name of logs) {
      if (name === 'tcp-torture.log' || name === 'april6_2019.log') continue;
      const sniffer = makeSniffer();
      sniffer.push(read(`nmea/${name}`).subarray(0, 3000));
      expect([name, sniffer.verdict]).toEqual([name, 'nmea']);
    }
  });
});

describe.skipIf(!have && !required)('captures of shunts, chargers and modems', () => {
  it.each([
    ['bvm702.dump', 906, 0],
    ['bluesolar_1.23.dump', 248, 7],
    ['bmv700-frame.bin', 1, 0],
    ['bvm702-cr-stripped.dump', 0, 0],
  ])('%s: %i blocks, %i HEX frames, wherever the bytes are cut', (name, blocks, hex) => {
    for (const chunk of [1, 7, 1_000_000]) {
      const reader = makeVedirectReader();
      const bytes = read(`vedirect/${name}`);
      for (let at = 0; at < bytes.length; at += chunk) reader.push(bytes.subarray(at, at + chunk));
      expect(reader.counters).toMatchObject({ blocks, hex });
    }
  });

  it('two SIM7600 replies are understood, and data is attached', () => {
    const reader = makeAtReader();
    const replies = [...reader.push(read('at/simcom-transcript.txt')), ...reader.flush()];
    expect(replies.map(({ command, reading }) => [command, reading])).toEqual([
      ['+COPS', { operator: '46011', technology: '4g' }],
      [
        '+CPSI',
        { technology: '4g', operator: '460-11', rsrpDbm: -105, rsrqDb: -14, rssiDbm: -69, sinrDb: 5 },
      ],
      ['+CGATT', { attached: true }],
    ]);
  });
});
