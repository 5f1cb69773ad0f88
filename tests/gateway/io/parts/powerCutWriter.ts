import { writeSync } from 'node:fs';
import { type NewRow, openJournal } from '../../../../gateway/io/journal.ts';
import { isoOf } from '../../../../protocol/time.ts';
import { fakeClock } from '../../../../runtime/clock.ts';
import { silentLog } from '../../../../runtime/log.ts';

/**
 * A journal's life in short: three openings, bulk and urgent rows, receipts, retention, checkpoints. Says on standard
 * output, before it goes on, what it was told is durable: `[journal, urgent seq, bulk seq]`.
 */
const START = Date.UTC(2026, 10, 24);
for (let opening = 0; opening < 3; opening++) {
  const journal = openJournal(process.argv[2]!, {
    van: 'van-7',
    software: 'test',
    boot: 'boot',
    retentionMs: 40_000,
    maxBytes: 1e9,
    clock: fakeClock(START),
    log: silentLog,
  });
  const last = { urgent: 1, bulk: 0 };
  const tell = () => writeSync(1, `${JSON.stringify([journal.uuid, last.urgent, last.bulk])}\n`);
  tell();
  for (let n = 0; n < 70; n++) {
    const at = isoOf(START + (opening * 70 + n) * 1000);
    const bulk: NewRow[] = Array.from({ length: 1 + (n % 4) }, (_, k) => ({
      lane: 'bulk',
      row: { kind: 'fix', at, latitude: 47 + n / 1e6, longitude: k / 1e6, moving: n % 2 === 0 },
    }));
    const urgent: NewRow[] =
      n % 7 === 0 ? [{ lane: 'urgent', row: { kind: 'duty', at, on: true, why: 'agenda' } }] : [];
    const rows = journal.commit([...bulk, ...urgent]);
    for (const row of rows) last[row.lane] = row.seq;
    tell();
    if (n % 20 === 19) {
      const row = rows.findLast((r) => r.lane === 'bulk')!;
      const { uuid } = journal;
      journal.settle(
        { journal: uuid, lanes: { urgent: { upTo: 0, crc: 0 }, bulk: { upTo: row.seq, crc: row.crc } } },
        false,
      );
    }
  }
  // The last opening ends by the cut.
  if (opening < 2) journal.close();
}
