import { msOf } from '../../protocol/time.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Part } from '../../runtime/lifecycle.ts';
import type { Log } from '../../runtime/log.ts';
import { instantOf } from '../../visit/agenda.ts';
import { localDate } from '../../visit/format.ts';
import type { LedgerEntry } from '../core/accounting.ts';
import { addDays, monthSpan } from '../core/days.ts';
import type { Feed } from '../core/feed.ts';
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

/** Keeps what was held, day by day: whatever comes late marks its day, and the day is accounted for again. */
export function startLedger(deps: LedgerDeps): Ledger {
  const { vans, office, store, agenda, views, feed, clock, log } = deps;
  const upsert = office.prepare(
    'insert into ledger values (?, ?, ?, ?, ?) on conflict (visit) do update set day = excluded.day, month = excluded.month, commune = excluded.commune, text = excluded.text',
  );
  const ofMonth = office.prepare('select text from ledger where month = ? order by day, visit');
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

  const day = async (van: string, date: string): Promise<VisitView[]> => {
    const current = agenda.current();
    if (!current) return [];
    const fromMs = instantOf(addDays(date, -1), '00:00', timezone());
    const toMs = instantOf(addDays(date, 2), '00:00', timezone());
    const rows = await store.rows({ van, kinds: ['visit', 'act'], fromMs, toMs });
    const { words } = views.state();
    return visitsAgain(
      current,
      agenda.publishedAt(),
      date,
      van,
      vans.length === 1,
      rows,
      words,
      clock.nowMs(),
    );
  };

  const settleDay = async (date: string): Promise<void> => {
    const entries: LedgerEntry[] = [];
    for (const van of vans) entries.push(...ledgerOf(await day(van, date), clock.nowMs()));
    office.transaction(() => {
      for (const entry of entries)
        upsert.run(entry.visit, entry.date, entry.date.slice(0, 7), entry.commune, JSON.stringify(entry));
    })();
  };

  let settling: Promise<void> = Promise.resolve();
  const settle = (): Promise<void> => {
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
  // What came while the depot was away, and yesterday's last word.
  mark(clock.nowMs() - 86_400_000);
  mark(clock.nowMs());

  return {
    day,
    settle,
    async month(month) {
      const { first, next } = monthSpan(month);
      await settle();
      const kept = (ofMonth.all(month) as { text: string }[]).map(
        ({ text }) => JSON.parse(text) as LedgerEntry,
      );
      const known = new Set(kept.map((entry) => entry.visit));
      const ahead = (agenda.current()?.visits ?? []).filter(
        (visit) => visit.date >= first && visit.date < next && !known.has(visit.id),
      );
      // A day not reached yet, or one of before this depot: planned, and nothing known of it.
      const days = new Set(ahead.map((visit) => visit.date));
      for (const date of days)
        for (const van of vans)
          kept.push(...ledgerOf(await day(van, date), clock.nowMs()).filter((e) => !known.has(e.visit)));
      return kept;
    },
    stop() {
      for (const end of leave) end();
    },
  };
}
