import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Batch } from '../../../dashboard/core/ingest.ts';
import { openSqliteStore, type SqliteStore } from '../../../dashboard/io/store/sqlite.ts';
import { runCrc } from '../../../protocol/canonical.ts';
import type { Lane } from '../../../protocol/rows.ts';
import { isoOf } from '../../../protocol/time.ts';
import { fakeClock } from '../../../runtime/clock.ts';
import { silentLog } from '../../../runtime/log.ts';
import { temporaryFolder } from '../../parts/chain.ts';

const DAY_MS = 86_400_000;
const NOW = Date.UTC(2026, 10, 24, 8);
const A = 'aaaaaaaa-0000-4000-8000-000000000001';
const B = 'bbbbbbbb-0000-4000-8000-000000000002';
let folder: ReturnType<typeof temporaryFolder>;
let store: SqliteStore;

const open = (extra: Partial<Parameters<typeof openSqliteStore>[1]> = {}) =>
  openSqliteStore(join(folder.path, 'depot.db'), { log: silentLog, clock: fakeClock(NOW), ...extra });
beforeEach(() => {
  folder = temporaryFolder();
  store = open();
});
afterEach(async () => {
  await store.stop();
  folder.remove();
});

const cursors = new Map<string, { seq: number; crc: number }>();
beforeEach(() => cursors.clear());
/** The next batch of a lane, as a van would send it. */
function batch(journal: string, lane: Lane, bodies: readonly object[], after?: number): Batch {
  const key = `${journal} ${lane}`;
  const { seq, crc: prevCrc } = cursors.get(key) ?? { seq: 0, crc: 0 };
  const rows = bodies.map((body, i) => ({
    seq: seq + i + 1,
    ...(lane === 'urgent' ? { after: after ?? 0 } : {}),
    text: JSON.stringify(body),
  }));
  const crc = rows.reduce((c, row) => runCrc(c, lane, row.seq, row.text), prevCrc);
  cursors.set(key, { seq: rows.at(-1)!.seq, crc });
  return { van: 'van-7', journal, lane, prevCrc, crc, rows };
}
const fixAt = (ms: number) => ({ kind: 'fix', at: isoOf(ms), latitude: 47, longitude: 0.5, moving: true });
const dutyAt = (ms: number) => ({ kind: 'duty', at: isoOf(ms), on: true, why: 'agenda' });
const opening = (previous?: string) => ({
  kind: 'open',
  at: null,
  boot: 'b1',
  monoMs: 100,
  software: '1',
  ...(previous ? { previous: { journal: previous, urgent: 1, bulk: 1, clean: false } } : {}),
});
const exported = async () => {
  const lines: string[] = [];
  for await (const l of store.exportLines())
    lines.push(`${l.journal[0]} ${l.lane} ${l.seq} ${JSON.parse(l.text).kind}`);
  return lines;
};

describe('SQLite store', () => {
  it('gives rows by their own time, by kind, newest first, and merged as the van wrote them', async () => {
    await store.store(
      [
        batch(A, 'bulk', [fixAt(NOW), fixAt(NOW + 1000), fixAt(NOW + 2000)]),
        batch(A, 'urgent', [dutyAt(NOW + 1000)], 2),
      ],
      NOW,
    );
    expect(await store.vans()).toEqual(['van-7']);
    expect(
      (await store.rows({ van: 'van-7', kinds: ['fix'], fromMs: NOW + 1000 })).map((r) => r.seq),
    ).toEqual([2, 3]);
    expect((await store.rows({ van: 'van-7', newestFirst: true, limit: 1 }))[0]).toMatchObject({
      lane: 'bulk',
      seq: 3,
    });
    expect(await store.latest('van-7', 'duty')).toMatchObject({
      seq: 1,
      after: 2,
      row: { kind: 'duty', on: true },
    });
    expect((await store.rowsOfVan('van-7', 0, NOW + DAY_MS)).map((r) => `${r.lane[0]}${r.seq}`)).toEqual([
      'b1',
      'b2',
      'u1',
      'b3',
    ]);
    expect(await store.rows({ van: 'nobody' })).toEqual([]);
  });

  it('is all or nothing, keeps its cursors, and knows them after a restart', async () => {
    await store.store([batch(A, 'bulk', [fixAt(NOW)])], NOW);
    const before = await store.cursors('van-7', A);
    const broken = { ...batch(A, 'bulk', [fixAt(NOW + 1000)]), rows: [{ seq: 2, text: null as never }] };
    await expect(store.store([batch(B, 'bulk', [fixAt(NOW)]), broken], NOW)).rejects.toThrow();
    expect(await store.journals('van-7')).toHaveLength(1);
    await store.stop();
    store = open();
    expect(await store.cursors('van-7', A)).toEqual(before);
    expect(await store.cursors('van-7', B)).toEqual({
      urgent: { upTo: 0, crc: 0 },
      bulk: { upTo: 0, crc: 0 },
    });
  });

  it('puts journals in the order of their chain, whatever came first', async () => {
    await store.store([batch(B, 'urgent', [opening(A)]), batch(A, 'urgent', [opening()])], NOW);
    expect((await store.journals('van-7')).map((j) => [j.journal, j.previousClean])).toEqual([
      [A, undefined],
      [B, false],
    ]);
    expect(await exported()).toEqual(['a urgent 1 open', 'b urgent 1 open']);
  });

  it('dates the rows of a boot by its anchor, before and after it came', async () => {
    const undated = (monoMs: number) => ({ kind: 'power', at: null, boot: 'b1', monoMs, houseV: 12.8 });
    await store.store([batch(A, 'bulk', [undated(1000)])], NOW);
    expect(await store.rows({ van: 'van-7' })).toEqual([]);
    const anchor = { kind: 'anchor', at: isoOf(NOW), boot: 'b1', monoMs: 5000, source: 'gnss' };
    await store.store([batch(A, 'urgent', [anchor], 1), batch(A, 'bulk', [undated(7000)])], NOW);
    const power = await store.rows({ van: 'van-7', kinds: ['power'], fromMs: NOW - 4000, toMs: NOW + 2001 });
    expect(power.map((r) => r.seq)).toEqual([1, 2]);
  });

  it('empties what is past its retention, at the time of storing too, and names it in the export', async () => {
    await store.stop();
    const retention = [{ kinds: ['fix'], keepMs: 60 * DAY_MS }];
    store = open({ retention });
    const old = NOW - 61 * DAY_MS;
    await store.store(
      [batch(A, 'bulk', [fixAt(NOW - 59 * DAY_MS), fixAt(old), fixAt(old + 1), fixAt(NOW)])],
      NOW,
    );
    expect(await exported()).toEqual(['a bulk 1 fix', 'a bulk 3 gap', 'a bulk 4 fix']);
    expect(await store.sweep(NOW + 2 * DAY_MS)).toBe(1);
    expect(await exported()).toEqual(['a bulk 3 gap', 'a bulk 4 fix']);
    const { upTo } = (await store.cursors('van-7', A)).bulk;
    expect(upTo).toBe(4);
    // A backup of before is swept before it serves.
    await store.stop();
    store = open({ retention, clock: fakeClock(NOW + 90 * DAY_MS) });
    expect(await exported()).toEqual(['a bulk 4 gap']);
  });

  it('keeps what it does not understand as it is, and reads it again after an upgrade', async () => {
    const body = { kind: 'fix', at: isoOf(NOW), latitude: 'somewhere', of: 'tomorrow' };
    const [stored] = await store.store([batch(A, 'bulk', [body, fixAt(NOW)])], NOW);
    expect(stored).toMatchObject({ decision: 'stored', unread: 1, cursors: { bulk: { upTo: 2 } } });
    expect((await store.rows({ van: 'van-7' })).map((r) => r.seq)).toEqual([2]);
    expect(await exported()).toHaveLength(2);
    // The newer version understands it.
    store.db.prepare('UPDATE rows SET text = ? WHERE seq = 1').run(JSON.stringify(fixAt(NOW)));
    await store.stop();
    store = open();
    expect((await store.rows({ van: 'van-7' })).map((r) => r.seq)).toEqual([1, 2]);
  });

  it('keeps the newest thousand payloads aside, and documents of other parts', async () => {
    for (let n = 0; n < 1003; n++) await store.putAside('van-7', 'bulk', 'poison', Buffer.from([n]), NOW);
    expect(store.db.prepare('SELECT count(*) FROM aside').pluck().get()).toBe(1000);
    await store.putDocument('agenda', '12', '{}');
    await store.putDocument('agenda', '13', '{"version":13}');
    await store.putDocument('agenda', '12', undefined);
    expect(await store.documents('agenda')).toEqual([{ key: '13', text: '{"version":13}' }]);
    expect(await store.document('agenda', '12')).toBeUndefined();
  });

  it('runs the migrations of other parts once each', async () => {
    await store.stop();
    const migrations = [{ name: 'mine', sql: 'CREATE TABLE mine (x)' }];
    for (let n = 0; n < 2; n++) {
      store = open({ migrations });
      expect(store.db.prepare('SELECT count(*) FROM mine').pluck().get()).toBe(0);
      if (n === 0) await store.stop();
    }
  });
});
