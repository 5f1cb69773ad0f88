import { describe, expect, it } from 'vitest';
import { type Random, randomOf } from '../../../bench/fuzz/mutate.ts';
import { read, sentence } from '../../parts/nmea.ts';

/**
 * Receivers made up at random (which sentences, in which order, how often, with which faults) against the rules written
 * down a second time, plainly: a pattern for what is intact, `Date` for days, one instant after another.
 */
type Place = readonly [at: number, latitude: number, longitude: number];
const pick = <T>(random: Random, from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
const DAY_MS = 86_400_000;

/** What each state of a receiver looks like: RMC and GLL status and mode, GGA quality, GNS modes. */
const STATES = {
  ok: [
    ['A,A', 'A,D', 'A,E', 'A,'],
    ['1', '2', '4'],
    ['A', 'NAN', 'AAAA', 'NNE'],
  ],
  V: [['V,N', 'V,A'], ['0'], ['N']],
  N: [['A,N'], ['0'], ['NN']],
  S: [['A,S'], ['8'], ['S']],
  M: [['A,M'], ['7'], ['M']],
  silent: [[','], [''], ['']],
} as const;

function minutes(value: number, width: number, decimals: number): string {
  const degrees = Math.floor(Math.abs(value));
  const rest = Math.min((Math.abs(value) - degrees) * 60, 59.999);
  return `${degrees}`.padStart(width, '0') + rest.toFixed(decimals).padStart(3 + decimals, '0');
}

function makeStream(random: Random): string {
  const talker = pick(random, ['GP', 'GN', 'GL', 'II']);
  const kinds = ['RMC', 'GGA', 'GLL', 'GNS', 'ZDA', 'GSA', 'VTG', 'GST', 'GSV'].filter(() => random() < 0.6);
  const order = kinds.sort(() => random() - 0.5);
  // Sentences without a time belong to the one before them: the first has one.
  order.unshift(pick(random, ['RMC', 'GGA', 'GLL', 'GNS']));
  const step = pick(random, [1000, 1000, 200, 333]);
  const start = Date.UTC(2026, 10, 24, 23, 59, 40 + Math.floor(random() * 15));
  const [lat, lon] = [random() * 170 - 85, random() * 350 - 175];
  let stream = '';
  for (let i = 0; i < 40; i++) {
    const iso = new Date(start + i * step).toISOString();
    const time = iso.slice(11, 23).replaceAll(':', '');
    const [y, m, d] = [iso.slice(0, 4), iso.slice(5, 7), iso.slice(8, 10)];
    const place = `${minutes(lat + i * 1e-4, 2, 5)},${lat < 0 ? 'S' : 'N'},${minutes(lon + i * 1e-4, 3, 5)},${lon < 0 ? 'W' : 'E'}`;
    const state = random() < 0.75 ? 'ok' : pick(random, ['V', 'N', 'S', 'M', 'silent'] as const);
    for (const kind of order) {
      const [statuses, qualities, modes] = STATES[random() < 0.7 ? state : 'ok'];
      const [status, mode] = pick<string>(random, statuses).split(',');
      const body = {
        RMC: `RMC,${time},${status},${place},012.3,123.4,${d}${m}${y.slice(2)},,,${mode}`,
        GGA: `GGA,${time},${place},${pick<string>(random, qualities)},08,0.9,12.3,M,,M,,`,
        GLL: `GLL,${place},${time},${status},${mode}`,
        GNS: `GNS,${time},${place},${pick<string>(random, modes)},09,1.1,15.5,,,,`,
        ZDA: `ZDA,${time},${d},${m},${y},00,00`,
        GSA: 'GSA,A,3,01,02,03,04,,,,,,,,,1.5,1.2,0.9',
        VTG: 'VTG,10.0,T,,M,5.0,N,9.3,K,A',
        GST: `GST,${time},1,,,,3.0,4.0,5.0`,
        GSV: 'GSV,1,1,01,05,10,20,30',
      }[kind];
      stream += spoil(sentence(talker + body), random);
    }
  }
  return stream;
}

/** Leaves most as they are; loses ends of lines, bits, tails, and puts rubbish in front. */
function spoil(line: string, random: Random): string {
  const chance = random();
  const at = Math.floor(random() * line.length);
  if (chance < 0.04)
    return (
      line.slice(0, at) +
      String.fromCharCode(line.charCodeAt(at) ^ (1 << Math.floor(random() * 7))) +
      line.slice(at + 1)
    );
  if (chance < 0.07) return line.slice(0, at);
  if (chance < 0.1) return `\xb5b$*\x00A${line}`;
  return chance < 0.3 ? line.trimEnd() : line;
}

const degreesOf = (text: string, hemisphere: string) => {
  const point = text.indexOf('.');
  const value = Number(text.slice(0, point - 2)) + Number(text.slice(point - 2)) / 60;
  return 'SW'.includes(hemisphere) ? -value : value;
};
const timeOf = (text: string) =>
  Number(text.slice(0, 2)) * 3_600_000 +
  Number(text.slice(2, 4)) * 60_000 +
  Math.round(Number(text.slice(4)) * 1000);

/** valid, void, or no word. */
function wordOf(kind: string, f: readonly string[]): 'valid' | 'void' | '' {
  if (kind === 'GGA') return f[6] === '' ? '' : '078'.includes(f[6]!) ? 'void' : 'valid';
  if (kind === 'GNS') return f[6] === '' ? '' : /[ADEFRP]/.test(f[6]!) ? 'valid' : 'void';
  const [status, mode] = kind === 'RMC' ? [f[2], f[12]] : [f[6], f[7]];
  if (status === 'V') return 'void';
  return status !== 'A' ? '' : mode !== '' && 'NSM'.includes(mode!) ? 'void' : 'valid';
}

function reference(stream: string): Place[] {
  const given: Place[] = [];
  let clock = Number.NaN;
  let instant: { time: number; words: string[]; place?: [number, number]; day?: number } | undefined;
  const close = () => {
    if (!instant || instant.words.includes('void') || !instant.place) return;
    const day = instant.day ?? Math.round((clock - instant.time) / DAY_MS) * DAY_MS;
    if (Number.isNaN(day)) return;
    clock = day + instant.time;
    given.push([clock, ...instant.place]);
  };
  for (const [whole, body] of stream.matchAll(/\$([ -#%-)+-~]{0,120})\*[0-9A-Fa-f]{2}/g)) {
    if (!sentence(body!).startsWith(whole.toUpperCase())) continue;
    const f = body!.split(',');
    const kind = f[0]!.slice(2);
    if (kind === 'ZDA') clock = Date.UTC(Number(f[4]), Number(f[3]) - 1, Number(f[2])) + timeOf(f[1]!);
    if (!['RMC', 'GGA', 'GLL', 'GNS'].includes(kind)) continue;
    const time = timeOf(kind === 'GLL' ? f[5]! : f[1]!);
    if (instant?.time !== time) {
      close();
      instant = { time, words: [] };
    }
    const word = wordOf(kind, f);
    instant.words.push(word);
    if (word !== 'valid') continue;
    const p = kind === 'RMC' ? 3 : kind === 'GLL' ? 1 : 2;
    instant.place ??= [degreesOf(f[p]!, f[p + 1]!), degreesOf(f[p + 2]!, f[p + 3]!)];
    if (kind === 'RMC')
      instant.day = Date.UTC(
        2000 + Number(f[9]!.slice(4)),
        Number(f[9]!.slice(2, 4)) - 1,
        Number(f[9]!.slice(0, 2)),
      );
  }
  close();
  return given;
}

describe('receivers made up at random', () => {
  it('are read as the rules written a second time say: 150 of them', () => {
    let fixes = 0;
    for (let seed = 1; seed <= 150; seed++) {
      const stream = makeStream(randomOf(seed));
      const expected = reference(stream);
      const got = read(stream).map((fix): Place => [fix.at, fix.latitude, fix.longitude]);
      expect([seed, got.map(([at]) => at)]).toEqual([seed, expected.map(([at]) => at)]);
      got.forEach(([, latitude, longitude], i) => {
        expect(latitude).toBeCloseTo(expected[i]![1], 9);
        expect(longitude).toBeCloseTo(expected[i]![2], 9);
      });
      fixes += got.length;
    }
    expect(fixes).toBeGreaterThan(1500);
  });
});
