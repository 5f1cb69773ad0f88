import { describe, expect, it } from 'vitest';
import { fixOfTpv, makeGpsdReader } from '../../../gateway/core/gpsd.ts';

const TPV = {
  class: 'TPV',
  mode: 3,
  time: '2026-11-24T09:24:00.250Z',
  lat: 47.0433,
  lon: 0.8178,
  altMSL: 92.1,
  eph: 4.2,
  speed: 1.5,
  track: 84.4,
};

describe('TPV', () => {
  it('gives the fix', () => {
    expect(fixOfTpv(TPV)).toEqual({
      at: Date.UTC(2026, 10, 24, 9, 24, 0, 250),
      latitude: 47.0433,
      longitude: 0.8178,
      mode: 3,
      altitudeM: 92.1,
      accuracyM: 4.2,
      speedMps: 1.5,
      courseDeg: 84.4,
    });
  });

  it('has no altitude in two dimensions, and accuracy from epx and epy where eph is missing', () => {
    const { eph: _, ...rest } = TPV;
    const fix = fixOfTpv({ ...rest, mode: 2, epx: 3, epy: 5 });
    expect(fix).toMatchObject({ mode: 2, accuracyM: 5 });
    expect(fix).not.toHaveProperty('altitudeM');
  });

  it.each([
    ['no fix', { mode: 1 }],
    ['no time', { time: undefined }],
    ['an impossible latitude', { lat: 91 }],
    ['a latitude that is text', { lat: '47' }],
  ])('gives nothing for %s', (_name, change) => {
    expect(fixOfTpv({ ...TPV, ...change })).toBeUndefined();
  });
});

describe('gpsd reader', () => {
  const bytes = (text: string) => new TextEncoder().encode(text);

  it('reads lines cut anywhere and counts the rest', () => {
    const text = `{"class":"VERSION"}\n${JSON.stringify(TPV)}\n{"class":"TPV","mode":1}\nrubbish\n[]\n`;
    const reader = makeGpsdReader();
    const fixes = [...bytes(text)].flatMap((byte) => reader.push(Uint8Array.of(byte)));
    expect(fixes).toHaveLength(1);
    expect(reader.counters).toMatchObject({ reports: 3, fixes: 1, void: 1, malformed: 2 });
  });

  it('drops a line without an end, and goes on behind it', () => {
    const reader = makeGpsdReader();
    for (let i = 0; i < 100; i++) reader.push(bytes('x'.repeat(1000)));
    expect(reader.push(bytes(`\n${JSON.stringify(TPV)}\n`))).toHaveLength(1);
    expect(reader.counters.malformed).toBe(1);
  });
});
