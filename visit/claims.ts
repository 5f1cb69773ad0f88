import type { RowOf } from '../protocol/rows.ts';
import { msOf } from '../protocol/time.ts';
import type { PlannedVisit } from './agenda.ts';
import type { Claim, PublicPlace } from './public.ts';
import type { VisitRecord } from './visitRecord.ts';

/** What the van, its driver and the planner each say of a visit, as claims: the same on board and at the depot. */

/** A driver's «late 15» is told as a quarter of an hour from there: the minute would be false. */
const ESTIMATE_SPREAD_MS = 900_000;

const instant = (value: unknown): number | undefined => (typeof value === 'string' ? msOf(value) : undefined);
const given = <K extends string, V>(key: K, value: V | undefined) =>
  (value === undefined ? {} : { [key]: value }) as { [P in K]?: V };

/** The van's own verdict, `atMs` the time of its reception. */
export function gpsClaim(row: RowOf<'visit'>, atMs: number, record: VisitRecord): Claim {
  const { evidence } = row;
  return {
    state: row.state,
    atMs,
    ...given('toldMs', msOf(row.at)),
    ...given('open', row.open),
    ...given('arrivedMs', instant(record.arrivedAt)),
    ...given('leftMs', instant(record.leftAt)),
    ...given(
      'lastSeenMs',
      row.state === 'unknown' ? instant(evidence.lastSeen ?? evidence.since) : undefined,
    ),
    ...given('expectedFromMs', instant(evidence.expectedFrom)),
    ...given('expectedToMs', instant(evidence.expectedTo)),
    ...given('movedTo', row.movedTo ? placeOf(row.movedTo) : undefined),
  };
}

type Place = {
  readonly latitude?: number | undefined;
  readonly longitude?: number | undefined;
  readonly name?: string | undefined;
};

/** A place without a name is told by its coordinates; the pages show it on the map. */
function placeOf({ latitude, longitude, name }: Place): PublicPlace {
  const shown = name ?? `${latitude?.toFixed(4)}, ${longitude?.toFixed(4)}`;
  return { name: shown, ...given('lat', latitude), ...given('lon', longitude) };
}

/** What an act says, whoever told it. */
export type ToldAct = Pick<RowOf<'act'>, 'act'> & {
  readonly minutes?: number | undefined;
  readonly reason?: string | undefined;
  readonly place?: Place | undefined;
};

/** An act as a claim; `undefined` for those that say nothing of a visit. */
export function actClaim(
  planned: PlannedVisit,
  act: ToldAct,
  atMs: number,
  record: VisitRecord | undefined,
): Claim | undefined {
  const arrived = given('arrivedMs', instant(record?.arrivedAt));
  const reason = given('reason', act.reason);
  switch (act.act) {
    case 'open':
      return { state: 'on_site', open: true, atMs, ...arrived };
    case 'closed':
      return { state: 'on_site', open: false, atMs, ...arrived };
    case 'cancelled':
      return { state: 'cancelled', atMs, ...reason };
    case 'moved':
      return { state: 'moved', atMs, ...reason, ...given('movedTo', act.place && placeOf(act.place)) };
    case 'late': {
      // «As planned again»: the plan and the van speak.
      if (act.minutes === 0) return undefined;
      if (act.minutes === undefined) return { state: 'late', atMs, ...reason };
      const expectedFromMs = planned.fromMs + act.minutes * 60_000;
      const expectedToMs = expectedFromMs + ESTIMATE_SPREAD_MS;
      return { state: 'late', atMs, ...reason, expectedFromMs, expectedToMs };
    }
    default:
      return undefined;
  }
}

/** The planner's cancellation or move, as the agenda says it. */
export function plannerClaim({ visit }: PlannedVisit, atMs: number): Claim | undefined {
  const { cancelled, movedTo } = visit;
  if (cancelled) return { state: 'cancelled', atMs, reason: cancelled.reason };
  if (movedTo)
    return { state: 'moved', atMs, movedTo: { name: movedTo.name, lat: movedTo.lat, lon: movedTo.lon } };
  return undefined;
}
