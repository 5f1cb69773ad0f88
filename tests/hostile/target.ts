import { join } from 'node:path';
import { startBroker } from '../../dashboard/io/broker.ts';
import { makeFeed } from '../../dashboard/io/feed.ts';
import { startIngest } from '../../dashboard/io/ingest.ts';
import { openSqliteStore } from '../../dashboard/io/store/sqlite.ts';
import { systemClock } from '../../runtime/clock.ts';
import { silentLog } from '../../runtime/log.ts';
import { answerParent } from './child.ts';

/**
 * What is attacked, in a process of its own: the broker inside the depot, its ingest and its store on disk. Arguments:
 * folder, then the vans; each van's secret is `secret of <van>`.
 */
export type TargetQuestion =
  | { readonly what: 'state' }
  | { readonly what: 'revoke'; readonly van: string }
  | { readonly what: 'publish'; readonly van: string; readonly agenda: object };
export type TargetState = {
  readonly rssMb: number;
  readonly counters: Readonly<Record<string, number>>;
};
export type TargetFirst = { readonly port: number };

const [folder, ...vans] = process.argv.slice(2) as [string, ...string[]];
const deps = { log: silentLog, clock: systemClock };
const allowed = new Set(vans);
const store = openSqliteStore(join(folder, 'depot.db'), deps);
const broker = await startBroker({
  listen: 'mqtt://127.0.0.1:0',
  verify: (van, secret) => allowed.has(van) && secret === `secret of ${van}`,
  ...deps,
});
const feed = makeFeed(silentLog);
const ingest = startIngest({ link: broker, store, feed, vans: () => vans, ...deps });

function answer(question: TargetQuestion): TargetState | undefined {
  switch (question.what) {
    case 'state':
      globalThis.gc?.();
      return {
        rssMb: process.memoryUsage().rss / 2 ** 20,
        counters: { ...broker.counters(), ...ingest.counters() },
      };
    case 'revoke':
      allowed.delete(question.van);
      broker.disconnect(question.van);
      return undefined;
    case 'publish':
      broker.publish(question.van, 'agenda', question.agenda, true);
      return undefined;
  }
}

answerParent({ port: Number(new URL(broker.url).port) } satisfies TargetFirst, answer, async () => {
  await ingest.stop();
  await broker.stop();
  await store.stop();
});
