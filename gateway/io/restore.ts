import type { RowOf } from '../../protocol/rows.ts';
import { isoOf, msOf } from '../../protocol/time.ts';
import { isLearntRow, restoreAlerts } from '../core/alerts.ts';
import type { AnchorState } from '../core/anchor.ts';
import { foldMessage } from '../core/cabMessages.ts';
import type { CabMessage } from '../core/cabView.ts';
import { restoreDataPlan } from '../core/dataPlan.ts';
import { restoreDuty } from '../core/duty.ts';
import { initialEngine, recordsAfter } from '../core/engine/engine.ts';
import type { EngineSettings, EngineState } from '../core/engine/types.ts';
import { restoreLocate } from '../core/locate.ts';
import type { Journal, JournalRow } from './journal.ts';

/** Where the van stood, from its journal: a restart in the middle of a visit goes on with it. */
export type Restored = {
  readonly state: EngineState;
  readonly anchor: AnchorState;
  /** Time of the newest dated row: the clock is not before it. */
  readonly lastMs: number;
  /** The depot's messages to the driver. */
  readonly messages: readonly CabMessage[];
};

/** Alerts and acts older than this are history. */
const RECENT_MS = 2 * 86_400_000;

export function restoreEngine(journal: Journal, settings: EngineSettings, boot: string): Restored {
  const initial = initialEngine(settings);
  const anchorRow = journal.last('anchor')?.row;
  const anchor: AnchorState =
    anchorRow && anchorRow.boot === boot
      ? { anchor: { offsetMs: msOf(anchorRow.at)! - anchorRow.monoMs, source: anchorRow.source } }
      : {};
  const rows = [...recentRows(journal)];
  const lastMs = rows.reduce((newest, { row }) => Math.max(newest, timeOf(row) ?? 0), 0);
  // Without its time an alert is still open, and nobody is told of it again.
  const alerts = rows.flatMap(({ row }) =>
    row.kind === 'alert' ? [row.at === null ? { ...row, at: isoOf(lastMs) } : row] : [],
  );
  const events = rows.flatMap(({ row }) => (row.kind === 'event' ? [row] : []));
  const learnt = events.findLast(isLearntRow);
  const duty = journal.last('duty')?.row;
  const agenda = journal.last('agenda')?.row.agenda;
  const told = rows.map(({ lane, row }) => ({ lane, row }));
  const lastVisit = told.findLast(({ row }) => row.kind === 'visit')?.row as RowOf<'visit'> | undefined;
  return {
    anchor,
    lastMs,
    messages: rows.reduce<readonly CabMessage[]>((told, { row }) => foldMessage(told, row, lastMs), []),
    state: {
      ...initial,
      at: lastMs,
      timeKnown: anchor.anchor !== undefined,
      ...(agenda ? { agenda } : {}),
      ...(duty
        ? {
            duty: {
              ...restoreDuty(duty, lastMs, settings.duty),
              ...(lastVisit?.state === 'on_site' ? { onSite: lastVisit.visit } : {}),
            },
          }
        : {}),
      alerts: { ...restoreAlerts(alerts, settings.alerts, learnt), at: lastMs },
      dataPlan: restoreDataPlan(events),
      locate: restoreLocate(
        rows.map(({ row }) => row),
        agenda,
        settings.locate,
      ),
      records: told.reduce(
        (records, r) => recordsAfter(records, [r], timeOf(r.row) ?? lastMs),
        initial.records,
      ),
      actKeys: rows.flatMap(({ row }) => (row.kind === 'act' ? [row.key] : [])).slice(-100),
    },
  };
}

const timeOf = (row: JournalRow['row']): number | undefined =>
  'at' in row && row.at !== null ? msOf(row.at) : undefined;

/** From two days before the newest row on: what a duty, its alerts and its visits can depend on. */
function* recentRows(journal: Journal): Iterable<JournalRow> {
  const kept: JournalRow[] = [];
  let newest = 0;
  for (const row of journal.merged()) {
    newest = Math.max(newest, timeOf(row.row) ?? 0);
    kept.push(row);
    if (kept.length > 200_000) kept.splice(0, 100_000);
  }
  for (const row of kept) if ((timeOf(row.row) ?? newest) > newest - RECENT_MS) yield row;
}
