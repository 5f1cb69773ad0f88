import { afterEach, describe, expect, it } from 'vitest';
import type { Agenda } from '../../protocol/agenda.ts';
import { destination } from '../../protocol/geo.ts';
import { commune } from '../../simulators/communes.ts';
import { makeRandom } from '../../simulators/random.ts';
import { VILLAGE_STREET } from '../../simulators/route.ts';
import { makeVan, type Step } from '../../simulators/van.ts';
import { makeWorld } from '../../simulators/world.ts';
import { makeRig, type Rig, VAN } from '../parts/rig.ts';

/** A plain day of two stops, from the devices' bytes to the depot's store, on a fake clock. */

const START_MS = Date.UTC(2026, 10, 24, 8, 0, 0);
const MINUTE_S = 60;
const SEED = 1;
const FIRST = commune('Ligueil');
const SECOND = destination(FIRST, 2500, 65);
const STEPS: readonly Step[] = [
  { kind: 'drive', to: FIRST, road: VILLAGE_STREET, name: 'first' },
  { kind: 'halt', untilS: 26 * MINUTE_S, engineOffAfterS: 10, name: 'first', open: true },
  { kind: 'drive', to: SECOND, road: VILLAGE_STREET, name: 'second' },
  { kind: 'halt', untilS: 56 * MINUTE_S, engineOffAfterS: 10, name: 'second', open: true },
  { kind: 'drive', to: FIRST, road: VILLAGE_STREET, name: 'home' },
];
const place = (id: string, { latitude, longitude }: { latitude: number; longitude: number }) => ({
  id,
  name: id,
  commune: '37130',
  lat: latitude,
  lon: longitude,
  radius: 60,
});
const AGENDA: Agenda = {
  version: 1,
  timezone: 'Europe/Paris',
  stops: [place('first', FIRST), place('second', SECOND)],
  visits: [
    { id: 'v1', stop: 'first', date: '2026-11-24', from: '09:05', to: '09:25' },
    { id: 'v2', stop: 'second', date: '2026-11-24', from: '09:35', to: '09:55' },
  ],
};

let rig: Rig | undefined;
afterEach(async () => {
  await rig?.stop();
});

/** What the depot holds at the end of the day, as canonical text. */
async function playDay(): Promise<string[]> {
  rig = makeRig(START_MS, AGENDA);
  const depot = await rig.startDepot();
  const van = rig.startVan('boot-1');
  const route = makeVan(destination(FIRST, 1500, 200), STEPS, makeRandom(SEED).fork('road'));
  const world = makeWorld({ startMs: START_MS, seed: SEED, van: route, faults: [] });
  await rig.drive(world, van, 1);
  await rig.drained(world, van);
  for (let s = 60; s <= 62 * MINUTE_S; s += 60) await rig.drive(world, van, s);
  await rig.drained(world, van);
  const rows = await depot.store.rows({ van: VAN, kinds: ['visit', 'alert', 'fix', 'power', 'duty'] });
  await rig.stop();
  rig = undefined;
  return rows.map((r) => r.text);
}

describe('a plain day', () => {
  it('is the expected list of changes and alerts, the same bytes twice', { timeout: 120_000 }, async () => {
    const first = await playDay();
    const told = first
      .map((text) => JSON.parse(text))
      .filter((row) => row.kind === 'visit' || row.kind === 'alert')
      .map((row) => `${row.visit ?? row.alert} ${row.state ?? row.change}${row.open ? ' open' : ''}`);
    expect(told).toEqual([
      'v1 approaching',
      'v1 on_site',
      'v1 on_site open',
      'v1 on_site',
      'v1 left',
      'v2 approaching',
      'v2 on_site',
      'v2 on_site open',
      'v2 on_site',
      'v2 left',
    ]);
    expect(await playDay()).toEqual(first);
  });
});
