import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Agenda } from '../../protocol/agenda.ts';
import { distanceM } from '../../protocol/geo.ts';
import { FAULTS, parseFaults } from '../../simulators/faults.ts';
import { referenceDay, referenceVan } from '../../simulators/referenceDay.ts';
import { demoAgenda, storyAgenda, storyPlan } from '../../simulators/story.ts';
import { makeWorld, type World, type WorldPlan } from '../../simulators/world.ts';
import { plannedVisits } from '../../visit/agenda.ts';

const START_MS = Date.UTC(2026, 10, 24, 9, 0, 0);

function planOf(story: 'demo' | 'plain', faults: string, seed = 1): WorldPlan {
  const plan = storyPlan(story, faults, seed, START_MS);
  if (typeof plan === 'string') throw new Error(plan);
  return plan;
}
const textOf = (world: World, device: string, s: number) =>
  world
    .until(s)
    .filter((e) => e.device === device)
    .map((e) => Buffer.from(e.bytes).toString('latin1'))
    .join('');
const sumOf = (world: World, s: number) => {
  const hash = createHash('sha256');
  for (const { s: at, device, bytes } of world.until(s)) hash.update(`${at} ${device} `).update(bytes);
  return hash.digest('hex');
};

describe('world', () => {
  it('gives the same bytes for the same seed, however it is asked, and others for another', () => {
    const whole = sumOf(makeWorld(planOf('demo', 'story')), 300);
    const stepped = makeWorld(planOf('demo', 'story'));
    const hash = createHash('sha256');
    for (let s = 0; s <= 300; s += 0.7)
      for (const e of stepped.until(s)) hash.update(`${e.s} ${e.device} `).update(e.bytes);
    for (const e of stepped.until(300)) hash.update(`${e.s} ${e.device} `).update(e.bytes);
    expect(hash.digest('hex')).toBe(whole);
    expect(sumOf(makeWorld(planOf('demo', 'story', 2)), 300)).not.toBe(whole);
  });

  it('sends in order of time, no faster than the line', () => {
    const emissions = makeWorld(planOf('plain', 'none')).until(60);
    let last = 0;
    let gpsBytes = 0;
    for (const { s, device, bytes } of emissions) {
      expect(s).toBeGreaterThanOrEqual(last);
      last = s;
      if (device === 'gps') gpsBytes += bytes.length;
    }
    expect(gpsBytes).toBeLessThan(60 * 960);
  });

  it.each([
    ['no_gps', 'gps', /GNRMC,\d{6}\.00,V,,,/],
    ['rollover', 'gps', /,100407,,,A\*/],
    ['jump', 'gps', /\$GNRMC/],
    ['hex_in_text', 'shunt', /:A8DED00/],
  ])('shows %s on the wire', (fault, device, pattern) => {
    const world = makeWorld(planOf('plain', `${fault}@2+5`));
    const before = textOf(world, device, 2);
    const during = textOf(world, device, 6);
    expect(during).toMatch(pattern);
    if (fault !== 'jump') expect(before).not.toMatch(pattern);
  });

  it.each([
    ['silence', 'gps'],
    ['shunt_silence', 'shunt'],
  ])('says nothing under %s', (fault, device) => {
    const world = makeWorld(planOf('plain', `${fault}@2+5`));
    textOf(world, device, 3);
    expect(textOf(world, device, 6.9)).toBe('');
    expect(textOf(world, device, 9)).not.toBe('');
  });

  it('unplugs and loses the network when told', () => {
    const world = makeWorld(planOf('plain', 'unplug@2+5,network_lost@3+5'));
    world.until(4);
    expect([world.plugged('gps'), world.plugged('shunt'), world.data()]).toEqual([false, true, 'lost']);
    world.until(9);
    expect([world.plugged('gps'), world.data()]).toEqual([true, 'up']);
    expect(world.events().map((e) => e.event)).toEqual([
      'departed',
      'fault',
      'fault',
      'link_down',
      'fault_over',
      'fault_over',
      'link_up',
    ]);
  });

  it('runs every fault of the catalogue, and a storm of them, without an end', () => {
    for (const name of Object.keys(FAULTS)) {
      const world = makeWorld(planOf('demo', `${name}@1+3`));
      expect(world.until(6).length).toBeGreaterThan(10);
    }
    const storm = makeWorld(planOf('demo', 'storm'));
    expect(storm.until(900).length).toBeGreaterThan(1000);
  });
});

describe('faults', () => {
  it('reads names with and without times', () => {
    expect(parseFaults('silence@5+7,unplug')).toEqual([
      { name: 'silence', fromS: 5, toS: 12 },
      { name: 'unplug', fromS: 35, toS: 50 },
    ]);
    expect(parseFaults('earthquake')).toContain('got earthquake');
  });
});

describe('the demo story', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 77, 1234])('keeps its times with seed %i', (seed) => {
    const { van } = planOf('demo', 'story', seed);
    const [first, second] = demoAgenda(START_MS, 'Europe/Paris').stops;
    const at = (stop: { lat: number; lon: number }, s: number) =>
      distanceM(van.at(s), { latitude: stop.lat, longitude: stop.lon });
    expect(at(first!, 0)).toBeGreaterThan(390);
    expect(at(first!, 0)).toBeLessThan(410);
    expect(van.at(45).speedMps).toBe(0);
    expect(at(first!, 45)).toBeLessThan(20);
    expect(van.at(60).engine).toBe('off');
    expect(van.at(290).speedMps).toBeGreaterThan(5);
    expect(at(first!, 290)).toBeGreaterThan(150);
    expect(van.at(420).speedMps).toBe(0);
    expect(at(second!, 420)).toBeLessThan(20);
  });

  it('has an agenda that its schema takes and whose windows hold the halts', () => {
    // Not within the hour that comes twice in October: local times cannot name it.
    for (const nowMs of [START_MS, Date.UTC(2026, 2, 28, 22, 57), Date.UTC(2026, 9, 25, 3, 0)]) {
      const agenda = Agenda.parse(demoAgenda(nowMs, 'Europe/Paris'));
      const [first, second] = plannedVisits(agenda);
      expect(first!.fromMs).toBeLessThanOrEqual(nowMs + 45_000);
      expect(first!.toMs).toBeGreaterThan(nowMs + 200_000);
      expect(second!.fromMs).toBeLessThan(nowMs + 480_000);
      expect(second!.toMs).toBeGreaterThan(nowMs + 900_000);
    }
  });

  it('brings the battery down and takes the 4G away, one after the other', () => {
    const world = makeWorld(planOf('demo', 'story'));
    const before = textOf(world, 'shunt', 140);
    const sagging = textOf(world, 'shunt', 200);
    const socs = (text: string) => [...text.matchAll(/SOC\t(\d+)/g)].map((m) => Number(m[1]) / 10);
    expect(Math.min(...socs(before))).toBeGreaterThan(30);
    expect(Math.min(...socs(sagging))).toBeLessThan(10);
    expect(world.data()).toBe('lost');
    world.until(250);
    expect(world.data()).toBe('up');
  });
});

describe('the reference day', () => {
  it('has 9 h of fixes and power at 1 Hz, a look at the modem every 10 s, and the same values twice', () => {
    const counts = { fix: 0, power: 0, link: 0 };
    const hash = () => {
      const sum = createHash('sha256');
      for (const input of referenceDay(1)) sum.update(JSON.stringify(input));
      return sum.digest('hex');
    };
    for (const { kind } of referenceDay(1)) counts[kind]++;
    expect(counts).toEqual({ fix: 32_400, power: 32_400, link: 3240 });
    expect(hash()).toBe(hash());
  });

  it('halts at both stops of its agenda within their windows', () => {
    const van = referenceVan(1);
    const agenda = Agenda.parse(storyAgenda('reference', START_MS, 'Europe/Paris'));
    for (const { stop, fromMs, toMs } of plannedVisits(agenda)) {
      const place = { latitude: stop.lat, longitude: stop.lon };
      const halfway = (fromMs + toMs) / 2;
      expect(distanceM(van.at((halfway - START_MS) / 1000), place)).toBeLessThan(20);
      expect(distanceM(van.at((fromMs + 60_000 - START_MS) / 1000), place)).toBeLessThan(20);
    }
  });
});
