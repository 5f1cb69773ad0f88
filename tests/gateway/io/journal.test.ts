import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  cpSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Journal, type JournalFile, type NewRow, openJournal } from '../../../gateway/io/journal.ts';
import { startWriter } from '../../../gateway/io/writer.ts';
import { crcAfter } from '../../../protocol/canonical.ts';
import type { Lane } from '../../../protocol/rows.ts';
import { isoOf } from '../../../protocol/time.ts';
import { fakeClock } from '../../../runtime/clock.ts';
import { silentLog } from '../../../runtime/log.ts';

let folder: string;
let path: string;
const START = Date.UTC(2026, 10, 24, 8);
const clock = fakeClock(START);

const mount = (at: string) => execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=5m', 'none', at]);
const canMount = (() => {
  const at = mkdtempSync(join(tmpdir(), 'mount-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'none', at]).status === 0;
  if (mounted) execFileSync('umount', [at]);
  rmSync(at, { recursive: true });
  if (!mounted && process.env.TOURNEE_REQUIRE_ALL) throw new Error('no tmpfs can be mounted here');
  return mounted;
})();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'journal-'));
  path = join(folder, 'gateway.db');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = (extra: Partial<Parameters<typeof openJournal>[1]> = {}): JournalFile =>
  openJournal(path, {
    van: 'van-7',
    software: '0.1.0',
    boot: 'boot-1',
    retentionMs: 14 * 86_400_000,
    maxBytes: 256e6,
    clock,
    log: silentLog,
    ...extra,
  });
const fix = (n: number): NewRow => ({
  lane: 'bulk',
  row: { kind: 'fix', at: isoOf(START + n * 1000), latitude: 47.1 + n / 1e6, longitude: 0.5, moving: true },
});
const duty = (n: number, on = true): NewRow => ({
  lane: 'urgent',
  row: { kind: 'duty', at: isoOf(START + n * 1000), on, why: 'agenda' },
});
const laneOf = (journal: Journal, lane: Lane, id = journal.uuid) => journal.outbox(id, lane, 1, 100_000).rows;
const receipt = (journal: string, urgent: [number, number], bulk: [number, number]) => ({
  journal,
  lanes: { urgent: { upTo: urgent[0], crc: urgent[1] }, bulk: { upTo: bulk[0], crc: bulk[1] } },
});

describe('journal', () => {
  it('names the journal before it, how far that went and whether it ended cleanly', () => {
    const first = open();
    first.commit([fix(1), fix(2), duty(2)]);
    const before = first.uuid;
    expect(laneOf(first, 'urgent')[0]!.row).toMatchObject({ kind: 'open', at: null, boot: 'boot-1' });
    first.close();
    const second = open();
    expect(second.opening).toEqual({ clean: true, salvaged: false });
    expect(laneOf(second, 'urgent')[0]!.row).toMatchObject({
      previous: { journal: before, urgent: 2, bulk: 2, clean: true },
    });
    cpSync(path, `${path}.copy`);
    cpSync(`${path}-wal`, `${path}.copy-wal`);
    second.close();
    path = `${path}.copy`;
    expect(open().opening).toEqual({ clean: false, salvaged: false });
  });

  it('gives urgent rows the bulk seq that they follow, and merges the lanes by it', () => {
    const journal = open();
    journal.commit([fix(1), duty(1), fix(2), fix(3)]);
    journal.commit([duty(3, false), fix(4)]);
    expect(laneOf(journal, 'urgent').map((r) => r.after)).toEqual([0, 1, 3]);
    const merged = [...journal.merged()].map((r) => `${r.lane[0]}${r.seq}`);
    expect(merged).toEqual(['u1', 'b1', 'u2', 'b2', 'b3', 'u3', 'b4']);
    for (const [i, row] of [...journal.merged()].entries())
      expect([...journal.merged(row)].map((r) => `${r.lane[0]}${r.seq}`)).toEqual(merged.slice(i + 1));
    journal.close();
  });

  it('runs a CRC over each lane, which continues over any split of the outbox', () => {
    const journal = open();
    journal.commit(Array.from({ length: 10 }, (_, n) => fix(n)));
    const { prevCrc, rows } = journal.outbox(journal.uuid, 'bulk', 4, 3);
    expect(rows.map((r) => r.seq)).toEqual([4, 5, 6]);
    expect(rows.reduce((crc, r) => crcAfter(crc, r.text), prevCrc)).toBe(rows.at(-1)!.crc);
    journal.close();
  });

  it('moves a cursor by receipts: forward by any, back only by the answer to an ask, never over a fork', () => {
    const journal = open();
    const rows = journal.commit([fix(1), fix(2), fix(3)]);
    const at = (n: number): [number, number] => [n, n === 0 ? 0 : rows[n - 1]!.crc];
    const settle = (n: number, ask = false, crc = at(n)[1]) =>
      journal.settle(receipt(journal.uuid, [0, 0], [n, crc]), ask).bulk;
    expect(settle(2)).toBe('advanced');
    expect(settle(2)).toBe('same');
    expect(settle(1)).toBe('behind');
    expect(settle(3, false, 123)).toBe('fork');
    expect(journal.backlog().rows).toBe(2);
    expect(settle(0, true)).toBe('rewound');
    expect(journal.backlog().rows).toBe(4);
    // The depot holds more than this file: it was rolled back.
    expect(settle(9, false, 77)).toBe('advanced');
    expect(journal.extents().at(-1)!.lanes.bulk).toMatchObject({ received: 3, last: 3 });
    journal.close();
  });

  it('keeps cursors over a restart once a later commit has saved them', () => {
    const journal = open();
    const rows = journal.commit([fix(1), fix(2)]);
    journal.settle(receipt(journal.uuid, [0, 0], [2, rows[1]!.crc]), false);
    journal.close();
    const again = open();
    expect(again.extents()[0]!.lanes.bulk).toMatchObject({ received: 2, last: 2 });
    again.close();
  });

  it('drops received rows past their retention, and names them when the depot asks for them again', () => {
    const journal = open({ retentionMs: 60_000 });
    const rows = journal.commit(Array.from({ length: 50 }, (_, n) => fix(n)));
    journal.settle(receipt(journal.uuid, [0, 0], [50, rows[49]!.crc]), false);
    for (let n = 0; n < 70; n++) journal.commit([fix(1000 + n)]);
    expect(laneOf(journal, 'bulk')[0]!.seq).toBe(51);
    expect(journal.settle(receipt(journal.uuid, [0, 0], [10, rows[9]!.crc]), true).bulk).toBe('rewound');
    const { prevCrc, rows: again } = journal.outbox(journal.uuid, 'bulk', 11, 100);
    expect(prevCrc).toBe(rows[9]!.crc);
    expect(again[0]!).toMatchObject({ seq: 50, crc: rows[49]!.crc });
    expect(again[0]!.row).toMatchObject({ kind: 'gap', from: 11, to: 50, reason: 'retention' });
    expect(again[1]!.seq).toBe(51);
    journal.close();
  });

  it('keeps the agenda of a dropped row', () => {
    const journal = open({ retentionMs: 60_000 });
    const agenda = { version: 3, timezone: 'Europe/Paris', stops: [], visits: [] };
    const rows = journal.commit([{ lane: 'bulk', row: { kind: 'agenda', at: isoOf(START), agenda } }]);
    journal.settle(receipt(journal.uuid, [0, 0], [1, rows[0]!.crc]), false);
    for (let n = 0; n < 70; n++) journal.commit([fix(1000 + n)]);
    expect(laneOf(journal, 'bulk')[0]!.seq).toBe(2);
    expect(journal.last('agenda')?.row.agenda.version).toBe(3);
    journal.close();
  });

  it('stays under its cap: received rows go first, then bulk behind a gap row, urgent never', () => {
    const journal = open({ maxBytes: 600_000 });
    const urgent: number[] = [];
    for (let n = 0; n < 400; n++) {
      journal.commit([
        ...Array.from({ length: 25 }, (_, k) => fix(n * 25 + k)),
        ...(n % 10 === 0 ? [duty(n)] : []),
      ]);
      if (n % 10 === 0) urgent.push(n);
    }
    expect(statSync(path).size).toBeLessThan(1_500_000);
    expect(laneOf(journal, 'urgent')).toHaveLength(urgent.length + 1);
    const bulk = laneOf(journal, 'bulk');
    expect(bulk[0]!.row).toMatchObject({ kind: 'gap', from: 1, to: bulk[0]!.seq, reason: 'size_cap' });
    expect(bulk.at(-1)!.seq).toBe(10_000);
    const crc = bulk.slice(1).reduce((c, r) => crcAfter(c, r.text), bulk[0]!.crc);
    expect(crc).toBe(bulk.at(-1)!.crc);
    journal.close();
    expect(open().opening).toEqual({ clean: true, salvaged: false });
  });

  it('replaces a refused row by a gap row that holds its bytes, and the chain goes on', () => {
    const journal = open();
    const rows = journal.commit([fix(1), fix(2), fix(3)]);
    journal.refuse(journal.uuid, 'bulk', 2);
    const bulk = journal.outbox(journal.uuid, 'bulk', 2, 10).rows;
    expect(bulk[0]!.row).toMatchObject({ kind: 'gap', from: 2, to: 2, reason: 'refused' });
    expect(Buffer.from((bulk[0]!.row as { bytes: string }).bytes, 'base64').toString()).toBe(rows[1]!.text);
    expect(bulk[1]!.text).toBe(rows[2]!.text);
    journal.close();
    expect(open().opening.salvaged).toBe(false);
  });

  it('sets aside a corrupt file, salvages what its CRCs vouch for and names the rest', () => {
    const journal = open();
    const before = journal.uuid;
    journal.commit(Array.from({ length: 3000 }, (_, n) => fix(n)));
    journal.commit([duty(1)]);
    journal.close();
    // One page in the middle of the rows.
    const file = openSync(path, 'r+');
    writeSync(file, Buffer.alloc(4096, 0x99), 0, 4096, 60 * 4096);
    closeSync(file);
    const again = open();
    expect(again.opening).toEqual({ clean: false, salvaged: true });
    expect(readdirSync(folder)).toContain('gateway.db.corrupt-1');
    const bulk = laneOf(again, 'bulk', before);
    expect(bulk.length).toBeGreaterThan(10);
    const gap = again.outbox(before, 'bulk', bulk.at(-1)!.seq + 1, 10_000).rows;
    expect(gap[0]!.row).toMatchObject({ kind: 'gap', from: bulk.at(-1)!.seq + 1, reason: 'corrupt' });
    expect(bulk.length + gap.length - 1).toBeGreaterThan(2900);
    expect(gap.at(-1)!.seq).toBe(3000);
    expect(laneOf(again, 'urgent')[0]!.row).toMatchObject({ kind: 'open', salvaged: true });
    again.close();
    expect(open().opening).toEqual({ clean: true, salvaged: false });
  });

  it.each([
    ['no database at all', (p: string) => writeSync(openSync(p, 'w'), Buffer.alloc(100_000, 7))],
    ['a header of zeros', (p: string) => writeSync(openSync(p, 'r+'), Buffer.alloc(4096), 0, 4096, 0)],
  ])('boots on %s', (_name, damage) => {
    const journal = open();
    journal.commit([fix(1)]);
    journal.close();
    damage(path);
    const again = open();
    expect(again.opening.salvaged).toBe(true);
    expect(again.commit([fix(2)])[0]!.seq).toBe(1);
    again.close();
  });

  it('finds damage of received rows in the background, and salvages while it serves', async () => {
    let journal = open();
    await journal.check();
    expect(journal.opening.salvaged).toBe(false);
    const rows = journal.commit(Array.from({ length: 3000 }, (_, n) => fix(n)));
    const before = journal.uuid;
    journal.settle(receipt(before, [0, 0], [3000, rows.at(-1)!.crc]), false);
    journal.close();
    const file = openSync(path, 'r+');
    writeSync(file, Buffer.alloc(4096, 0x99), 0, 4096, 60 * 4096);
    closeSync(file);
    const reopened: string[] = [];
    journal = open({ onReopened: (why) => reopened.push(why) });
    await journal.check();
    // Found by the check, or before it by the opening itself.
    expect(reopened.length === 1 || journal.opening.salvaged).toBe(true);
    expect(journal.opening.salvaged).toBe(true);
    expect([...journal.merged()].length).toBeGreaterThan(2900);
    expect(journal.extents()[0]!.lanes.bulk).toMatchObject({ received: 3000, last: 3000 });
    expect(journal.commit([fix(1)])[0]!.journal).toBe(journal.uuid);
    journal.close();
  });

  it("takes another program's database for damage", () => {
    const db = new Sqlite(path);
    db.exec('CREATE TABLE rows (x)');
    db.close();
    const journal = open();
    expect(journal.opening.salvaged).toBe(true);
    journal.close();
  });

  it('notices a row whose CRC does not vouch for it', () => {
    const journal = open();
    const before = journal.uuid;
    journal.commit([fix(1), fix(2), fix(3), fix(4), fix(5)]);
    journal.close();
    const db = new Sqlite(path);
    db.prepare("UPDATE rows SET text = replace(text, '47.1', '48.1') WHERE lane = 1 AND seq = 3").run();
    db.close();
    const again = open();
    expect(again.opening.salvaged).toBe(true);
    expect(laneOf(again, 'bulk', before).map((r) => r.seq)).toEqual([1, 2]);
    expect(again.outbox(before, 'bulk', 3, 10).rows.map((r) => [r.seq, r.row.kind])).toEqual([
      [3, 'gap'],
      [4, 'fix'],
      [5, 'fix'],
    ]);
    again.close();
  });

  describe.skipIf(!canMount)('on a disk that is really full', () => {
    beforeEach(() => mount(folder));
    afterEach(() => execFileSync('umount', ['-l', folder]));

    it('drops received rows, then bulk rows by name, never an urgent one', () => {
      const journal = open();
      const rows = journal.commit(Array.from({ length: 2000 }, (_, n) => fix(n)));
      journal.settle(receipt(journal.uuid, [0, 0], [600, rows[599]!.crc]), false);
      for (let n = 0; n < 120; n++)
        journal.commit([...Array.from({ length: 300 }, (_, k) => fix(2000 + n * 300 + k)), duty(n)]);
      expect(laneOf(journal, 'urgent')).toHaveLength(121);
      const bulk = laneOf(journal, 'bulk');
      expect(bulk[0]!.row).toMatchObject({ kind: 'gap', from: 601, to: bulk[0]!.seq, reason: 'disk_full' });
      expect(bulk.at(-1)!.seq).toBe(38_000);
      journal.close();
      const again = open();
      expect(again.opening).toEqual({ clean: true, salvaged: false });
      again.close();
    });

    it('says so when others fill it, keeps the rows in hand, and goes on when there is room', async () => {
      const journal = open();
      const writer = startWriter(journal, clock, silentLog);
      const told: number[] = [];
      const fill = () => {
        try {
          for (let n = 0; ; n++) writeFileSync(join(folder, `other-${n}`), Buffer.alloc(4096, 1));
        } catch {}
      };
      // The ballast gives once; then nothing is left.
      fill();
      for (let n = 0; n < 400; n++) {
        writer.add([fix(n), duty(n)], false, (rows) => told.push(...rows.map((r) => r.seq)));
        if (n % 20 === 0) fill();
      }
      expect(told.length).toBeLessThan(800);
      for (const name of readdirSync(folder)) if (name.startsWith('other-')) rmSync(join(folder, name));
      await clock.advance(6_000);
      expect(told.length).toBe(800);
      expect(laneOf(journal, 'urgent')).toHaveLength(401);
      journal.close();
    });
  });

  it('loses no committed row to a kill -9 of its process', async () => {
    const script = join(import.meta.dirname, 'parts', 'killedWriter.ts');
    for (const afterMs of [150, 260]) {
      const child = spawn(process.execPath, ['--import', 'tsx', script, path], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let told = '';
      child.stdout.on('data', (chunk) => {
        told += chunk;
      });
      await once(child.stdout, 'data');
      await new Promise((resolve) => setTimeout(resolve, afterMs));
      child.kill('SIGKILL');
      await once(child, 'exit');
      const acknowledged = told
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line) as [string, number, number]);
      const [uuid, urgent, bulk] = acknowledged.at(-1)!;
      const journal = open();
      expect(journal.opening).toEqual({ clean: false, salvaged: false });
      const extent = journal.extents().find((e) => e.journal === uuid)!;
      expect(extent.lanes.urgent.last).toBeGreaterThanOrEqual(urgent);
      expect(extent.lanes.bulk.last).toBeGreaterThanOrEqual(bulk);
      expect(laneOf(journal, 'bulk', uuid)).toHaveLength(extent.lanes.bulk.last);
      journal.close();
    }
  });
});
