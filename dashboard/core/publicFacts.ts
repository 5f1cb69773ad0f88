import { msOf } from '../../protocol/time.ts';
import { actClaim, gpsClaim, plannerClaim } from '../../visit/claims.ts';
import type { Claim, Claims, PublicFacts } from '../../visit/public.ts';
import { effectiveCorrection, type OfficeAct, type OfficeWord, officeActs } from './office.ts';
import { dutyOf, type Plan, type Planned } from './plan.ts';
import { present } from './present.ts';
import type { VanState } from './vanFold.ts';
import type { Received, VisitRecord } from './visitFold.ts';

/**
 * What may be told of a visit, from what the depot holds: the plan, the van's rows, the driver's acts, head office's
 * words. Which voice is believed is decided in visit/publicState.ts alone, for staff and tenants alike.
 */
export type Words = ReadonlyMap<string, readonly OfficeWord[]>;

export function factsOfVan(
  plan: Plan,
  van: VanState,
  words: Words,
  quarantined: boolean,
): readonly PublicFacts[] {
  const doubt = quarantined ? { quarantined } : {};
  return (plan.byVan.get(van.van) ?? []).map((planned) => ({
    ...factsOf(plan, planned, van, words.get(planned.visit.id) ?? []),
    ...doubt,
  }));
}

function factsOf(plan: Plan, planned: Planned, van: VanState, words: readonly OfficeWord[]): PublicFacts {
  const { visit, stop } = planned;
  const duty = dutyOf(plan, planned.van, visit.date)!;
  return {
    id: visit.id,
    stop: stop.id,
    name: stop.name,
    commune: stop.commune,
    timezone: plan.agenda.timezone,
    date: visit.date,
    from: visit.from,
    to: visit.to,
    fromMs: planned.fromMs,
    toMs: planned.toMs,
    lat: stop.lat,
    lon: stop.lon,
    ...present('address', stop.address),
    ...present('access', stop.access),
    ...present('services', visit.services ?? stop.services),
    agenda: plan.agenda.version,
    plannedAtMs: planned.plannedAtMs,
    dutyFromMs: duty.fromMs,
    dutyToMs: duty.toMs,
    ...present('heardMs', van.heardMs),
    ...present('moving', van.moving),
    claims: claimsOf(plan, planned, van.visits.get(visit.id), words),
    ...present('next', plan.next.get(visit.id)),
  };
}

function claimsOf(
  plan: Plan,
  planned: Planned,
  record: VisitRecord | undefined,
  words: readonly OfficeWord[],
): Claims {
  const verdict = record?.verdict && counts(planned, record) ? record.verdict : undefined;
  return {
    ...present('office', officeClaim(planned, words, record)),
    ...present('planner', plannersClaim(plan, planned, record?.act)),
    ...present('crew', record?.act ? crewClaim(planned, record.act, record) : undefined),
    ...present('gps', verdict ? behind(gpsClaim(verdict, verdict.receivedMs, record!), verdict) : undefined),
  };
}

/** With the row that it stands on. */
const behind = (claim: Claim, { identity }: Received): Claim => ({ ...claim, ...present('row', identity) });

/**
 * A row under another agenda counts only while place and window are unchanged; a visit begun is finished under the
 * agenda with which it began (DESIGN §1.9).
 */
const counts = (planned: Planned, record: VisitRecord): boolean =>
  record.verdict!.agenda >= planned.shapeVersion || record.arrivedAt !== undefined;

const instant = (iso: string | undefined) => (iso === undefined ? undefined : msOf(iso));

function crewClaim(
  planned: Planned,
  row: NonNullable<VisitRecord['act']>,
  record: VisitRecord,
): Claims['crew'] {
  const told = actClaim(planned, row, row.receivedMs, record);
  if (!told) return undefined;
  const claim = { ...behind(told, row), ...present('toldMs', instant(row.at ?? undefined)) };
  const sawPlanner = planned.wordVersion !== undefined && (row.agenda ?? -1) >= planned.wordVersion;
  return sawPlanner ? { ...claim, sawPlanner } : claim;
}

function plannersClaim(plan: Plan, planned: Planned, act: VisitRecord['act']): Claims['planner'] {
  const claim = plannerClaim(planned, planned.wordAtMs ?? planned.plannedAtMs);
  if (!claim || act === undefined || !(plan.agenda.seen ?? []).includes(act.key)) return claim;
  return { ...claim, sawCrew: true };
}

function officeClaim(
  planned: Planned,
  words: readonly OfficeWord[],
  record: VisitRecord | undefined,
): Claim | undefined {
  const correction = effectiveCorrection(words);
  if (correction)
    return {
      state: correction.state,
      atMs: msOf(correction.at)!,
      reason: correction.reason,
      ...present('arrivedMs', instant(correction.from)),
      ...present('leftMs', instant(correction.to)),
    };
  const act = officeActs(words).at(-1);
  if (!act || answered(act, record)) return undefined;
  const atMs = msOf(act.at)!;
  if (act.act === 'closed')
    return { state: 'left', atMs, leftMs: atMs, ...present('arrivedMs', instant(record?.arrivedAt)) };
  return actClaim(planned, act, atMs, record ?? { held: [], arrivedAt: act.at });
}

/** Head office told for a van that could not; what the van or its driver say afterwards stands again. */
function answered(act: OfficeAct, record: VisitRecord | undefined): boolean {
  const atMs = msOf(act.at)!;
  if (record?.act && record.act.receivedMs > atMs) return true;
  const verdict = record?.verdict;
  if (!verdict || verdict.receivedMs <= atMs || verdict.at <= act.at) return false;
  if (act.act === 'cancelled') return false;
  return verdict.state === 'left' || (verdict.state === 'on_site' && act.act !== 'open');
}
