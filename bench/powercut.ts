import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openJournal } from '../gateway/io/journal.ts';
import { fakeClock } from '../runtime/clock.ts';
import { silentLog } from '../runtime/log.ts';
import { cutImages, recordCalls, withImage } from '../tests/parts/powerCut.ts';

/** `npm run bench -- powercut [images] [seed]`: campaign C3 on the van's journal. */
export type CutResult = {
  readonly images: number;
  readonly unreadable: number;
  readonly lost: number;
  readonly seconds: number;
};

const WRITER = new URL('../tests/gateway/io/parts/powerCutWriter.ts', import.meta.url).pathname;

export function powerCuts(images: number, seed: number): CutResult {
  const folder = mkdtempSync(join(tmpdir(), 'recorded-'));
  const path = join(folder, 'journal.db');
  const start = performance.now();
  let [unreadable, lost] = [0, 0];
  try {
    for (const { cut, image, told } of cutImages(recordCalls(WRITER, path), images, seed))
      withImage(image, path, (copy) => {
        const journal = openJournal(copy, {
          van: 'van-7',
          software: 'test',
          boot: 'after the cut',
          retentionMs: 1e12,
          maxBytes: 1e9,
          clock: fakeClock(0),
          log: silentLog,
        });
        if (journal.opening.salvaged) {
          unreadable++;
          console.error(`seed ${seed}, cut ${cut}: not readable`);
        }
        const extents = new Map(journal.extents().map((e) => [e.journal, e.lanes]));
        for (const line of told) {
          const [id, urgent, bulk] = JSON.parse(line) as [string, number, number];
          const lanes = extents.get(id);
          if (lanes && lanes.urgent.last >= urgent && lanes.bulk.last >= bulk) continue;
          lost++;
          console.error(`seed ${seed}, cut ${cut}: ${line} was told durable and is not there`);
          break;
        }
        journal.close();
      });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return { images, unreadable, lost, seconds: (performance.now() - start) / 1000 };
}

export default async function run([images = '10000', seed = '1']: string[]): Promise<void> {
  const { unreadable, lost, seconds } = powerCuts(Number(images), Number(seed));
  console.log(
    `${images} power cuts, seed ${seed}: ${unreadable} unreadable, ${lost} lost rows told durable, ${seconds.toFixed(0)} s`,
  );
  if (unreadable + lost > 0) process.exitCode = 1;
}
