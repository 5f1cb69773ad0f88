import { join } from 'node:path';
import mqtt, { type MqttClient } from 'mqtt';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCrc } from '../../../protocol/canonical.ts';
import type { Receipt } from '../../../protocol/messages.ts';
import { type Depot, SECRET, startDepot, temporaryFolder, until } from '../../parts/chain.ts';

/** A van written by hand: what the depot answers to each payload. */
const JOURNAL = '0f2c8a4e-6b1d-4f3a-9c57-1e2d3c4b5a69';
const AT = '2026-11-24T08:00:00.000Z';
let folder: ReturnType<typeof temporaryFolder>;
let depot: Depot;
let van: MqttClient;
let receipts: Receipt[];

const connect = async () => {
  van = mqtt.connect(depot.url, {
    clientId: 'van-7',
    username: 'van-7',
    password: SECRET,
    reconnectPeriod: 0,
  });
  await until('connected', () => van.connected);
  van.on('message', (_topic, payload) => receipts.push(JSON.parse(payload.toString())));
  await van.subscribeAsync('tournee/v1/van-7/receipt', { qos: 1 });
};
beforeEach(async () => {
  folder = temporaryFolder();
  receipts = [];
  depot = await startDepot(join(folder.path, 'depot.db'));
  await connect();
});
afterEach(async () => {
  van.end(true);
  await depot.stop();
  folder.remove();
});

const duty = (n: number) => ({ kind: 'duty', at: AT, on: n % 2 === 0, why: 'switch' });
/** An urgent batch of `rows` from `from` on; the CRC before it is that of `duty` rows. */
function urgent(from: number, rows: readonly object[], extra: object = {}): string {
  let prevCrc = 0;
  for (let seq = 1; seq < from; seq++) prevCrc = runCrc(prevCrc, 'urgent', seq, JSON.stringify(duty(seq)));
  const crc = rows.reduce<number>((c, row, i) => runCrc(c, 'urgent', from + i, JSON.stringify(row)), prevCrc);
  return JSON.stringify({
    journal: JOURNAL,
    prevCrc,
    rows: rows.map((row, i) => ({ seq: from + i, after: 0, row })),
    crc,
    ...extra,
  });
}
const publish = (leaf: string, payload: string | Buffer) =>
  van.publishAsync(`tournee/v1/van-7/${leaf}`, payload, { qos: 1 });
const status = (extra: object = {}) =>
  JSON.stringify({ state: 'online', session: 's1', at: null, journal: JOURNAL, ...extra });
const upTo = () => receipts.at(-1)?.lanes.urgent.upTo;
const trusts = () => depot.events.flatMap((e) => (e.kind === 'trust' ? [e.concern] : []));

describe('ingest', () => {
  it('commits, then sends the receipt, then tells the views; the same again changes nothing', async () => {
    await publish('urgent', urgent(1, [duty(1), duty(2)]));
    await until('receipt', () => upTo() === 2);
    await publish('urgent', urgent(1, [duty(1), duty(2)]));
    await until('second receipt', () => receipts.length === 2);
    expect(receipts[1]).toEqual(receipts[0]);
    expect(depot.events.filter((e) => e.kind === 'rows')).toHaveLength(1);
    expect(depot.ingest.counters()).toMatchObject({ stored: 1, duplicate: 1, rows: 2 });
  });

  it('waits for what is missing and answers with where it stands', async () => {
    await publish('urgent', urgent(3, [duty(3)]));
    await until('receipt', () => upTo() === 0);
    await publish('urgent', urgent(1, [duty(1), duty(2), duty(3)]));
    await until('caught up', () => upTo() === 3);
  });

  it('answers an ask behind the batches before it, for each journal asked about', async () => {
    void publish('urgent', urgent(1, [duty(1)]));
    const other = JOURNAL.replace('0f', 'ff');
    await publish('status', status({ ask: 'q1', asks: [JOURNAL, other] }));
    await until('answers', () => receipts.filter((r) => r.ask === 'q1').length === 2);
    const answers = receipts.filter((r) => r.ask === 'q1');
    expect(answers.map((r) => [r.journal, r.lanes.urgent.upTo])).toEqual([
      [JOURNAL, 1],
      [other, 0],
    ]);
  });

  it('stores nothing of a fork, keeps the payload aside and tells people', async () => {
    await publish('urgent', urgent(1, [duty(1)]));
    await until('receipt', () => upTo() === 1);
    await publish('urgent', urgent(1, [duty(2)]));
    await until('told', () => trusts().includes('fork'));
    expect(upTo()).toBe(1);
    expect(depot.store.db.prepare('SELECT reason FROM aside').pluck().all()).toEqual(['fork']);
  });

  it.each([
    ['no JSON', 'urgent', '{"journal'],
    [
      'a seq beyond the safe integers',
      'urgent',
      urgent(1, [duty(1)]).replace('"seq":1', '"seq":9007199254740993'),
    ],
    ['a CRC that does not vouch', 'urgent', urgent(1, [duty(1)], { crc: 7 })],
    ['no batch', 'bulk', 'T\x01garbage'],
    ['a batch of a later version', 'bulk', 'T\x02'],
  ])('keeps aside a payload with %s, and answers at the present cursor', async (_name, leaf, payload) => {
    await publish('status', status({ ask: 'q1' }));
    await until('answer', () => receipts.length === 1);
    await publish(leaf, payload);
    await until('receipt', () => receipts.length === 2);
    expect(receipts[1]).toMatchObject({
      journal: JOURNAL,
      lanes: { urgent: { upTo: 0 }, bulk: { upTo: 0 } },
    });
    expect(trusts()).toEqual(['poison']);
    expect(van.connected).toBe(true);
    await publish('urgent', urgent(1, [duty(1)]));
    await until('the lane goes on', () => upTo() === 1);
  });

  it('stores a body that it does not understand, and goes on', async () => {
    await publish('urgent', urgent(1, [{ kind: 'teleported', at: AT, to: 'Loches' }, duty(2)]));
    await until('receipt', () => upTo() === 2);
    expect(trusts()).toEqual(['unread']);
    expect(depot.events.find((e) => e.kind === 'rows')).toMatchObject({ rows: [{ seq: 2 }] });
  });

  it('ignores the offline of an older session, and tells a possible gap and a gap', async () => {
    await publish('status', status({ session: 's2' }));
    await publish('status', status({ session: 's1', state: 'offline' }));
    const open = {
      kind: 'open',
      at: AT,
      software: '1',
      previous: { journal: JOURNAL.replace('0f', 'ee'), urgent: 1, bulk: 2, clean: false },
    };
    const gap = { kind: 'gap', at: AT, lane: 'bulk', journal: JOURNAL, from: 1, to: 9, reason: 'disk_full' };
    await publish('urgent', urgent(1, [open, gap]));
    await until('told', () => trusts().length === 2);
    expect(trusts()).toEqual(['possible_gap', 'gap']);
    expect(depot.events.flatMap((e) => (e.kind === 'status' ? [e.status.session] : []))).toEqual(['s2']);
  });
});
