import type { Clock } from '../../runtime/clock.ts';
import type { Part } from '../../runtime/lifecycle.ts';
import type { Log } from '../../runtime/log.ts';
import { instantOf } from '../../visit/agenda.ts';
import { localDate } from '../../visit/format.ts';
import { addDays } from '../core/days.ts';
import type { StoredRow } from '../core/feed.ts';
import { type VerdictAgain, verdictAgain } from '../core/verdictAgain.ts';
import type { AgendaSource, Views } from './ports.ts';
import type { Store } from './store/store.ts';

export type VerdictDeps = {
  readonly vans: readonly string[];
  readonly store: Pick<Store, 'rowsOfVan' | 'rows'>;
  readonly agenda: AgendaSource;
  readonly views: Views;
  readonly clock: Clock;
  readonly log: Log;
};

/** A backlog may drain for a while: yesterday is judged again each hour of today. */
const JUDGE_MS = 3_600_000;

/** Recomputes yesterday's verdicts of every van, one van at a time; a difference is an alert. */
export function startVerdicts(deps: VerdictDeps): Part {
  const { vans, store, agenda, views, clock, log } = deps;
  const judge = async () => {
    const timezone = agenda.current()?.timezone ?? 'Europe/Paris';
    const today = localDate(clock.nowMs(), timezone);
    const date = addDays(today, -1);
    const [fromMs, toMs] = [instantOf(date, '00:00', timezone), instantOf(today, '00:00', timezone)];
    for (const van of vans) {
      const verdict = await verdictOf(store, van, fromMs, await store.rowsOfVan(van, fromMs, toMs));
      if (verdict.kind === 'differs')
        log.warn({ van, date, differences: verdict.differences }, 'verdict differs');
      if (verdict.kind !== 'not_comparable') views.judge(van, date, verdict.kind === 'differs');
    }
  };
  const stop = clock.every(JUDGE_MS, () => {
    judge().catch((error: unknown) => log.error({ error: String(error) }, 'verdicts not recomputed'));
  });
  return { stop };
}

/** `rows` of one van from `fromMs` on, judged by the settings that the van last told before them. */
export async function verdictOf(
  store: Pick<Store, 'rows'>,
  van: string,
  fromMs: number,
  rows: readonly StoredRow[],
): Promise<VerdictAgain> {
  const [told] = await store.rows({ van, kinds: ['settings'], toMs: fromMs, limit: 1, newestFirst: true });
  return verdictAgain(rows, told?.row.kind === 'settings' ? told.row : undefined);
}
