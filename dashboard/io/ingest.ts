import { Position, type Receipt } from '../../protocol/messages.ts';
import { topicOf } from '../../protocol/topics.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Part } from '../../runtime/lifecycle.ts';
import type { Log } from '../../runtime/log.ts';
import type { Feed } from '../core/feed.ts';
import { type Batch, type Cursors, type Identity, stepIdentity } from '../core/ingest.ts';
import { concernsOf, type Trust } from '../core/trust.ts';
import type { VanLink, VanMessage } from './broker.ts';
import { readBulk, readJson, readStatus, readUrgent } from './payload.ts';
import type { Store, Stored } from './store/store.ts';

/**
 * The depot's end of the chain of trust: commit, then receipt, then feed. Batches of all vans that wait are committed
 * together; an `ask` stands in the same queue, so that its answer is read from committed state.
 */
export type IngestDeps = {
  readonly link: VanLink;
  readonly store: Store;
  readonly feed: Feed;
  /** The vans that exist: each is asked to ask when the depot starts. */
  readonly vans: () => readonly string[];
  readonly log: Log;
  readonly clock: Clock;
};

export type Ingest = Part & { counters(): Readonly<Record<string, number>> };

const GROUP_MAX = 64;
/** The same concern about the same journal is told once in this time. */
const CONCERN_QUIET_MS = 600_000;
const CONCERNS_MAX = 5_000;

type Waiting = { readonly done: () => void; readonly failed: (error: unknown) => void } & (
  | { readonly batch: Batch; readonly payload: Uint8Array }
  | { readonly van: string; readonly journals: readonly string[]; readonly ask?: string }
);
type WaitingBatch = Extract<Waiting, { batch: Batch }>;

export function startIngest(deps: IngestDeps): Ingest {
  const { link, store, feed, log, clock } = deps;
  const counts: Record<string, number> = {};
  const count = (what: string, by = 1) => {
    counts[what] = (counts[what] ?? 0) + by;
  };
  const identities = new Map<string, Identity>();
  const told = new Map<string, number>();
  let queue: Waiting[] = [];
  let running: Promise<void> | undefined;

  const tell = (event: Trust) => {
    const key = `${event.van} ${event.concern} ${event.journal} ${JSON.stringify(event.values)}`;
    const now = clock.monotonicMs();
    if ((told.get(key) ?? Number.NEGATIVE_INFINITY) > now - CONCERN_QUIET_MS) return;
    if (told.size >= CONCERNS_MAX) told.clear();
    told.set(key, now);
    log.warn({ van: event.van, concern: event.concern, journal: event.journal, ...event.values }, 'trust');
    feed.publish(event);
  };
  const trust = (
    van: string,
    concern: Trust['concern'],
    journal: string | undefined,
    values: Trust['values'] = {},
  ) =>
    tell({
      kind: 'trust',
      van,
      concern,
      ...(journal === undefined ? {} : { journal }),
      values,
      receivedAt: clock.nowMs(),
    });

  const receipt = (van: string, journal: string, lanes: Cursors, ask?: string) => {
    const payload: Receipt = { journal, ...(ask === undefined ? {} : { ask }), lanes };
    link.publish(van, 'receipt', payload, false);
    count('receipts');
  };

  /** Tells who waits for it, sends the receipts, then lets the views know. */
  async function settle(group: readonly WaitingBatch[], results: readonly Stored[]): Promise<void> {
    const receipts = new Map<string, { van: string; journal: string; cursors: Cursors }>();
    for (const [i, { batch, payload }] of group.entries()) {
      const { decision, cursors, unread, rows } = results[i]!;
      count(decision);
      count('rows', rows.length);
      if (decision === 'fork' || decision === 'broken') await putAside(batch, decision, payload);
      if (unread > 0) {
        count('unread', unread);
        trust(batch.van, 'unread', batch.journal);
      }
      receipts.set(`${batch.van} ${batch.journal}`, { van: batch.van, journal: batch.journal, cursors });
    }
    for (const { van, journal, cursors } of receipts.values()) receipt(van, journal, cursors);
    for (const waiting of group) waiting.done();
    for (const { rows } of results) {
      if (rows.length === 0) continue;
      const { van, receivedAt } = rows[0]!;
      feed.publish({ kind: 'rows', van, rows, receivedAt });
      for (const event of concernsOf(rows)) tell(event);
      if (rows.some((r) => r.row.kind === 'open')) await noticeBranch(van, rows[0]!.journal);
    }
  }

  async function putAside(batch: Batch, reason: 'fork' | 'broken', payload: Uint8Array): Promise<void> {
    await store.putAside(batch.van, topicOf(batch.van, batch.lane), reason, payload, clock.nowMs());
    trust(batch.van, reason === 'fork' ? 'fork' : 'poison', batch.journal);
  }

  /** Two journals that follow the same one: an older copy of the file was written on. */
  async function noticeBranch(van: string, journal: string): Promise<void> {
    const journals = await store.journals(van);
    const previous = journals.find((j) => j.journal === journal)?.previous;
    const sister = journals.find((j) => j.journal !== journal && j.previous === previous);
    if (previous !== undefined && sister)
      trust(van, 'rolled_back', journal, { previous, sister: sister.journal });
  }

  /** One transaction; when it fails, one by one, so that a single batch that cannot be stored stops no other. */
  async function storeGroup(group: readonly WaitingBatch[]): Promise<void> {
    try {
      await settle(
        group,
        await store.store(
          group.map((w) => w.batch),
          clock.nowMs(),
        ),
      );
    } catch (error) {
      if (group.length > 1) {
        for (const waiting of group) await storeGroup([waiting]);
        return;
      }
      count('store errors');
      log.error({ error: String(error), van: group[0]!.batch.van }, 'batch not stored');
      group[0]!.failed(error);
    }
  }

  async function run(): Promise<void> {
    // Everything that one turn of the loop brought goes into one commit.
    await new Promise((resolve) => setImmediate(resolve));
    while (queue.length > 0) {
      const firstAsk = queue.findIndex((w) => !('batch' in w));
      const end = firstAsk === 0 ? 1 : Math.min(GROUP_MAX, firstAsk < 0 ? queue.length : firstAsk);
      const group = queue.slice(0, end);
      queue = queue.slice(end);
      const [first] = group;
      if (first && !('batch' in first)) await answer(first);
      else await storeGroup(group as WaitingBatch[]);
    }
  }

  async function answer(asked: Exclude<Waiting, WaitingBatch>): Promise<void> {
    try {
      for (const journal of asked.journals)
        receipt(asked.van, journal, await store.cursors(asked.van, journal), asked.ask);
      asked.done();
    } catch (error) {
      asked.failed(error);
    }
  }

  const kick = () => {
    running ??= run().finally(() => {
      running = undefined;
      // Something may have come between the end of the loop and here.
      if (queue.length > 0) kick();
    });
  };
  const enqueue = (waiting: (done: () => void, failed: (error: unknown) => void) => Waiting): Promise<void> =>
    new Promise<void>((resolve, reject) => {
      queue.push(waiting(resolve, reject));
      kick();
    });

  async function takeLane(message: VanMessage): Promise<void> {
    const { van, leaf, payload } = message;
    const batch = leaf === 'urgent' ? readUrgent(van, payload) : readBulk(van, payload);
    if (batch) return enqueue((done, failed) => ({ done, failed, batch, payload }));
    count('poison');
    await store.putAside(van, topicOf(van, leaf), 'no readable envelope', payload, clock.nowMs());
    trust(van, 'poison', identities.get(van)?.journal);
    const journal = identities.get(van)?.journal;
    if (journal !== undefined) await enqueue((done, failed) => ({ done, failed, van, journals: [journal] }));
  }

  async function takeStatus({ van, payload, retained, will }: VanMessage): Promise<void> {
    const status = readStatus(payload);
    if (!status) return count('bad status');
    // What a broker remembers says nothing about now; the van is asked to speak for itself.
    if (retained) return;
    const before = identities.get(van);
    if (status.state === 'offline' && before && before.session !== status.session)
      return count('old offline');
    if (status.state === 'online' && status.journal !== undefined) {
      const after = stepIdentity(before, { journal: status.journal, session: status.session });
      identities.set(van, after);
      if (before && after.alternations > before.alternations)
        trust(van, 'clone', status.journal, { other: before.journal });
    }
    feed.publish({ kind: 'status', van, status, will, receivedAt: clock.nowMs() });
    const journals = status.asks ?? (status.journal === undefined ? [] : [status.journal]);
    const { ask } = status;
    if (ask !== undefined && journals.length > 0)
      await enqueue((done, failed) => ({ done, failed, van, journals, ask }));
  }

  function takePosition({ van, payload, retained }: VanMessage): void {
    if (retained) return;
    const receivedAt = clock.nowMs();
    const empty = payload.length === 0;
    const position = empty ? undefined : Position.safeParse(readJson(payload)).data;
    if (position || empty) feed.publish({ kind: 'position', van, position, receivedAt });
    else count('bad position');
  }

  link.take(async (message) => {
    // A frozen store must not fill the memory: the broker is not acknowledged, and slows the vans.
    if (message.leaf === 'status') await takeStatus(message);
    else if (message.leaf === 'position') takePosition(message);
    else await takeLane(message);
  });
  link.onUp(() => {
    for (const van of deps.vans()) link.publish(van, 'cab', { ask: true }, false);
  });

  return {
    counters: () => ({ ...counts, waiting: queue.length }),
    async stop() {
      link.take(() => Promise.reject(new Error('stopping')));
      await running;
    },
  };
}
