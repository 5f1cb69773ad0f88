import { afterEach, describe, expect, it } from 'vitest';
import { verdictOf } from '../../dashboard/io/verdicts.ts';
import type { Agenda } from '../../protocol/agenda.ts';
import { destination } from '../../protocol/geo.ts';
import { commune } from '../../simulators/communes.ts';
import { makeRandom } from '../../simulators/random.ts';
import { VILLAGE_STREET } from '../../simulators/route.ts';
import { makeVan, type Step } from '../../simulators/van.ts';
import { makeWorld } from '../../simulators/world.ts';
import { makeRig, type Rig, VAN } from '../parts/rig.ts';

/** What the van decided on its roads, recomputed at the depot from the rows alone (issue 8). */

const START_MS = Date.UTC(2026, 10, 24, 8, 0, 0);
const STOP = commune('Ligueil');
const STEPS: readonly Step[] = [
  { kind: 'drive', to: STOP, road: VILLAGE_STREET, name: 'stop' },
  { kind: 'halt', untilS: 20 * 60, engineOffAfterS: 10, name: 'stop', open: true },
  { kind: 'drive', to: destination(STOP, 2500, 65), road: VILLAGE_STREET, name: 'away' },
];
const AGENDA: Agenda = {
  version: 1,
  timezone: 'Europe/Paris',
  stops: [
    { id: 's', name: 'Ligueil', commune: '37130', lat: STOP.latitude, lon: STOP.longitude, radius: 60 },
  ],
  visits: [{ id: 'v1', stop: 's', date: '2026-11-24', from: '09:05', to: '09:20' }],
};

let rig: Rig | undefined;
afterEach(async () => {
  await rig?.stop();
  rig = undefined;
});

describe('the verdict recomputed at the depot', () => {
  it('is the van’s, across a restart; a planted difference is an alert', { timeout: 60_000 }, async () => {
    rig = makeRig(START_MS, AGENDA);
    const depot = await rig.startDepot();
    let van = rig.startVan('boot-1');
    const route = makeVan(destination(STOP, 1500, 200), STEPS, makeRandom(1).fork('road'));
    const world = makeWorld({ startMs: START_MS, seed: 1, van: route, faults: [] });
    await rig.drive(world, van, 1);
    await rig.drained(world, van);
    await rig.drive(world, van, 600);
    await van.stop();
    van = rig.startVan('boot-1');
    // Bulk goes with the urgent row that follows it: what came after «left» does not matter here.
    await rig.drive(world, van, 1860);

    const rows = await depot.store.rowsOfVan(VAN, START_MS - 3_600_000, START_MS + 86_400_000);
    expect(rows.filter(({ row }) => row.kind === 'settings')).toHaveLength(1);
    const states = rows.flatMap(({ row }) => (row.kind === 'visit' ? [row.state] : []));
    expect(states).toEqual(expect.arrayContaining(['on_site', 'left']));
    const verdict = await verdictOf(depot.store, VAN, START_MS - 3_600_000, rows);
    expect(verdict).toEqual({ kind: 'same', changes: states.length });

    const alerts = () =>
      depot.views
        .state()
        .vans.get(VAN)!
        .view.alerts.map(({ alert }) => alert);
    const day = () => fetch(`${depot.url}/api/vans/${VAN}/days/2026-11-24`).then((r) => r.json());
    expect((await day()).verdict.kind).toBe('same');
    expect(alerts()).not.toContain('verdict_differs');
    const planted = rows.find(({ row }) => row.kind === 'visit' && row.state === 'left')!;
    const { rowsOfVan } = depot.store;
    depot.store.rowsOfVan = async (...asked) =>
      (await rowsOfVan(...asked)).map((stored) =>
        stored.lane === 'urgent' && stored.seq === planted.seq && stored.journal === planted.journal
          ? { ...stored, row: { ...stored.row, state: 'missed' } as never }
          : stored,
      );
    expect((await day()).verdict).toMatchObject({
      kind: 'differs',
      differences: [{ visit: 'v1', van: 'missed', depot: 'left' }],
    });
    expect(alerts()).toContain('verdict_differs');
  });
});
