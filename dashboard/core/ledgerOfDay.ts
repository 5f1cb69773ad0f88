import type { Agenda, Visit } from '../../protocol/agenda.ts';
import { instantOf } from '../../visit/agenda.ts';
import { type LedgerEntry, ledgerEntry } from './accounting.ts';
import { addDays } from './days.ts';
import type { StoredRow } from './feed.ts';
import type { OfficeWord } from './office.ts';
import { planOf } from './plan.ts';
import { factsOfVan, type Words } from './publicFacts.ts';
import { newVan, stepVan, type VanState } from './vanFold.ts';
import type { VisitView } from './vanView.ts';
import { visitView } from './viewOf.ts';

/**
 * A past or present day of one van again, from its rows: the same fold, the same statement, so that what came late (a
 * van that was offline for three days) is accounted for as if it had come in time.
 */
export function visitsAgain(
  agenda: Agenda,
  publishedAt: number,
  date: string,
  van: string,
  only: boolean,
  rows: readonly StoredRow[],
  words: Words,
  nowMs: number,
): VisitView[] {
  const noon = instantOf(date, '12:00', agenda.timezone);
  // A month is fifty vans and twenty days of this: only the visits that can touch the day are planned.
  const visits = [addDays(date, -1), date]
    .flatMap((day) => visitsByDate(agenda).get(day) ?? [])
    .filter((v) => v.van === van || (only && !v.van));
  const plan = planOf({ ...agenda, visits }, Math.min(publishedAt, noon), noon, only ? [van] : [van, '']);
  const state = rows.reduce<VanState>(
    (held, row) => stepVan(held, { kind: 'rows', van, rows: [row], receivedAt: row.receivedAt }),
    newVan(van),
  );
  return factsOfVan(plan, state, words, false)
    .filter((facts) => facts.date === date)
    .map((facts) => visitView(state, facts, wordsOf(words, facts.id), nowMs));
}

const byAgenda = new WeakMap<Agenda, ReadonlyMap<string, readonly Visit[]>>();
function visitsByDate(agenda: Agenda): ReadonlyMap<string, readonly Visit[]> {
  const known = byAgenda.get(agenda);
  if (known) return known;
  const made = new Map<string, Visit[]>();
  for (const visit of agenda.visits) {
    const day = made.get(visit.date);
    if (day) day.push(visit);
    else made.set(visit.date, [visit]);
  }
  byAgenda.set(agenda, made);
  return made;
}

const wordsOf = (words: Words, visit: string): readonly OfficeWord[] => words.get(visit) ?? [];

export const ledgerOf = (visits: readonly VisitView[], nowMs: number): LedgerEntry[] =>
  visits.map((visit) => ledgerEntry(visit, nowMs));
