import { msOf } from '../../protocol/time.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Part } from '../../runtime/lifecycle.ts';
import type { Log } from '../../runtime/log.ts';
import { instantOf } from '../../visit/agenda.ts';
import { localDate } from '../../visit/format.ts';
import type { LedgerEntry } from '../core/accounting.ts';
import { addDays, monthSpan } from '../core/days.ts';
import type { Feed, StoredRow } from '../core/feed.ts';
import { ledgerOf, visitsAgain } from '../core/ledgerOfDay.ts';
import type { VisitView } from '../core/vanView.ts';
import type { AgendaFile } from './agendaFile.ts';
import type { OfficeDb } from './officeDb.ts';
import type { Views } from './ports.ts';
import type { Store } from './store/store.ts';

export type LedgerDeps = {
  readonly vans: readonly string[];
  readonly office: OfficeDb;
  readonly store: Pick<Store, 'rows'>;
  readonly agenda: AgendaFile;
  readonly views: Views;
  readonly feed: Feed;
  readonly clock: Clock;
  readonly log: Log;
};

export type Ledger = Part & {
  month(month: string): Promise<readonly LedgerEntry[]>;
  /** The visits of one van and day as they stand, from its rows. */
  day(van: string, date: string): Promise<readonly VisitView[]>;
  /** Settles the days that changed; runs by itself every minute. */
  settle(): Promise<void>;
};

const SETTLE_MS = 60_000;
/** A flood of old rows cannot make the list of days grow. */
const MAX_DIRTY = 400;
/** Two years of working days. */
const MAX_OLDER_DAYS = 800;
/** Others have their turn between two vans: a year is accounted for beside the ingest, not before it. */
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Keeps what was held, day by day: whatever comes late marks its day, and the day is accounted for again. */
export function startLedger(deps: LedgerDeps): Ledger {
  const { vans, office, store, agenda, views, feed, clock, log } = deps;
  const upsert = office.prepare(
    'insert into ledger values (?, ?, ?, ?, ?) on conflict (visit) do update set day = excluded.day, month = excluded.month, commune = excluded.commune, text = excluded.text',
  );
  const ofMonth = office.prepare('select text from ledger where month = ? order by day, visit');
  const allKept = office.prepare('select visit from ledger');
  const dirty = new Set<string>();
  const timezone = () => agenda.current()?.timezone ?? 'Europe/Paris';
  const mark = (atMs: number) => {
    if (dirty.size < MAX_DIRTY) dirty.add(localDate(atMs, timezone()));
  };

  const leave = [
    feed.subscribe((event) => {
      if (event.kind !== 'rows') return;
      for (const { row } of event.rows)
        if ((row.kind === 'visit' || row.kind === 'act') && row.at !== null) mark(msOf(row.at)!);
    }),
    views.subscribe(({ state }) => mark(state.at)),
    clock.every(SETTLE_MS, () => void settle()),
  ];

  const again = (van: string, date: string, rows: readonly StoredRow[]): VisitView[] => {
    const current = agenda.current();
    if (!current) return [];
    const { words } = views.state();
    const only = vans.length === 1;
    return visitsAgain(current, agenda.publishedAt(), date, van, only, rows, words, clock.nowMs());
  };

  const day = async (van: string, date: string): Promise<VisitView[]> => {
    const fromMs = instantOf(addDays(date, -1), '00:00', timezone());
    const toMs = instantOf(addDays(date, 2), '00:00', timezone());
    return again(van, date, await store.rows({ van, kinds: ['visit', 'act'], fromMs, toMs }));
  };

  const settleDay = async (date: string): Promise<void> => {
    const entries: LedgerEntry[] = [];
    for (const van of vans) {
      entries.push(...ledgerOf(await day(van, date), clock.nowMs()));
      await turn();
    }
    read = undefined;
    office.transaction(() => {
      for (const entry of entries)
        upsert.run(entry.visit, entry.date, entry.date.slice(0, 7), entry.commune, JSON.stringify(entry));
    })();
  };

  /** The month that was asked for last, until a day of any month is settled again. */
  let read: { readonly month: string; readonly entries: readonly LedgerEntry[] } | undefined;
  const kept = (month: string): readonly LedgerEntry[] => {
    if (read?.month !== month) {
      const texts = ofMonth.all(month) as { text: string }[];
      read = { month, entries: texts.map(({ text }) => JSON.parse(text) as LedgerEntry) };
    }
    return read.entries;
  };

  /** Days not reached yet: planned, and nothing more; the same until a version or a word comes. */
  let planned: { readonly of: readonly unknown[]; readonly entries: readonly LedgerEntry[] } | undefined;
  const ahead = (dates: readonly string[]): readonly LedgerEntry[] => {
    const of = [agenda.current(), views.state().words, vans.length, dates.join()];
    if (!planned || !of.every((part, n) => part === planned!.of[n])) {
      const entries = dates.flatMap((date) =>
        vans.flatMap((van) => ledgerOf(again(van, date, []), clock.nowMs())),
      );
      planned = { of, entries };
    }
    return planned.entries;
  };

  let settling: Promise<void> = Promise.resolve();
  let settledAtMs = Number.NEGATIVE_INFINITY;
  const settle = (): Promise<void> => {
    settledAtMs = clock.nowMs();
    const days = [...dirty];
    dirty.clear();
    settling = settling.then(async () => {
      for (const date of days)
        await settleDay(date).catch((error: unknown) =>
          log.error({ date, error: String(error) }, 'day not accounted for'),
        );
    });
    return settling;
  };
  /** Days that no entry covers (a first start, an upgrade, a restored office file), the newest first. */
  const settleOlder = async (): Promise<void> => {
    const today = localDate(clock.nowMs(), timezone());
    const known = new Set(allKept.pluck().all() as string[]);
    const missing = (agenda.current()?.visits ?? []).filter((v) => v.date < today && !known.has(v.id));
    const dates = [...new Set(missing.map((visit) => visit.date))].sort().reverse();
    for (const date of dates.slice(0, MAX_OLDER_DAYS)) {
      if (stopped) return;
      await settleDay(date);
    }
  };
  const monthOf = async (month: string): Promise<readonly LedgerEntry[]> => {
    if (clock.nowMs() - settledAtMs >= SETTLE_MS) await settle();
    const held = agenda.current()?.visits ?? [];
    const { first, next } = monthSpan(month);
    const today = localDate(clock.nowMs(), timezone());
    const known = new Set(kept(month).map((entry) => entry.visit));
    const missing = held.filter((v) => v.date >= first && v.date < next && !known.has(v.id));
    const dates = [...new Set(missing.map((visit) => visit.date))];
    // A day that the background has not reached yet: from its rows, once.
    for (const date of dates.filter((d) => d <= today)) await settleDay(date);
    return [...kept(month), ...ahead(dates.filter((d) => d > today))];
  };

  let stopped = false;
  // The month that is asked for first is read before somebody asks.
  const warm = () => (stopped ? [] : monthOf(localDate(clock.nowMs(), timezone()).slice(0, 7)));

  // What came while the depot was away, and yesterday's last word.
  mark(clock.nowMs() - 86_400_000);
  mark(clock.nowMs());
  void settle();
  const older = settleOlder()
    .then(warm)
    .catch((error: unknown) => void log.error({ error: String(error) }, 'older days not accounted for'));

  return {
    day,
    settle,
    month: monthOf,
    async stop() {
      stopped = true;
      for (const end of leave) end();
      await older;
      await settling;
    },
  };
}
