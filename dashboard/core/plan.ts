import { Temporal } from 'temporal-polyfill';
import type { Agenda } from '../../protocol/agenda.ts';
import { instantOf, type PlannedVisit, plannedVisits } from '../../visit/agenda.ts';
import { localDate } from '../../visit/format.ts';
import type { NextVisit } from '../../visit/public.ts';

/** How far ahead the views look: what is sent to a van, and what tenants may ask for. */
export const PLAN_DAYS_AHEAD = 62;
const DUTY_MARGIN_MS = 3_600_000;

/** One planned visit, the van it is given to, and since when it is planned so (DESIGN §1.9). */
export type Planned = PlannedVisit & {
  readonly van: string;
  /** Version and time of the agenda that first gave this place and window. */
  readonly shapeVersion: number;
  readonly plannedAtMs: number;
  /** Version and time of the agenda that first held the planner's word (cancelled, moved), when there is one. */
  readonly wordVersion?: number;
  readonly wordAtMs?: number;
};

/** The agenda as the views need it: from yesterday on, with the duty of each van and day. */
export type Plan = {
  readonly agenda: Agenda;
  readonly day: LocalDay;
  readonly visits: readonly Planned[];
  readonly byId: ReadonlyMap<string, Planned>;
  readonly byVan: ReadonlyMap<string, readonly Planned[]>;
  readonly duties: ReadonlyMap<string, Span>;
  /** The commune's next visit after each one that is not cancelled. */
  readonly next: ReadonlyMap<string, NextVisit>;
};

export type Span = { readonly fromMs: number; readonly toMs: number };

export type LocalDay = Span & { readonly date: string };

export function localDay(atMs: number, timezone: string): LocalDay {
  const date = localDate(atMs, timezone);
  return { date, fromMs: instantOf(date, '00:00', timezone), toMs: instantOf(date, '00:00', timezone, 1) };
}

const shapeOf = ({ visit, stop }: PlannedVisit): string =>
  JSON.stringify([visit.date, visit.from, visit.to, stop.lat, stop.lon, stop.radius, stop.polygon]);
const wordOf = ({ visit }: PlannedVisit): string | undefined =>
  visit.cancelled || visit.movedTo ? JSON.stringify([visit.cancelled, visit.movedTo]) : undefined;

/** Dates are compared as text: both are ISO. */
function visitsInReach(agenda: Agenda, date: string): Agenda {
  const day = Temporal.PlainDate.from(date);
  const first = day.subtract({ days: 1 }).toString();
  const last = day.add({ days: PLAN_DAYS_AHEAD }).toString();
  return { ...agenda, visits: agenda.visits.filter((visit) => visit.date >= first && visit.date <= last) };
}

/**
 * `previous` gives what does not change by being published again: a row under an older version counts for a visit
 * whose place and window are the same. A visit without `van` belongs to the only one.
 */
export function planOf(
  agenda: Agenda,
  takenAtMs: number,
  atMs: number,
  vans: readonly string[],
  previous?: Plan,
): Plan {
  const day = localDay(atMs, agenda.timezone);
  const only = vans.length === 1 ? vans[0] : undefined;
  const visits = plannedVisits(visitsInReach(agenda, day.date)).flatMap((planned): Planned[] => {
    const van = planned.visit.van ?? only;
    if (!van) return [];
    const before = previous?.byId.get(planned.visit.id);
    const same = before && shapeOf(before) === shapeOf(planned);
    const word = wordOf(planned);
    const sameWord = before && word !== undefined && wordOf(before) === word;
    return [
      {
        ...planned,
        van,
        shapeVersion: same ? before.shapeVersion : previous ? agenda.version : 0,
        plannedAtMs: same ? before.plannedAtMs : takenAtMs,
        ...(word === undefined
          ? {}
          : {
              wordVersion: (sameWord ? before.wordVersion : undefined) ?? agenda.version,
              wordAtMs: (sameWord ? before.wordAtMs : undefined) ?? takenAtMs,
            }),
      },
    ];
  });
  const byVan = new Map<string, Planned[]>();
  for (const planned of visits) {
    const own = byVan.get(planned.van);
    if (own) own.push(planned);
    else byVan.set(planned.van, [planned]);
  }
  const byId = new Map(visits.map((p) => [p.visit.id, p]));
  return { agenda, day, visits, byId, byVan, duties: dutiesOf(visits), next: nextVisits(visits) };
}

/** `visits` in order of their windows. */
function nextVisits(visits: readonly Planned[]): Map<string, NextVisit> {
  const next = new Map<string, NextVisit>();
  const later = new Map<string, NextVisit>();
  for (const { visit, stop, fromMs } of visits.toReversed()) {
    const known = later.get(stop.commune);
    if (known) next.set(visit.id, known);
    const { id, date, from, to } = visit;
    if (!visit.cancelled) later.set(stop.commune, { id, date, from, to, fromMs });
  }
  return next;
}

/** Duty by van and day: first window − 60 min to last window + 60 min (DESIGN §1.8). */
function dutiesOf(visits: readonly Planned[]): Map<string, Span> {
  const duties = new Map<string, Span>();
  for (const { van, visit, fromMs, toMs } of visits) {
    const key = `${van} ${visit.date}`;
    const before = duties.get(key);
    duties.set(key, {
      fromMs: Math.min(before?.fromMs ?? Infinity, fromMs - DUTY_MARGIN_MS),
      toMs: Math.max(before?.toMs ?? -Infinity, toMs + DUTY_MARGIN_MS),
    });
  }
  return duties;
}

export const dutyOf = (plan: Plan, van: string, date: string): Span | undefined =>
  plan.duties.get(`${van} ${date}`);

/** Whether a duty of this van is expected at `atMs`, yesterday's that runs past midnight included. */
export const isDutyExpected = (plan: Plan, van: string, atMs: number): boolean =>
  (plan.byVan.get(van) ?? []).some((p) => {
    const duty = dutyOf(plan, van, p.visit.date)!;
    return atMs >= duty.fromMs && atMs <= duty.toMs;
  });
