import { openJournal } from '../../../../gateway/io/journal.ts';
import { systemClock } from '../../../../runtime/clock.ts';
import { silentLog } from '../../../../runtime/log.ts';

/** Commits as fast as it can and says on standard output what it was told is durable, until it is killed. */
const journal = openJournal(process.argv[2]!, {
  van: 'van-7',
  software: 'test',
  boot: 'boot',
  retentionMs: 1e9,
  maxBytes: 1e9,
  clock: systemClock,
  log: silentLog,
});
const last = { urgent: 1, bulk: 0 };
for (let n = 0; ; n++) {
  const at = '2026-11-24T08:00:00.000Z';
  const rows = journal.commit([
    { lane: 'bulk', row: { kind: 'fix', at, latitude: 47 + n / 1e6, longitude: 0.5, moving: n % 2 === 0 } },
    ...(n % 5 === 0
      ? [{ lane: 'urgent' as const, row: { kind: 'duty' as const, at, on: true, why: 'agenda' as const } }]
      : []),
  ]);
  for (const row of rows) last[row.lane] = row.seq;
  process.stdout.write(`${JSON.stringify([journal.uuid, last.urgent, last.bulk])}\n`);
  if (n % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
}
