import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openMqtt } from '../../../gateway/io/mqtt.ts';
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
import { startSlowLink } from '../../parts/slowLink.ts';

let folder: ReturnType<typeof temporaryFolder>;
let stops: (() => unknown)[] = [];
const at = (name: string) => join(folder.path, name);
const later = <T extends { stop(): unknown }>(part: T): T => {
  stops.push(() => part.stop());
  return part;
};

beforeEach(() => {
  folder = temporaryFolder();
  stops = [];
});
afterEach(async () => {
  for (const stop of stops.reverse()) await stop();
  folder.remove();
});
const closing = (journal: ReturnType<typeof openVanJournal>) => {
  stops.push(() => {
    try {
      journal.close();
    } catch {}
  });
  return journal;
};

describe('courier and depot', () => {
  it('brings every row to the depot, byte for byte, and empties its backlog on the receipt', async () => {
    const depot = later(await startDepot(at('depot.db')));
    const journal = closing(openVanJournal(at('van.db')));
    journal.commit(Array.from({ length: 1234 }, (_, n) => fix(n)));
    journal.commit([duty(1)]);
    const courier = later(startVanCourier(depot.url, journal));
    await until('backlog empty', () => journal.backlog().rows === 0);
    expect(await depotRows(depot.store)).toEqual(vanRows(journal));
    expect(courier.link()).toMatchObject({ connected: true, backlogRows: 0 });
    expect(courier.link().roundTripMs).toBeLessThan(5000);

    journal.commit([fix(2000), duty(2)]);
    await until('urgent and the bulk before it', () => journal.backlog().rows === 0);
    expect(await depotRows(depot.store)).toEqual(vanRows(journal));
  });

  it('connects again with another keepalive when a duty begins: in good order, nothing is lost', async () => {
    const depot = later(await startDepot(at('depot.db')));
    const journal = closing(openVanJournal(at('van.db')));
    const keepalives: number[] = [];
    let quiet = true;
    const courier = later(
      startVanCourier(depot.url, journal, {}, {}, 'van-7', {
        quiet: () => quiet,
        open: (deps) => {
          keepalives.push(deps.keepaliveS);
          return openMqtt(deps);
        },
      }),
    );
    await until('connected', () => courier.link().connected);
    journal.commit([fix(1), duty(1)]);
    quiet = false;
    courier.statusChanged();
    await until('again', () => keepalives.length === 2 && courier.link().connected);
    journal.commit([fix(2), duty(2)]);
    await until('received', () => journal.backlog().rows === 0);
    expect(keepalives).toEqual([240, 30]);
    expect(await depotRows(depot.store)).toEqual(vanRows(journal));
    expect(depot.events.filter((e) => e.kind === 'status' && e.will)).toEqual([]);
  });

  it('sends urgent rows before the backlog', async () => {
    const depot = later(await startDepot(at('depot.db')));
    const journal = closing(openVanJournal(at('van.db')));
    journal.commit(Array.from({ length: 5000 }, (_, n) => fix(n)));
    journal.commit([duty(1)]);
    later(startVanCourier(depot.url, journal));
    await until('backlog empty', () => journal.backlog().rows === 0);
    const lanes = depot.events.flatMap((e) => (e.kind === 'rows' ? [e.rows[0]!.lane] : []));
    expect(lanes[0]).toBe('urgent');
    expect(lanes.filter((lane) => lane === 'urgent')).toHaveLength(1);
  });

  it('says who it is, republishes its position, and is told offline by its will', async () => {
    const depot = later(await startDepot(at('depot.db')));
    const journal = closing(openVanJournal(at('van.db')));
    const courier = later(startVanCourier(depot.url, journal));
    courier.publishPosition({
      at: '2026-11-24T08:00:00.000Z',
      latitude: 47,
      longitude: 0.5,
      moving: true,
      fixAgeMs: 100,
    });
    await until('position', () => depot.events.some((e) => e.kind === 'position'));
    const first = depot.events.find((e) => e.kind === 'status');
    expect(first).toMatchObject({
      status: { state: 'online', journal: journal.uuid, duty: true },
      will: false,
    });
    depot.broker.disconnect!('van-7');
    await until('will', () => depot.events.some((e) => e.kind === 'status' && e.will));
    // Comes back by itself.
    await until('back', () => courier.link().connected);
  });

  it('tells why there is no link', async () => {
    const journal = closing(openVanJournal(at('van.db')));
    const causes: (string | undefined)[] = [];
    const on = { link: (l: { cause?: string }) => causes.push(l.cause) };
    later(startVanCourier('mqtt://127.0.0.1:1', journal, {}, on));
    later(startVanCourier('mqtt://no-such-host.invalid:1883', journal, {}, on));
    const depot = later(await startDepot(at('depot.db')));
    later(startVanCourier(depot.url, journal, {}, on, 'Wrong'));
    await until('causes', () => causes.includes('refused') && causes.includes('dns'));
  });

  it('waits for a depot that is down behind nothing, and drains urgent first when it comes', async () => {
    const first = await startDepot(at('depot.db'));
    const { url } = first;
    const journal = closing(openVanJournal(at('van.db')));
    const courier = later(startVanCourier(url, journal));
    await until('connected', () => journal.backlog().rows === 0);
    await first.stop();
    await until('lost', () => !courier.link().connected);
    journal.commit(Array.from({ length: 3000 }, (_, n) => fix(n)));
    journal.commit([duty(1)]);
    const depot = later(await startDepot(at('depot.db'), { listen: url }));
    await until('backlog empty', () => journal.backlog().rows === 0);
    expect(await depotRows(depot.store)).toEqual(vanRows(journal));
    expect(depot.events.find((e) => e.kind === 'rows')).toMatchObject({ rows: [{ lane: 'urgent' }] });
  });

  it('gives the missing rows again to a depot restored from an older backup', async () => {
    const first = await startDepot(at('depot.db'));
    const { url } = first;
    let journal = openVanJournal(at('van.db'));
    let courier = startVanCourier(url, journal);
    journal.commit([...Array.from({ length: 150 }, (_, n) => fix(n)), duty(1)]);
    await until('first day there', () => journal.backlog().rows === 0);
    await first.store.db.backup(at('backup.db'));
    // Two more journals, all received, that the backup does not know.
    for (let day = 1; day <= 2; day++) {
      await courier.stop();
      journal.close();
      journal = openVanJournal(at('van.db'));
      courier = startVanCourier(url, journal);
      journal.commit([...Array.from({ length: 150 }, (_, n) => fix(day * 1000 + n)), duty(day)]);
      await until('next days there', () => journal.backlog().rows === 0);
    }
    closing(journal);
    later(courier);
    await first.stop();
    copyFileSync(at('backup.db'), at('restored.db'));
    const depot = later(await startDepot(at('restored.db'), { listen: url }));
    await until('all there again', async () => (await depotRows(depot.store)).size === vanRows(journal).size);
    expect(await depotRows(depot.store)).toEqual(vanRows(journal));
    await until('receipts', () => journal.backlog().rows === 0);
  });

  it('loses and doubles nothing when the journal file is copied back from an older day', async () => {
    const depot = later(await startDepot(at('depot.db')));
    let journal = openVanJournal(at('van.db'));
    journal.commit([fix(1), fix(2), duty(2)]);
    journal.close();
    copyFileSync(at('van.db'), at('yesterday.db'));
    journal = openVanJournal(at('van.db'));
    let courier = startVanCourier(depot.url, journal);
    journal.commit([fix(3), duty(3)]);
    await until('received', () => journal.backlog().rows === 0);
    await courier.stop();
    const lost = vanRows(journal);
    journal.close();

    copyFileSync(at('yesterday.db'), at('van.db'));
    journal = openVanJournal(at('van.db'));
    journal.commit([fix(4), duty(4)]);
    journal.close();
    journal = closing(openVanJournal(at('van.db')));
    journal.commit([fix(5), duty(5)]);
    courier = later(startVanCourier(depot.url, journal));
    await until('received', () => journal.backlog().rows === 0);
    const rows = await depotRows(depot.store);
    expect(rows).toEqual(new Map([...lost, ...vanRows(journal)]));
    await until('told', () => depot.events.some((e) => e.kind === 'trust' && e.concern === 'rolled_back'));
  });

  it('loses and doubles nothing over a link that resets at random', async () => {
    const depot = later(await startDepot(at('depot.db')));
    const port = Number(new URL(depot.url).port);
    const link = later(
      await startSlowLink(port, { latencyMs: 2, bitsPerS: 50_000_000, cutChance: 0.02, seed: 3 }),
    );
    const journal = closing(openVanJournal(at('van.db')));
    journal.commit(Array.from({ length: 12_000 }, (_, n) => fix(n)));
    const settings = { drainRows: 60, backoffBaseMs: 20 };
    later(startVanCourier(`mqtt://127.0.0.1:${link.port}`, journal, settings));
    await until('drained', () => journal.backlog().rows === 0, 25_000);
    expect(link.cuts()).toBeGreaterThan(2);
    expect(await depotRows(depot.store)).toEqual(vanRows(journal));
  });

  it('notices two vans under one identity', async () => {
    const depot = later(await startDepot(at('depot.db')));
    const journals = ['a', 'b'].map((name) => closing(openVanJournal(at(`${name}.db`))));
    for (const journal of journals) later(startVanCourier(depot.url, journal));
    await until('clone', () => depot.events.some((e) => e.kind === 'trust' && e.concern === 'clone'));
  });

  it('splits a batch down to the row that the depot cannot take, and goes on behind its gap row', async () => {
    const depot = later(await startDepot(at('depot.db')));
    const original = depot.store.store;
    // The depot never gets over a batch with this row in it.
    depot.store.store = async (batches, receivedAt) => {
      const bad = batches.some((b) => b.rows.some((r) => r.text.includes('"what":"poison"')));
      if (!bad) return original(batches, receivedAt);
      const cursors = await depot.store.cursors(batches[0]!.van, batches[0]!.journal);
      return batches.map(() => ({ decision: 'duplicate' as const, rows: [], unread: 0, cursors }));
    };
    const journal = closing(openVanJournal(at('van.db')));
    journal.commit([
      fix(1),
      fix(2),
      { lane: 'bulk', row: { kind: 'event', at: '2026-11-24T08:00:00.000Z', what: 'poison' } },
      fix(3),
    ]);
    later(startVanCourier(depot.url, journal, { resendMs: 20 }));
    await until('lane goes on', () => journal.backlog().rows === 0);
    const rows = await depotRows(depot.store);
    expect(rows.get(`${journal.uuid} bulk 3`)).toContain('"reason":"refused"');
    expect(rows.get(`${journal.uuid} bulk 4`)).toContain('"fix"');
    await until('told', () => depot.events.some((e) => e.kind === 'trust' && e.concern === 'gap'));
  });
});
