import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { makeBallast } from '../gateway/io/ballast.ts';
import { openJournal } from '../gateway/io/journal.ts';
import { startWriter } from '../gateway/io/writer.ts';
import { fakeClock } from '../runtime/clock.ts';
import { silentLog } from '../runtime/log.ts';
import {
  REFERENCE_HOURS,
  REFERENCE_START_MS,
  referenceDay,
  referenceVan,
} from '../simulators/referenceDay.ts';
import { type DayRow, kindsOf, referenceRows } from './referenceRows.ts';

/**
 * `npm run bench -- wear [seed]`: bytes that the card must take for the reference day, journal and receipts, beside the
 * naive gateway that commits every fix. Counted by the kernel (`write_bytes` of /proc/self/io): it needs a real block
 * device under the folder, TMPDIR or the present one; on tmpfs it says so and counts the pages written instead.
 */
const PROMISED_MB = 20;

type Written = { readonly pages: number; readonly device: number };

function kernelBytes(): number {
  const line = readFileSync('/proc/self/io', 'utf8')
    .split('\n')
    .find((l) => l.startsWith('write_bytes'));
  return Number(line?.split(' ')[1] ?? 0);
}
/** Bytes handed to write(2): WAL frames and checkpoints; what a device takes beside it is the file system's. */
function calledBytes(): number {
  const line = readFileSync('/proc/self/io', 'utf8')
    .split('\n')
    .find((l) => l.startsWith('wchar'));
  return Number(line?.split(' ')[1] ?? 0);
}

/** `work` says with `before` when the counting begins. */
async function measured(
  work: (folder: string, before: () => void) => void | Promise<void>,
): Promise<Written> {
  const folder = mkdtempSync(join(process.env.TMPDIR ?? process.cwd(), '.wear-'));
  try {
    let [device, pages] = [kernelBytes(), calledBytes()];
    const before = () => {
      execFileSync('sync');
      [device, pages] = [kernelBytes(), calledBytes()];
    };
    await work(folder, before);
    return { device: kernelBytes() - device, pages: calledBytes() - pages };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The production journal and writer, the rows at their times; a receipt after each five minutes. */
const ours = (rows: readonly DayRow[]) =>
  measured(async (folder, before) => {
    const clock = fakeClock(REFERENCE_START_MS);
    // Written once in the life of a file, not every day.
    makeBallast(join(folder, 'gateway.db.ballast')).fill();
    before();
    const journal = openJournal(join(folder, 'gateway.db'), {
      van: 'reference',
      software: 'bench',
      boot: 'boot',
      retentionMs: 14 * 86_400_000,
      maxBytes: 256e6,
      clock,
      log: silentLog,
    });
    const writer = startWriter(journal, clock, silentLog);
    let settledMs = REFERENCE_START_MS;
    for (const { lane, row, atMs, dense } of rows) {
      if (atMs > clock.nowMs()) await clock.advance(atMs - clock.nowMs());
      writer.add([{ lane, row }], dense);
      if (atMs - settledMs > 300_000) {
        settledMs = atMs;
        const last = (name: 'urgent' | 'bulk') => {
          const crc = journal.outbox(journal.uuid, name, 1, 1_000_000).rows.at(-1);
          return { upTo: crc?.seq ?? 0, crc: crc?.crc ?? 0 };
        };
        journal.settle(
          { journal: journal.uuid, lanes: { urgent: last('urgent'), bulk: last('bulk') } },
          false,
        );
      }
    }
    writer.stop();
    journal.close();
  });

/** Every fix a transaction of its own, deleted when sent: what a first gateway does. */
const naive = (seed: number, rowsACommit: number) =>
  measured((folder) => {
    const db = new Sqlite(join(folder, 'naive.db'));
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = FULL');
    db.exec('CREATE TABLE fixes (id INTEGER PRIMARY KEY, text TEXT, sent INTEGER DEFAULT 0)');
    const insert = db.prepare('INSERT INTO fixes (text) VALUES (?)');
    let waiting: string[] = [];
    const commit = db.transaction((texts: readonly string[]) => {
      for (const text of texts) insert.run(text);
    });
    for (const input of referenceDay(seed)) {
      if (input.kind !== 'fix') continue;
      if (waiting.push(JSON.stringify(input.fix)) < rowsACommit) continue;
      commit(waiting);
      waiting = [];
    }
    db.close();
  });

export default async function wear([seed = '1']: string[]): Promise<void> {
  const rows = referenceRows(Number(seed));
  const km = referenceVan(Number(seed)).lengthM / 1000;
  console.log(
    `reference day, seed ${seed}: ${REFERENCE_HOURS} h, ${km.toFixed(1)} km, rows ${JSON.stringify(kindsOf(rows))}`,
  );
  const mb = (w: Written) =>
    `${(w.device / 1e6).toFixed(1)} MB to the device, ${(w.pages / 1e6).toFixed(1)} MB by write(2)`;
  const day = await ours(rows);
  console.log(`journal                     ${mb(day)} (promised ≤ ${PROMISED_MB})`);
  if (day.device === 0)
    console.log('  (no block device under this folder: the second figure is the one to read)');
  console.log(`naive, a commit a fix       ${mb(await naive(Number(seed), 1))}`);
  console.log(`naive, 60 fixes a commit    ${mb(await naive(Number(seed), 60))}`);
}
