import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectBroker } from '../../../dashboard/io/broker.ts';
import { systemClock } from '../../../runtime/clock.ts';
import { silentLog } from '../../../runtime/log.ts';
import {
  depotRows,
  duty,
  fix,
  openVanJournal,
  startDepot,
  startVanCourier,
  temporaryFolder,
  until,
  vanRows,
} from '../../parts/chain.ts';
import { hasMosquitto, makeMosquitto } from '../../parts/mosquitto.ts';

/** The same chain of trust over a real Mosquitto that forgets everything when it is killed. */
describe.skipIf(!hasMosquitto)('outside broker', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let stops: (() => unknown)[] = [];
  beforeEach(() => {
    folder = temporaryFolder();
    stops = [];
  });
  afterEach(async () => {
    for (const stop of stops.reverse()) await stop();
    folder.remove();
  });
  const at = (name: string) => join(folder.path, name);
  const link = (url: string) =>
    connectBroker({ url, user: 'depot', log: silentLog, clock: systemClock, random: () => 0.05 });

  it('loses nothing to kills of the broker in the middle of a drain', async () => {
    const broker = await makeMosquitto(folder.path);
    stops.push(() => broker.kill());
    await broker.start();
    const depot = await startDepot(at('depot.db'), { link: await link(broker.url) });
    stops.push(() => depot.stop());
    const journal = openVanJournal(at('van.db'));
    journal.commit(Array.from({ length: 30_000 }, (_, n) => fix(n)));
    const courier = startVanCourier(broker.url, journal, { drainRows: 100 });
    stops.push(async () => {
      await courier.stop();
      journal.close();
    });
    for (let kill = 1; kill <= 3; kill++) {
      const target = 30_000 - kill * 6_000;
      await until('some progress', () => journal.backlog().rows < target, 20_000);
      await broker.kill();
      journal.commit([fix(100_000 + kill), duty(kill)]);
      await broker.start();
    }
    await until('drained', () => journal.backlog().rows === 0, 30_000);
    expect(await depotRows(depot.store)).toEqual(vanRows(journal));
  });

  it('asks again when the depot comes back behind a living broker', async () => {
    const broker = await makeMosquitto(folder.path);
    stops.push(() => broker.kill());
    await broker.start();
    const journal = openVanJournal(at('van.db'));
    const courier = startVanCourier(broker.url, journal);
    stops.push(async () => {
      await courier.stop();
      journal.close();
    });
    journal.commit([fix(1), duty(1)]);
    // Connected, and nothing answers: no row goes, no data is spent.
    await until('connected', () => courier.link().connected);
    expect(Object.keys(courier.counters()).filter((name) => /^(bulk|urgent)/.test(name))).toEqual([]);
    const depot = await startDepot(at('depot.db'), { link: await link(broker.url) });
    stops.push(() => depot.stop());
    await until('received', () => journal.backlog().rows === 0);
    expect(await depotRows(depot.store)).toEqual(vanRows(journal));
    // The will that Mosquitto retained, and statuses of before, say nothing about now.
    expect(depot.events.filter((e) => e.kind === 'status' && e.status.state === 'offline')).toEqual([]);
  });
});
