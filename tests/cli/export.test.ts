import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Courier } from '../../gateway/io/courier.ts';
import type { Journal } from '../../gateway/io/journal.ts';
import {
  type Depot,
  duty,
  fix,
  openVanJournal,
  startDepot,
  startVanCourier,
  temporaryFolder,
  until,
} from '../parts/chain.ts';

const BIN = join(import.meta.dirname, '..', '..', 'cli', 'bin.mjs');
const run = (...args: string[]) => {
  const { stdout, stderr, status } = spawnSync(process.execPath, [BIN, 'export', ...args], {
    encoding: 'utf8',
  });
  return { lines: stdout.split('\n').slice(0, -1), text: stdout, stderr, status };
};

describe('tournee export', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let depot: Depot;
  let journal: Journal;
  let courier: Courier;
  const at = (name: string) => join(folder.path, name);

  beforeEach(async () => {
    folder = temporaryFolder();
    depot = await startDepot(at('depot.db'));
    for (let opening = 0; opening < 2; opening++) {
      journal = openVanJournal(at('van.db'));
      journal.commit([...Array.from({ length: 40 }, (_, n) => fix(1000 * opening + n)), duty(opening)]);
      if (opening === 0) journal.close();
    }
    courier = startVanCourier(depot.url, journal);
    await until('all received', () => journal.backlog().rows === 0);
    writeFileSync(
      at('depot.yaml'),
      JSON.stringify({
        broker: 'mqtt://127.0.0.1:1',
        http: 'http://127.0.0.1:1',
        store: `sqlite:${at('depot.db')}`,
        agenda: 'agenda.json',
        auth: 'none',
      }),
    );
  });
  afterEach(async () => {
    await courier.stop();
    journal.close();
    await depot.stop();
    folder.remove();
  });

  it('prints the same bytes on both sides while both daemons run, in order of chain, lane and seq', () => {
    const van = run('--journal', at('van.db'));
    expect(van.stderr).toBe('');
    expect(van.status).toBe(0);
    expect(van.lines).toHaveLength(84);
    expect(run('--config', at('depot.yaml')).text).toBe(van.text);
    const rows = van.lines.map((line) => JSON.parse(line) as { journal: string; lane: string; seq: number });
    expect(rows.map((r) => r.journal === journal.uuid)).toEqual([
      ...Array(42).fill(false),
      ...Array(42).fill(true),
    ]);
    expect(rows.slice(0, 42).map((r) => `${r.lane} ${r.seq}`)).toEqual([
      ...Array.from({ length: 40 }, (_, n) => `bulk ${n + 1}`),
      'urgent 1',
      'urgent 2',
    ]);
    // The daemon goes on writing, and its WAL was not touched.
    expect(journal.commit([fix(1)])[0]!.seq).toBe(41);
  });

  it('prints fixes as GPX, GeoJSON and CSV', () => {
    const gpx = run('--journal', at('van.db'), '--format', 'gpx').text;
    expect(gpx.match(/<trkpt /g)).toHaveLength(80);
    expect(gpx.match(/<trkseg>/g)).toHaveLength(2);
    const collection = JSON.parse(run('--config', at('depot.yaml'), '--format', 'geojson').text);
    expect(collection.features).toHaveLength(80);
    expect(collection.features[0].geometry.coordinates[0]).toBeCloseTo(0.7, 3);
    const csv = run('--journal', at('van.db'), '--format', 'csv').lines;
    expect(csv[0]).toBe('van,at,latitude,longitude,accuracyM,moving');
    expect(csv).toHaveLength(81);
  });

  it.each([
    [['--journal', '/nowhere.db'], 'expected a journal file'],
    [[], 'usage'],
    [['--journal', 'a', '--format', 'xls'], 'jsonl|gpx|geojson|csv'],
  ])('refuses %j in words, exit 2', (args, words) => {
    const { status, stderr } = run(...args);
    expect(stderr).toContain(words);
    expect(status).toBe(2);
  });
});
