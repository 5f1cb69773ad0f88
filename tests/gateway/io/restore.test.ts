import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { referenceDays } from '../../../bench/drain/roles.ts';
import { GatewayConfig } from '../../../gateway/config.ts';
import { engineSettingsOf } from '../../../gateway/engineSettings.ts';
import type { JournalFile } from '../../../gateway/io/journal.ts';
import { restoreEngine } from '../../../gateway/io/restore.ts';
import { REFERENCE_START_MS } from '../../../simulators/referenceDay.ts';
import { openVanJournal, temporaryFolder } from '../../parts/chain.ts';

let folder: ReturnType<typeof temporaryFolder>;
let journal: JournalFile;
beforeEach(() => {
  folder = temporaryFolder();
  journal = openVanJournal(join(folder.path, 'van.db'));
});
afterEach(() => {
  journal.close();
  folder.remove();
});

const settings = engineSettingsOf(
  GatewayConfig.parse({
    van: 'van-7',
    sources: { gps: 'file:x' },
    journal: 'x.db',
    broker: 'mqtt://localhost',
  }),
  REFERENCE_START_MS - 86_400_000,
);

it('restores from the last snapshot and the rare kinds what the whole journal gives', () => {
  const days = referenceDays(3);
  // Into the middle of the third day, with a restart on the second.
  const rows = days.slice(0, Math.floor(days.length * 0.9));
  const alert = (n: number) => ({
    kind: 'alert' as const,
    at: null,
    boot: 'boot-1',
    monoMs: n,
    episode: `house_low:${n}`,
    alert: 'house_low',
    change: 'raised' as const,
    severity: 'warning' as const,
    values: {},
  });
  journal.commit([...rows.slice(0, 3000), { lane: 'urgent', row: alert(1) }]);
  journal.close();
  journal = openVanJournal(join(folder.path, 'van.db'));
  journal.commit(rows.slice(3000));

  let read = 0;
  const counted: Pick<JournalFile, 'last' | 'merged' | 'rare'> = {
    last: (kind) => journal.last(kind),
    rare: (kinds, sinceMs) => journal.rare(kinds, sinceMs),
    *merged(place) {
      for (const row of journal.merged(place)) {
        read++;
        yield row;
      }
    },
  };
  const restored = restoreEngine(counted, settings, 'boot-1');
  expect(read).toBeGreaterThan(0);
  expect(read, 'of a day at most').toBeLessThan(days.length / 3);

  const { presence } = restored.state.locate;
  const whole = restoreEngine(
    // No snapshot to be found by `last`: everything is read.
    { ...counted, last: (kind) => (kind === 'snapshot' ? undefined : journal.last(kind)) },
    settings,
    'boot-1',
  );
  expect(read).toBeGreaterThan(rows.length);
  expect(presence).toBeDefined();
  expect(restored).toEqual(whole);
});
