import { Temporal } from 'temporal-polyfill';
import type { Agenda, Stop, Visit } from '../protocol/agenda.ts';

/** One planned window at a stop, with its instants. */
export type PlannedVisit = {
  readonly visit: Visit;
  readonly stop: Stop;
  /** Epoch ms of the window. */
  readonly fromMs: number;
  readonly toMs: number;
};

/** Epoch ms of a local wall time, resolved as Temporal's `compatible` does on both DST nights (DESIGN §6). */
export function instantOf(date: string, time: string, timezone: string, plusDays = 0): number {
  return Temporal.PlainDate.from(date)
    .add({ days: plusDays })
    .toPlainDateTime(Temporal.PlainTime.from(time))
    .toZonedDateTime(timezone, { disambiguation: 'compatible' }).epochMilliseconds;
}

/**
 * The visits of an agenda in order of their windows; `to` ≤ `from` ends the next day. Visits whose stop is not in the
 * agenda, or whose date does not exist, are left out: lint names them.
 */
export function plannedVisits(agenda: Agenda): PlannedVisit[] {
  const stops = new Map(agenda.stops.map((stop) => [stop.id, stop]));
  const planned: PlannedVisit[] = [];
  // A fleet shares its hours: each wall time is resolved once.
  const known = new Map<string, number>();
  const at = (date: string, time: string, plusDays: number): number => {
    const key = `${date} ${time} ${plusDays}`;
    const ms = known.get(key) ?? instantOf(date, time, agenda.timezone, plusDays);
    known.set(key, ms);
    return ms;
  };
  for (const visit of agenda.visits) {
    const stop = stops.get(visit.stop);
    if (!stop) continue;
    try {
      const fromMs = at(visit.date, visit.from, 0);
      const toMs = at(visit.date, visit.to, visit.to <= visit.from ? 1 : 0);
      planned.push({ visit, stop, fromMs, toMs });
    } catch {
      // 31 February passes the pattern; Temporal refuses it.
    }
  }
  return planned.sort((a, b) => a.fromMs - b.fromMs || (a.visit.id < b.visit.id ? -1 : 1));
}
