import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { makeCabMine } from '../../../gateway/io/cabMine.ts';
import { openJournal } from '../../../gateway/io/journal.ts';
import { isoOf } from '../../../protocol/time.ts';
import { fakeClock } from '../../../runtime/clock.ts';
import { silentLog } from '../../../runtime/log.ts';

const folder = mkdtempSync(join(tmpdir(), 'mine-'));
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const START = Date.UTC(2026, 10, 24, 7, 30);
const DAY_MS = 86_400_000;

it('counts this duty alone, and keeps the log of going on and off', () => {
  const journal = openJournal(join(folder, 'journal.db'), {
    van: 'van37',
    software: 'test',
    boot: 'boot-1',
    retentionMs: 14 * DAY_MS,
    maxBytes: 64_000_000,
    clock: fakeClock(START),
    log: silentLog,
  });
  const fix = (n: number) => ({
    lane: 'bulk' as const,
    row: { kind: 'fix' as const, at: isoOf(START + n * 1000), latitude: 47, longitude: 0.8, moving: false },
  });
  const duty = (n: number, on: boolean) => ({
    lane: 'urgent' as const,
    row: { kind: 'duty' as const, at: isoOf(START + n * 1000), on, why: 'switch' as const },
  });
  journal.commit([duty(0, true), fix(1), fix(2), duty(3, false)]);
  const mine = makeCabMine(journal, 14 * DAY_MS);
  expect(mine()).toMatchObject({ recorded: {}, retentionDays: 14 });
  expect(mine().dutySince).toBeUndefined();
  journal.commit([duty(10, true)]);
  journal.commit([fix(11), fix(12), fix(13)]);
  expect(mine()).toMatchObject({ dutySince: START + 10_000, recorded: { fix: 3 } });
  expect(mine().dutyLog.map((entry) => entry.on)).toEqual([false, true]);
  journal.close();
});
