import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';

/** In a thread of its own, read-only: a check of 100 MB takes seconds, and the van's loop must turn meanwhile. */
const SOURCE = `
  const { parentPort, workerData } = require('node:worker_threads');
  const Sqlite = require(workerData.module);
  const db = new Sqlite(workerData.path, { readonly: true });
  parentPort.postMessage(db.pragma('quick_check(5)').map((row) => row.quick_check));
  db.close();
`;

/** What SQLite's quick_check finds wrong with the file; empty when it is sound. Rejects when it cannot be read. */
export function quickCheck(path: string): Promise<string[]> {
  const module = createRequire(import.meta.url).resolve('better-sqlite3');
  return new Promise((resolve, reject) => {
    const worker = new Worker(SOURCE, { eval: true, workerData: { path, module }, execArgv: [] });
    worker.once('message', (found: string[]) => resolve(found.filter((line) => line !== 'ok')));
    worker.once('error', reject);
    worker.unref();
  });
}
