import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { openStoreForExport } from '../../dashboard/io/store/exportRows.ts';
import type { Journal } from '../../gateway/io/journal.ts';
import { LANES } from '../../protocol/rows.ts';
import { freePort } from '../../runtime/freePort.ts';
import { makeRandom } from '../../simulators/random.ts';
import { duty, fix, openVanJournal, startVanCourier, temporaryFolder, until, vanRows } from './chain.ts';

/**
 * The depot's process killed with SIGKILL in the middle of its ingest, again and again; the van goes on. After each
 * kill nothing that the van holds for received may be missing in the store's file; in the end both exports are equal.
 */
export type KillRound = {
  readonly receivedRows: number;
  readonly storedRows: number;
  readonly missing: number;
};
export type DepotKills = {
  readonly rounds: readonly KillRound[];
  readonly rows: number;
  /** Rows that only one side has, or that differ. */
  readonly differing: number;
};

const ROWS_A_ROUND = 2500;
const DEPOT = join(import.meta.dirname, 'depotProcess.ts');

async function startDepotProcess(path: string, port: number) {
  const child = spawn(process.execPath, ['--import', 'tsx', DEPOT, path, `${port}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return async () => {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  };
}

async function storedRows(path: string): Promise<Map<string, string>> {
  const rows = new Map<string, string>();
  const store = openStoreForExport(path);
  if (!store) return rows;
  for await (const { journal, lane, seq, text } of store.lines()) {
    const key = `${journal} ${lane} ${seq}`;
    if (rows.has(key)) throw new Error(`twice: ${key}`);
    rows.set(key, text);
  }
  store.close();
  return rows;
}

const received = (journal: Journal) =>
  journal
    .extents()
    .flatMap(({ journal: id, lanes }) =>
      LANES.flatMap((lane) =>
        Array.from({ length: lanes[lane].received }, (_, n) => `${id} ${lane} ${n + 1}`),
      ),
    );

export async function killDepots(kills: number, seed: number): Promise<DepotKills> {
  const random = makeRandom(seed);
  const folder = temporaryFolder();
  const path = join(folder.path, 'depot.db');
  const port = await freePort();
  const journal = openVanJournal(join(folder.path, 'van.db'));
  const settings = { drainRows: 25, backoffBaseMs: 20, backoffMaxMs: 100 };
  const courier = startVanCourier(`mqtt://127.0.0.1:${port}`, journal, settings);
  const rounds: KillRound[] = [];
  let kill = async () => {};
  try {
    for (let round = 0; round < kills; round++) {
      for (let n = 0; n < ROWS_A_ROUND; n += 100)
        journal.commit([
          ...Array.from({ length: 100 }, (_, i) => fix(round * ROWS_A_ROUND + n + i)),
          duty(round * ROWS_A_ROUND + n),
        ]);
      const enough = journal.backlog().rows * random.next();
      kill = await startDepotProcess(path, port);
      await until('some ingested', () => journal.backlog().rows <= enough, 60_000);
      await kill();
      const stored = await storedRows(path);
      const said = received(journal);
      rounds.push({
        receivedRows: said.length,
        storedRows: stored.size,
        missing: said.filter((key) => !stored.has(key)).length,
      });
    }
    kill = await startDepotProcess(path, port);
    await until('drained', () => journal.backlog().rows === 0, 60_000);
    await kill();
    const [van, depot] = [vanRows(journal), await storedRows(path)];
    const keys = new Set([...van.keys(), ...depot.keys()]);
    const differing = [...keys].filter((key) => van.get(key) !== depot.get(key)).length;
    return { rounds, rows: van.size, differing };
  } finally {
    await kill();
    await courier.stop();
    journal.close();
    folder.remove();
  }
}
