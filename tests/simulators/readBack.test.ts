import { describe, expect, it } from 'vitest';
import { readReply } from '../../gateway/core/at.ts';
import { makeNmeaReader } from '../../gateway/core/nmea/reader.ts';
import { makeVedirectReader } from '../../gateway/core/vedirect.ts';
import { distanceM } from '../../protocol/geo.ts';
import type { Fix, PowerReading } from '../../protocol/readings.ts';
import { ANSWERS } from '../../simulators/cell/answers.ts';
import { FAULTS } from '../../simulators/faults.ts';
import { makeRandom } from '../../simulators/random.ts';
import { storyPlan } from '../../simulators/story.ts';
import { resample } from '../../simulators/uart.ts';
import { BAUD, makeWorld } from '../../simulators/world.ts';

/** What the gateway's readers make of the simulated wires: two implementations that share no line of code. */
const START_MS = Date.UTC(2026, 10, 24, 9, 0, 0);
const SECONDS = 120;

function readWorld(faults: string, kind: 'ublox' | 'quectel' = 'ublox', hz = 1) {
  const plan = storyPlan('demo', faults, 1, START_MS);
  if (typeof plan === 'string') throw new Error(plan);
  const world = makeWorld({ ...plan, receiver: { kind, hz } });
  const nmea = makeNmeaReader();
  const vedirect = makeVedirectReader();
  const fixes: Fix[] = [];
  const power: PowerReading[] = [];
  const baud = hz > 2 ? 115_200 : BAUD.gps;
  for (const { device, bytes, baud: sent } of world.until(SECONDS)) {
    if (device === 'gps') fixes.push(...nmea.push(resample(bytes, sent, baud)));
    if (device === 'shunt')
      for (const unit of vedirect.push(bytes)) if ('reading' in unit) power.push(unit.reading);
  }
  fixes.push(...nmea.flush());
  const off = (fix: Fix) => distanceM(fix, plan.van.at((fix.at - START_MS) / 1000));
  return { fixes, power, nmea: nmea.counters, vedirect: vedirect.counters, off };
}

describe('read back', () => {
  it.each([
    ['ublox', 1],
    ['ublox', 10],
    ['quectel', 1],
    ['quectel', 5],
  ] as const)('gives one fix an epoch where the van is: %s at %i Hz', (kind, hz) => {
    const { fixes, nmea, off } = readWorld('none', kind, hz);
    // The last epoch is still on the wire at the end.
    expect(fixes.length).toBeGreaterThanOrEqual(SECONDS * hz - 1);
    const step = 1000 / hz;
    expect(fixes.map((f) => f.at)).toEqual(fixes.map((_, i) => START_MS + i * step));
    expect(Math.max(...fixes.map(off))).toBeLessThan(10);
    for (const fault of ['checksum', 'noise', 'cut', 'long', 'malformed'] as const)
      expect(nmea[fault]).toBe(0);
  });

  it('gives what the shunt measured', () => {
    const { power, vedirect } = readWorld('none');
    expect(vedirect).toMatchObject({ checksum: 0, broken: 0 });
    expect(power.length).toBeGreaterThanOrEqual(2 * SECONDS - 1);
    const live = power.filter((r) => r.soc !== undefined);
    for (const { houseV, starterV, soc } of live) {
      expect(houseV).toBeGreaterThan(12.5);
      expect(starterV).toBeGreaterThan(12.3);
      expect(soc).toBeGreaterThan(30);
    }
  });

  it.each([
    ['bad_checksum', ['checksum']],
    ['cut_line', ['checksum', 'cut', 'unchecked', 'noise']],
  ] as const)('counts %s as %j, and invents nothing', (fault, reasons) => {
    const { fixes, nmea, off } = readWorld(`${fault}@10+100`);
    expect(reasons.reduce((sum, reason) => sum + nmea[reason], 0)).toBeGreaterThan(50);
    expect(Math.max(...fixes.map(off))).toBeLessThan(10);
    expect(fixes.length).toBeGreaterThan(SECONDS / 2);
  });

  it('makes no sentence of a wrong rate, and no fix without satellites', () => {
    for (const fault of ['wrong_baud', 'no_gps', 'silence']) {
      const { fixes, off } = readWorld(`${fault}@10+100`);
      expect(fixes.length).toBeLessThan(25);
      expect(Math.max(...fixes.map(off))).toBeLessThan(10);
    }
  });

  it.each([
    ['frozen_fix', 10, 200],
    ['jump', 3000, 5000],
  ])('leaves %s to the gate: it is a valid sentence', (fault, fromM, toM) => {
    const { fixes, off } = readWorld(`${fault}@10+10`);
    const worst = Math.max(...fixes.map(off));
    expect(worst).toBeGreaterThan(fromM);
    expect(worst).toBeLessThan(toM);
  });

  it('prints the date of a rollover as sent', () => {
    const { fixes } = readWorld('rollover@10+200');
    expect(new Date(fixes.at(-1)!.at).toISOString().slice(0, 10)).toBe('2007-04-10');
  });

  it('finds every block among HEX frames', () => {
    const [plain, hex] = [readWorld('none'), readWorld('hex_in_text@0+200')];
    expect(hex.power.map((r) => r.houseV)).toEqual(plain.power.map((r) => r.houseV));
    expect(hex.vedirect.hex).toBeGreaterThan(SECONDS);
  });

  it('reads on, within range, through every fault of the catalogue', () => {
    for (const name of Object.keys(FAULTS)) {
      const { fixes, power } = readWorld(`${name}@10+20`);
      expect(fixes.length, name).toBeGreaterThan(SECONDS - 40);
      expect(power.length, name).toBeGreaterThan(SECONDS);
    }
  });

  it.each(['quectel', 'simcom'] as const)('agrees on signs and scales of a %s', (kind) => {
    const random = makeRandom(4);
    for (let i = 0; i < 50; i++) {
      const radio = {
        rsrpDbm: Math.round(random.between(-120, -70)),
        rsrqDb: Math.round(random.between(-19, -5)),
        sinrDb: Math.round(random.between(-6, 24)),
        rssiDbm: -113 + 2 * Math.round(random.between(0, 31)),
      };
      const network = {
        registration: 1,
        radio,
        operator: 'Orange F',
        plmn: '20801',
        attached: true,
      } as const;
      for (const [question, answer] of Object.entries(ANSWERS[kind])) {
        const text = answer(network);
        if (!text.startsWith('+')) continue;
        const { rsrpDbm, rsrqDb, sinrDb, rssiDbm } = readReply(text)?.reading ?? {};
        for (const [told, meant] of [
          [rsrpDbm, radio.rsrpDbm],
          [rsrqDb, radio.rsrqDb],
          [sinrDb, radio.sinrDb],
          [rssiDbm, radio.rssiDbm],
        ])
          if (told !== undefined) expect(told, `${question} ${text}`).toBe(meant);
      }
    }
  });
});
