import { closeSync, openSync, statSync, writeSync } from 'node:fs';
import { openSqliteStore } from '../../../dashboard/io/store/sqlite.ts';
import { type Journal, type JournalRow, openJournal } from '../../../gateway/io/journal.ts';
import { canonicalText, runCrc } from '../../../protocol/canonical.ts';
import type { Lane, Row } from '../../../protocol/rows.ts';
import { isoOf } from '../../../protocol/time.ts';
import { systemClock } from '../../../runtime/clock.ts';
import { silentLog } from '../../../runtime/log.ts';
import { makeRandom } from '../../../simulators/random.ts';

/**
 * Works on a real journal or store and says on standard output, line by line, what it was told is durable: with
 * strace's record of its writes, that is what a power cut may leave. Arguments: van|salvage|depot, path, seed.
 */
const [kind = 'van', path = '', seedText = '1'] = process.argv.slice(2);
const random = makeRandom(Number(seedText));
const START = Date.UTC(2026, 10, 24, 8);
const say = (told: unknown) => writeSync(1, `${JSON.stringify(told)}\n`);
let n = 0;
const at = () => isoOf(START + 1000 * n++);
const makeRow = (): { lane: Lane; row: Row } =>
  random.next() < 0.15
    ? { lane: 'urgent', row: { kind: 'duty', at: at(), on: n % 2 === 0, why: 'switch' } }
    : {
        lane: 'bulk',
        row: { kind: 'fix', at: at(), latitude: 47 + n / 1e6, longitude: 0.5, moving: n % 3 === 0 },
      };
const makeRows = (most: number) => Array.from({ length: 1 + Math.floor(most * random.next()) }, makeRow);

const open = (): Journal =>
  openJournal(path, {
    van: 'van-7',
    software: 'images',
    boot: 'boot',
    retentionMs: 60_000,
    maxBytes: 400_000,
    clock: systemClock,
    log: silentLog,
  });

/** Commits, receipts, drops, checkpoints, clean and unclean ends. */
function van(commits: number): void {
  for (let opening = 0; opening < 2; opening++) {
    const journal = open();
    for (let i = 0; i < commits; i++) {
      const rows = journal.commit(makeRows(25));
      say({ rows: rows.map(({ journal, lane, seq, crc }) => [journal, lane, seq, crc]) });
      if (random.next() < 0.2) receive(journal);
    }
    journal.close();
  }
}

/** A receipt for some of what waits. */
function receive(journal: Journal): void {
  const id = journal.uuid;
  const upTo = (lane: Lane) => {
    const { received, last } = journal.extents().find((e) => e.journal === id)!.lanes[lane];
    const to = received + Math.floor((last - received + 1) * random.next());
    const row = to > 0 ? journal.outbox(id, lane, to, 1).rows[0] : undefined;
    return row ? { upTo: row.seq, crc: row.crc } : { upTo: 0, crc: 0 };
  };
  const lanes = { urgent: upTo('urgent'), bulk: upTo('bulk') };
  journal.settle({ journal: id, lanes }, false);
  say({ received: [id, lanes.urgent.upTo, lanes.bulk.upTo] });
}

/** A page of the middle is overwritten between two openings: the second one salvages. */
function salvaged(): void {
  const first = open();
  const told = (rows: Iterable<JournalRow>) => [...rows].map((r) => [r.journal, r.lane, r.seq, r.crc]);
  for (let i = 0; i < 40; i++) say({ rows: told(first.commit(makeRows(25))) });
  first.close();
  const pages = Math.floor(statSync(path).size / 4096);
  const file = openSync(path, 'r+');
  writeSync(file, Buffer.alloc(4096, 0x99), 0, 4096, 4096 * Math.floor(pages * (0.4 + 0.4 * random.next())));
  closeSync(file);
  say({ damaged: true });
  const second = open();
  say({ salvaged: second.opening.salvaged });
  say({ kept: told(second.merged()) });
  for (let i = 0; i < 10; i++) say({ rows: told(second.commit(makeRows(5))) });
  second.close();
}

async function depot(commits: number): Promise<void> {
  const store = openSqliteStore(path, { log: silentLog, clock: systemClock });
  const journal = '0f2c8a4e-6b1d-4f3a-9c57-1e2d3c4b5a69';
  const ends = { urgent: { upTo: 0, crc: 0 }, bulk: { upTo: 0, crc: 0 } };
  for (let i = 0; i < commits; i++) {
    const lane: Lane = random.next() < 0.3 ? 'urgent' : 'bulk';
    const prevCrc = ends[lane].crc;
    const rows = makeRows(30)
      .filter((made) => made.lane === lane)
      .map(({ row }) => {
        const text = canonicalText(row);
        const seq = ++ends[lane].upTo;
        ends[lane].crc = runCrc(ends[lane].crc, lane, seq, text);
        return { seq, ...(lane === 'urgent' ? { after: ends.bulk.upTo } : {}), text };
      });
    if (rows.length === 0) continue;
    await store.store([{ van: 'van-7', journal, lane, prevCrc, crc: ends[lane].crc, rows }], START);
    say({ cursors: ends });
  }
  store.stop();
}

if (kind === 'depot') await depot(120);
else if (kind === 'salvage') salvaged();
else van(70);
