import type { Agenda } from '../protocol/agenda.ts';
import { plannedVisits } from './agenda.ts';
import { placeOfStop, type VisitPlace } from './place.ts';

/** A planned visit as the presence fold sees it: instants and a place. */
export type PlannedPresence = {
  readonly id: string;
  readonly stop: string;
  readonly agenda: number;
  /** Window, epoch ms. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Presence at the place between these belongs to this visit. */
  readonly watchFromMs: number;
  readonly watchToMs: number;
  readonly place: VisitPlace;
  readonly movedTo?: { readonly latitude: number; readonly longitude: number; readonly name?: string };
  readonly cancelled?: string;
};

/** Circles of one place, whatever their ids: about 10 m. */
const SAME_PLACE_DEG = 1e-4;

/** Cell of a place; two stops of one place may fall into two cells at worst, and then only share time. */
const cellOf = ({ place }: PlannedPresence) =>
  `${Math.round(place.latitude / SAME_PLACE_DEG)} ${Math.round(place.longitude / SAME_PLACE_DEG)}`;

/** Two visits at one place share the time between their windows: each has its half. */
function split(plan: PlannedPresence[]): PlannedPresence[] {
  const newest = new Map<string, number>();
  for (const [i, visit] of plan.entries()) {
    const cell = cellOf(visit);
    const before = newest.get(cell);
    if (before !== undefined) {
      const middleMs = Math.round((plan[before]!.toMs + visit.fromMs) / 2);
      plan[before] = { ...plan[before]!, watchToMs: middleMs };
      plan[i] = { ...visit, watchFromMs: Math.max(visit.watchFromMs, middleMs) };
    }
    newest.set(cell, i);
  }
  return plan;
}

/** The visits of an agenda in order of their windows. */
export function planOf(agenda: Agenda, earlyMs: number): PlannedPresence[] {
  const plan = plannedVisits(agenda).map(({ visit, stop, fromMs, toMs }): PlannedPresence => {
    const { movedTo } = visit;
    const place = placeOfStop(stop);
    return {
      id: visit.id,
      stop: stop.id,
      agenda: agenda.version,
      fromMs,
      toMs,
      watchFromMs: fromMs - earlyMs,
      watchToMs: Number.MAX_SAFE_INTEGER,
      place: movedTo
        ? { latitude: movedTo.lat, longitude: movedTo.lon, radiusM: movedTo.radius ?? place.radiusM }
        : place,
      ...(movedTo ? { movedTo: { latitude: movedTo.lat, longitude: movedTo.lon, name: movedTo.name } } : {}),
      ...(visit.cancelled ? { cancelled: visit.cancelled.reason } : {}),
    };
  });
  return split(plan);
}
