import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runCrc } from '../../../protocol/canonical.ts';
import { openVanJournal, temporaryFolder } from '../../parts/chain.ts';
import { hasStrace } from '../../parts/powerCut.ts';

const COMMITS = 40;
const WRITER = join(import.meta.dirname, 'parts', 'syncErrorWriter.ts');

/** The real writer on real SQLite; the kernel answers the chosen syncs with EIO. */
function written(path: string, when: string) {
  const { stdout, stderr, status } = spawnSync(
    'strace',
    [
      '-f',
      '-qq',
      '-o',
      `${path}.trace`,
      '-e',
      'trace=fdatasync,fsync',
      '-e',
      `inject=fdatasync,fsync:error=EIO:when=${when}`,
      process.execPath,
      '--import',
      'tsx',
      WRITER,
      path,
      `${COMMITS}`,
    ],
    { encoding: 'utf8' },
  );
  const lines = stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as { told?: string; reopened?: string });
  return {
    status,
    stderr,
    told: lines.flatMap(({ told }) => told ?? []),
    reopened: lines.flatMap(({ reopened }) => reopened ?? []),
  };
}

it.skipIf(!hasStrace && process.env.TOURNEE_REQUIRE_ALL !== '1').each(['20', '33', '20+25'])(
  'reopens and verifies after EIO on sync number %s: all that it was told is there, once',
  (when) => {
    const folder = temporaryFolder();
    const path = join(folder.path, 'van.db');
    const { status, stderr, told, reopened } = written(path, when);
    expect(status, stderr).toBe(0);
    expect(reopened.length).toBeGreaterThan(0);
    expect(reopened.every((why) => why.startsWith('SQLITE_IOERR'))).toBe(true);
    expect(told).toHaveLength(2 * COMMITS);

    const journal = openVanJournal(path);
    const rows = [...journal.merged()];
    const held = new Set(rows.map((r) => `${r.journal} ${r.lane} ${r.seq} ${r.text}`));
    expect(told.filter((row) => !held.has(row))).toEqual([]);
    // Each opening is a journal that names the one before it, and no row is there twice.
    const opens = rows.filter((r) => r.row.kind === 'open');
    expect(opens).toHaveLength(reopened.length + 2);
    expect(rows.filter((r) => r.row.kind === 'duty')).toHaveLength(COMMITS);
    expect(rows.filter((r) => r.row.kind === 'fix')).toHaveLength(COMMITS);
    const crcs = new Map<string, number>();
    for (const { journal: id, lane, seq, text, crc } of rows) {
      const running = runCrc(crcs.get(`${id} ${lane}`) ?? 0, lane, seq, text);
      expect(running).toBe(crc);
      crcs.set(`${id} ${lane}`, running);
    }
    journal.close();
    folder.remove();
  },
  60_000,
);
