import { type Agenda, Agenda as AgendaSchema } from '../../protocol/agenda.ts';
import { MAX_AGENDA_BYTES } from '../../protocol/messages.ts';
import { addDays } from './days.ts';

/** Days ahead that a van is sent (DESIGN §4). */
export const VAN_DAYS_AHEAD = 45;

export type VanAgenda = {
  readonly agenda: Agenda;
  readonly bytes: number;
  /** Days ahead that fit in 60 KiB; fewer than 45 is a warning at publishing. */
  readonly daysAhead: number;
};

const bytesOf = (agenda: Agenda): number => new TextEncoder().encode(JSON.stringify(agenda)).length;

/**
 * The van's own visits from yesterday on with their stops, at most 60 KiB: days are left off at the far end until it
 * fits. `today` is the local date. A visit without `van` is everyone's only van's.
 */
export function agendaOfVan(
  agenda: Agenda,
  van: string,
  today: string,
  seen: readonly string[],
  only: boolean,
): VanAgenda {
  for (let daysAhead = VAN_DAYS_AHEAD; ; daysAhead = Math.floor(daysAhead / 2)) {
    const own = cut(agenda, van, addDays(today, -1), addDays(today, daysAhead), only);
    const sent = seen.length > 0 ? { ...own, seen: [...seen] } : own;
    const bytes = bytesOf(sent);
    if (bytes <= MAX_AGENDA_BYTES || daysAhead === 0) return { agenda: sent, bytes, daysAhead };
  }
}

function cut(agenda: Agenda, van: string, first: string, last: string, only: boolean): Agenda {
  const visits = agenda.visits.filter(
    (visit) => (visit.van === van || (only && !visit.van)) && visit.date >= first && visit.date <= last,
  );
  const used = new Set(visits.map((visit) => visit.stop));
  return { ...agenda, visits, stops: agenda.stops.filter((stop) => used.has(stop.id)) };
}

/** The agenda without what publishing adds: two files that say the same are one version. */
export function contentOf(agenda: Agenda): string {
  const { version: _version, seen: _seen, ...content } = AgendaSchema.parse(agenda);
  return JSON.stringify(content);
}
