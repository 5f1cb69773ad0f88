import type { Agenda, Stop, Visit } from '../../protocol/agenda.ts';
import { addDays, daysBetween, isHoliday } from './days.ts';

/** The planner's gestures as pure functions of a draft: each gives a new agenda. */

/** An id that the agenda does not hold yet: `2026-11-24-ligueil`, then `…-2`. */
export function freshId(agenda: Agenda, date: string, stop: string): string {
  const held = new Set(agenda.visits.map((visit) => visit.id));
  const base = `${date}-${stop}`.slice(0, 58);
  for (let n = 1; ; n++) {
    const id = n === 1 ? base : `${base}-${n}`;
    if (!held.has(id)) return id;
  }
}

export function putVisit(agenda: Agenda, visit: Visit): Agenda {
  const known = agenda.visits.some((v) => v.id === visit.id);
  const visits = known
    ? agenda.visits.map((v) => (v.id === visit.id ? visit : v))
    : [...agenda.visits, visit];
  return { ...agenda, visits };
}

export const removeVisit = (agenda: Agenda, id: string): Agenda => ({
  ...agenda,
  visits: agenda.visits.filter((visit) => visit.id !== id),
});

export function putStop(agenda: Agenda, stop: Stop): Agenda {
  const known = agenda.stops.some((s) => s.id === stop.id);
  const stops = known ? agenda.stops.map((s) => (s.id === stop.id ? stop : s)) : [...agenda.stops, stop];
  return { ...agenda, stops };
}

export const moveVisit = (agenda: Agenda, id: string, date: string, van?: string): Agenda => ({
  ...agenda,
  visits: agenda.visits.map((visit) =>
    visit.id === id ? { ...visit, date, ...(van === undefined ? {} : { van }) } : visit,
  ),
});

/** The same visit at another date, as a new one: what was cancelled or moved that day stays there. */
function again(agenda: Agenda, visit: Visit, date: string): Agenda {
  const { cancelled: _, movedTo: __, ...plain } = visit;
  return putVisit(agenda, { ...plain, id: freshId(agenda, date, visit.stop), date });
}

const isPlanned = (agenda: Agenda, visit: Visit, date: string) =>
  agenda.visits.some(
    (v) => v.date === date && v.stop === visit.stop && v.from === visit.from && v.van === visit.van,
  );

export type Repeat = { readonly everyWeeks: number; readonly until: string; readonly skipHolidays: boolean };
const MAX_REPEATS = 260;

/** «Every fifth Tuesday»: the visit again each n weeks up to a date; public holidays are skipped and counted. */
export function repeatVisit(
  agenda: Agenda,
  visit: Visit,
  { everyWeeks, until, skipHolidays }: Repeat,
): { readonly agenda: Agenda; readonly added: number; readonly skipped: number } {
  let [draft, added, skipped] = [agenda, 0, 0];
  let date = addDays(visit.date, everyWeeks * 7);
  for (let n = 0; date <= until && n < MAX_REPEATS; n++, date = addDays(date, everyWeeks * 7)) {
    if (skipHolidays && isHoliday(date)) skipped += 1;
    else if (!isPlanned(draft, visit, date)) {
      draft = again(draft, visit, date);
      added += 1;
    }
  }
  return { agenda: draft, added, skipped };
}

/** The visits of the week of `monday` into the week of `target`; what is planned there already stays one. */
export function copyWeek(agenda: Agenda, monday: string, target: string): Agenda {
  const shift = daysBetween(monday, target);
  const sunday = addDays(monday, 6);
  return agenda.visits
    .filter((visit) => visit.date >= monday && visit.date <= sunday)
    .reduce((draft, visit) => {
      const date = addDays(visit.date, shift);
      return isPlanned(draft, visit, date) ? draft : again(draft, visit, date);
    }, agenda);
}
