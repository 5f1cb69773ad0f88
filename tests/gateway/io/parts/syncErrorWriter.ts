import { openJournal } from '../../../../gateway/io/journal.ts';
import { systemClock } from '../../../../runtime/clock.ts';
import { silentLog } from '../../../../runtime/log.ts';

/** Commits a given number of times while syncs fail under it, and says what it was told, and each reopening. */
const [path = '', commits = '40'] = process.argv.slice(2);
const say = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);
const journal = openJournal(path, {
  van: 'van-7',
  software: 'test',
  boot: 'boot',
  retentionMs: 1e9,
  maxBytes: 1e9,
  clock: systemClock,
  log: silentLog,
  onReopened: (why) => say({ reopened: why }),
});
const at = '2026-11-24T08:00:00.000Z';
for (let n = 0; n < Number(commits); n++) {
  const rows = journal.commit([
    { lane: 'bulk', row: { kind: 'fix', at, latitude: 47 + n / 1e6, longitude: 0.5, moving: n % 2 === 0 } },
    { lane: 'urgent', row: { kind: 'duty', at, on: n % 2 === 0, why: 'switch' } },
  ]);
  for (const { journal: id, lane, seq, text } of rows) say({ told: `${id} ${lane} ${seq} ${text}` });
}
journal.close();
