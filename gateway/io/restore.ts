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
import { restoreLocate, SNAPSHOT } from '../core/locate.ts';
import type { JournalFile, JournalRow } from './journal.ts';

/** Where the van stood, from its journal: a restart in the middle of a visit goes on with it. */
export type Restored = {
  readonly state: EngineState;
  readonly anchor: AnchorState;
  /** Time of the newest dated row: the clock is not before it. */
  readonly lastMs: number;
  /** The depot's messages to the driver. */
  readonly messages: readonly CabMessage[];
};

type RestoreSource = Pick<JournalFile, 'last' | 'merged' | 'rare'>;

/** Alerts and acts older than this are history. */
const RECENT_MS = 2 * 86_400_000;

export function restoreEngine(journal: RestoreSource, settings: EngineSettings, boot: string): Restored {
  const initial = initialEngine(settings);
  const anchorRow = journal.last('anchor')?.row;
  const anchor: AnchorState =
    anchorRow && anchorRow.boot === boot
      ? { anchor: { offsetMs: msOf(anchorRow.at)! - anchorRow.monoMs, source: anchorRow.source } }
      : {};
  const rows = recentRows(journal);
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

/** What is told of more than the visit in hand: looked for behind the snapshot too. */
const TOLD = ['visit', 'act', 'alert', 'event'] as const;

/**
 * What a duty, its alerts and its visits can depend on, from two days before the newest row: all since the last
 * snapshot, the rare kinds from before it. A month offline is not read through at every start.
 */
function recentRows(journal: RestoreSource): readonly JournalRow[] {
  const snapshot = journal.last('snapshot');
  if (snapshot?.row.rule !== SNAPSHOT) return recent(bounded(journal.merged()));
  const since = [snapshot as JournalRow, ...bounded(journal.merged(snapshot))];
  const known = new Set(since.map(identityOf));
  const told = journal.rare(TOLD, newestOf(since) - RECENT_MS).filter((row) => !known.has(identityOf(row)));
  return recent([...told, ...since]);
}

const identityOf = ({ journal, lane, seq }: JournalRow) => `${journal}/${lane}/${seq}`;
const newestOf = (rows: readonly JournalRow[]) =>
  rows.reduce((newest, { row }) => Math.max(newest, timeOf(row) ?? 0), 0);

function recent(rows: readonly JournalRow[]): readonly JournalRow[] {
  const newest = newestOf(rows);
  return rows.filter(({ row }) => (timeOf(row) ?? newest) > newest - RECENT_MS);
}

/** The last ones of any number. */
function bounded(rows: Iterable<JournalRow>): JournalRow[] {
  const kept: JournalRow[] = [];
  for (const row of rows) {
    kept.push(row);
    if (kept.length > 200_000) kept.splice(0, 100_000);
  }
  return kept;
}
