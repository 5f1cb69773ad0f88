import { msOf } from '../../protocol/time.ts';
import type { CabMine } from '../core/cabView.ts';
import type { Journal, JournalRow } from './journal.ts';

/**
 * «Mes données»: what this duty has recorded, counted from the journal itself when somebody asks. Only the rows since
 * the last change of duty are read, so that a long journal does not hold the gateway up.
 */

const MAX_LOG = 20;
const DAY_MS = 86_400_000;

export function makeCabMine(journal: Journal, retentionMs: number): () => CabMine {
  const last = journal.last('duty');
  let log: JournalRow<'duty'>[] = last ? [last] : [];
  journal.onCommit((rows) => {
    const changes = rows.flatMap((entry) =>
      entry.row.kind === 'duty' ? [{ ...entry, row: entry.row }] : [],
    );
    log = [...log, ...changes].slice(-MAX_LOG);
  });

  return () => {
    const newest = log.at(-1);
    const recorded: Record<string, number> = {};
    if (newest?.row.on)
      for (const { row } of journal.merged({ journal: newest.journal, lane: newest.lane, seq: newest.seq }))
        recorded[row.kind] = (recorded[row.kind] ?? 0) + 1;
    const since = newest?.row.on ? timeOf(newest) : undefined;
    return {
      ...(since === undefined ? {} : { dutySince: since }),
      recorded,
      retentionDays: Math.round(retentionMs / DAY_MS),
      dutyLog: log.flatMap((entry) => {
        const at = timeOf(entry);
        return at === undefined ? [] : [{ at, on: entry.row.on, why: entry.row.why }];
      }),
    };
  };
}

const timeOf = ({ row }: JournalRow<'duty'>): number | undefined =>
  row.at === null ? undefined : msOf(row.at);
