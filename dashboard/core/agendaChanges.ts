import type { Agenda, Visit } from '../../protocol/agenda.ts';

/** What a draft changes, visit by visit: shown before publishing, and refused where it breaks a promise. */
export type AgendaChange = {
  readonly visit: string;
  readonly kind: 'added' | 'removed' | 'cancelled' | 'restored' | 'moved' | 'changed';
  readonly before?: Visit;
  readonly after?: Visit;
};

export function agendaChanges(before: Agenda, after: Agenda): AgendaChange[] {
  const old = new Map(before.visits.map((visit) => [visit.id, visit]));
  const changes: AgendaChange[] = [];
  for (const visit of after.visits) {
    const held = old.get(visit.id);
    old.delete(visit.id);
    if (!held) changes.push({ visit: visit.id, kind: 'added', after: visit });
    else if (JSON.stringify(ordered(held)) !== JSON.stringify(ordered(visit)))
      changes.push({ visit: visit.id, kind: kindOf(held, visit), before: held, after: visit });
  }
  for (const visit of old.values()) changes.push({ visit: visit.id, kind: 'removed', before: visit });
  return changes.sort((a, b) => (dateOf(a) < dateOf(b) ? -1 : 1));
}

const dateOf = ({ before, after }: AgendaChange): string => (after ?? before)!.date;
const ordered = (visit: Visit) => Object.entries(visit).sort(([a], [b]) => (a < b ? -1 : 1));

function kindOf(before: Visit, after: Visit): AgendaChange['kind'] {
  if (!before.cancelled && after.cancelled) return 'cancelled';
  if (before.cancelled && !after.cancelled) return 'restored';
  if (before.date !== after.date || before.from !== after.from || before.to !== after.to) return 'moved';
  return 'changed';
}

/** A visit once published is never removed on its day, only cancelled (DESIGN §6). */
export const forbidden = (changes: readonly AgendaChange[], today: string): AgendaChange[] =>
  changes.filter(({ kind, before }) => kind === 'removed' && before!.date === today);
