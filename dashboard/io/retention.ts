import type { Clock } from '../../runtime/clock.ts';
import type { Part } from '../../runtime/lifecycle.ts';
import type { Log } from '../../runtime/log.ts';
import type { DepotConfig } from '../config.ts';
import { POSITION_KINDS } from '../core/rowRetention.ts';
import type { AccessJournal } from './accessJournal.ts';
import type { OfficeDb } from './officeDb.ts';
import type { Store } from './store/store.ts';

/**
 * Removes what is past its time and writes down that it did: proof for the driver and the DPO (people.md §3.1). Rows
 * are the store's own to empty; the ledger stays, it names no person.
 */
export type Sweep = {
  readonly at: string;
  readonly rows: number;
  readonly words: number;
  readonly access: number;
  /** Erased on a driver's request, not by age. */
  readonly request?: {
    readonly van: string;
    readonly from: string;
    readonly to: string;
    readonly reason: string;
    readonly by: string;
  };
};

export type RetentionReport = {
  readonly days: Readonly<Record<'positions' | 'visits' | 'access', number>>;
  /** The oldest row with a place that is still held: the proof itself. */
  readonly oldestPosition?: string;
  readonly sweeps: readonly Sweep[];
};

export type Retention = Part & {
  sweep(): Promise<Sweep>;
  /** Writes down what a driver's request erased. */
  note(rows: number, request: NonNullable<Sweep['request']>): void;
  report(): Promise<RetentionReport>;
};

export type RetentionDeps = {
  readonly kept: DepotConfig['retention'];
  readonly vans: readonly string[];
  readonly store: Pick<Store, 'sweep' | 'rows'>;
  readonly office: OfficeDb;
  readonly journal: AccessJournal;
  readonly clock: Clock;
  readonly log: Log;
};

const DAY_MS = 86_400_000;
const SWEEP_MS = DAY_MS / 4;
const KEPT_SWEEPS = 400;

export function startRetention(deps: RetentionDeps): Retention {
  const { kept, vans, store, office, journal, clock, log } = deps;
  const insert = office.prepare('insert into sweeps (at, text) values (?, ?)');
  const list = office.prepare('select text from sweeps order by id desc limit ?');
  const iso = (ms: number) => new Date(ms).toISOString();

  const sweep = async (): Promise<Sweep> => {
    const now = clock.nowMs();
    const rows = await store.sweep(now);
    const before = iso(now - kept.visits);
    office.prepare('delete from seen where at < ?').run(before);
    const done: Sweep = {
      at: iso(now),
      rows,
      words: office.prepare('delete from words where at < ?').run(before).changes,
      access: journal.sweep(iso(now - kept.access)),
    };
    insert.run(done.at, JSON.stringify(done));
    office.prepare('delete from sweeps where id <= (select max(id) from sweeps) - ?').run(KEPT_SWEEPS);
    return done;
  };
  const quietly = () =>
    sweep().then(
      () => {},
      (error: unknown) => log.error({ error: String(error) }, 'retention sweep failed'),
    );
  // A restored backup is swept before it serves (DESIGN §5).
  let running = quietly();
  const stop = clock.every(SWEEP_MS, () => {
    running = quietly();
  });

  return {
    sweep,
    note(rows, request) {
      const done: Sweep = { at: iso(clock.nowMs()), rows, words: 0, access: 0, request };
      insert.run(done.at, JSON.stringify(done));
    },
    async report() {
      const oldest = await Promise.all(
        vans.map(async (van) => (await store.rows({ van, kinds: [...POSITION_KINDS], limit: 1 }))[0]?.row.at),
      );
      const first = oldest.filter((at): at is string => typeof at === 'string').sort()[0];
      return {
        days: {
          positions: Math.round(kept.positions / DAY_MS),
          visits: Math.round(kept.visits / DAY_MS),
          access: Math.round(kept.access / DAY_MS),
        },
        ...(first === undefined ? {} : { oldestPosition: first }),
        sweeps: (list.all(30) as { text: string }[]).map(({ text }) => JSON.parse(text) as Sweep),
      };
    },
    async stop() {
      stop();
      await running;
    },
  };
}
