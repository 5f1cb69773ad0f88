import type { Clock } from '../../runtime/clock.ts';
import type { Feed, FeedEvent, StoredRow } from '../core/feed.ts';
import type { OfficeWord } from '../core/office.ts';
import { localDay } from '../core/plan.ts';
import { type DepotInput, type DepotStep, newDepot, stepDepot } from '../core/views.ts';
import type { AgendaSource, Views } from './ports.ts';
import type { Store } from './store/store.ts';

/** Keeps the fold: restores it from the store, then follows the feed, the agenda and the clock. */
export type ViewsDeps = {
  readonly vans: readonly string[];
  readonly feed: Feed;
  readonly store: Pick<Store, 'rows' | 'latest'>;
  readonly agenda: AgendaSource;
  /** Words and alerts seen, as written down before. */
  readonly words: readonly OfficeWord[];
  readonly seen: readonly { readonly episode: string; readonly at: string }[];
  readonly clock: Clock;
};

const TICK_MS = 1000;
const DAY_MS = 86_400_000;

export async function startViews(deps: ViewsDeps): Promise<Views> {
  const { vans, feed, agenda, clock } = deps;
  const listeners = new Set<(step: DepotStep) => void>();
  let state = newDepot(vans, clock.nowMs());

  const step = (input: DepotInput): void => {
    const done = stepDepot(state, input);
    state = done.state;
    if (done.changed.length > 0) for (const listener of listeners) listener(done);
  };
  const follow = (agendaNow = agenda.current(), at = agenda.publishedAt()) =>
    agendaNow && step({ kind: 'agenda', agenda: agendaNow, at });

  const leave = [
    feed.subscribe((event) => step({ kind: 'feed', event })),
    agenda.subscribe((published, at) => follow(published, at)),
  ];
  follow();
  for (const word of deps.words) step({ kind: 'office', word, at: clock.nowMs() });
  for (const { episode, at } of deps.seen) step({ kind: 'seen', episode, seenAt: at, at: clock.nowMs() });
  for (const van of vans) step({ kind: 'restored', van, events: await restored(van, deps) });
  const stopTicks = clock.every(TICK_MS, () => step({ kind: 'tick', at: clock.nowMs() }));

  return {
    state: () => state,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    enrol: (van) => step({ kind: 'enrolled', van, at: clock.nowMs() }),
    judge: (van, date, differs) => step({ kind: 'verdict', van, date, differs, at: clock.nowMs() }),
    tell: (word) => step({ kind: 'office', word, at: clock.nowMs() }),
    see: (episode, seenAt) => step({ kind: 'seen', episode, seenAt, at: clock.nowMs() }),
    stop() {
      stopTicks();
      for (const end of leave) end();
      listeners.clear();
    },
  };
}

/** Told of a visit or a device: yesterday too, a day that runs past midnight ends under the rows it began with. */
const TOLD = ['visit', 'act', 'duty', 'event'] as const;
/** Of these the newest is all that is shown. */
const NEWEST = ['fix', 'power', 'link'] as const;
/** An episode may be open for as long. */
const ALERTS_MS = 14 * DAY_MS;

async function restored(van: string, { store, agenda, clock }: ViewsDeps): Promise<FeedEvent[]> {
  const today = localDay(clock.nowMs(), agenda.current()?.timezone ?? 'Europe/Paris');
  const alerts = await store.rows({ van, kinds: ['alert'], fromMs: clock.nowMs() - ALERTS_MS });
  const told = await store.rows({ van, kinds: TOLD, fromMs: today.fromMs - DAY_MS });
  const newest = await Promise.all(NEWEST.map((kind) => store.latest(van, kind)));
  const since = today.fromMs - DAY_MS;
  const rows = [...alerts, ...told, ...newest.filter((row) => row !== undefined && row.receivedAt >= since)];
  return eventsOf(van, rows as StoredRow[]);
}

/** Rows as they were received: one event a reception, so that «heard at» is what it was. */
function eventsOf(van: string, rows: readonly StoredRow[]): FeedEvent[] {
  const events: { kind: 'rows'; van: string; rows: StoredRow[]; receivedAt: number }[] = [];
  for (const row of rows) {
    const last = events.at(-1);
    if (last && last.receivedAt === row.receivedAt) last.rows.push(row);
    else events.push({ kind: 'rows', van, rows: [row], receivedAt: row.receivedAt });
  }
  return events;
}
