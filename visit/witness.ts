import { isoOf } from '../protocol/time.ts';
import { engineAt } from './engineOff.ts';
import { sentenceOf } from './evidence.ts';
import type { VisitFold } from './fold.ts';
import { fixSigmaM, spreadM } from './halt.ts';
import { apartM, beyondM } from './place.ts';
import type { Evidence, PresenceChange } from './presenceChange.ts';
import { limitM, needOf } from './stand.ts';
import { expectedByDistance, expectedByWay, inSteps } from './travel.ts';
import type { Turn } from './turn.ts';

/** The record of a change: what was known when it was told, in the units that its names say. */

export const RULE = 'presence/1';
const REJECTED_MS = 120_000;

const round = (value: number, decimals: number) => {
  const scale = 10 ** decimals;
  return Math.round(value * scale) / scale;
};
const seconds = (ms: number) => round(ms / 1000, 0);
const isoIf = <K extends string>(key: K, at: number | undefined) =>
  at === undefined ? {} : { [key]: isoOf(at) };

export function changeOf(
  turn: Turn,
  before: VisitFold,
  visit: VisitFold,
  extra: Readonly<Record<string, unknown>>,
): PresenceChange {
  const evidence: Evidence = {
    rule: RULE,
    from: before.state,
    ...sinceOf(turn, visit),
    ...expectedOf(turn, visit),
    ...standOf(turn, before, visit),
    ...positionOf(turn, visit),
    ...engineOf(turn),
    ...actOf(visit),
    ...extra,
    window: { from: isoOf(visit.plan.fromMs), to: isoOf(visit.plan.toMs) },
    timezone: turn.fold.timezone,
  };
  const change = {
    at: turn.at,
    visit: visit.plan.id,
    agenda: visit.plan.agenda,
    state: visit.state,
    ...(visit.open === undefined || visit.state !== 'on_site'
      ? openAfter(before, visit)
      : { open: visit.open }),
    ...(visit.movedTo ? { movedTo: visit.movedTo } : {}),
  };
  return { ...change, because: sentenceOf({ ...change, evidence }, 'en'), evidence };
}

/** «Open» ends with the presence: said once. */
const openAfter = (before: VisitFold, visit: VisitFold) =>
  before.open === true && visit.open === false ? { open: false } : {};

/** The believed instant that the state speaks of. */
function sinceOf(turn: Turn, visit: VisitFold): object {
  const { since, sinceErrorMs, leftAt, state } = visit;
  const arrival = {
    ...isoIf('since', since),
    ...(sinceErrorMs === undefined ? {} : { sinceErrorS: seconds(sinceErrorMs) }),
  };
  if (state === 'on_site') return arrival;
  if (state === 'left') return { ...isoIf('since', leftAt), ...isoIf('arrived', since) };
  if (state === 'unknown') {
    const { seenAt } = turn.fold;
    return { ...isoIf('since', seenAt), ...isoIf('lastSeen', seenAt), ...isoIf('arrived', since) };
  }
  return {};
}

function expectedOf(turn: Turn, visit: VisitFold): object {
  if (visit.state !== 'late') return {};
  const { fold, at } = turn;
  const told = (fromMs: number, toMs: number, basis: string) => ({
    expectedFrom: isoOf(fromMs),
    expectedTo: isoOf(toMs),
    expectedBy: basis,
  });
  if (visit.crewLate && visit.act?.act === 'late')
    return told(visit.crewLate.fromMs, visit.crewLate.toMs, 'crew');
  const present = fold.visits.find((other) => other.state === 'on_site' && other !== visit);
  const from = present?.plan.stop ?? fold.lastLeft?.stop;
  const departMs = present ? at : fold.lastLeft?.at;
  const byWay =
    from === undefined || departMs === undefined
      ? undefined
      : expectedByWay(fold.memory, from, visit.plan.stop, departMs);
  const isComing = byWay && byWay.toMs > at;
  const range = isComing ? byWay : fold.fix ? expectedByDistance(fold.fix, visit.place, at) : undefined;
  if (!range || range.fromMs >= visit.plan.toMs) return {};
  const steps = inSteps(Math.max(range.fromMs, at), range.toMs);
  return told(steps.fromMs, steps.toMs, range.basis);
}

/** The halt against what was asked of it, and what would have changed the answer. */
function standOf(turn: Turn, before: VisitFold, visit: VisitFold): object {
  const { fold, settings, at } = turn;
  const { halt } = fold;
  if (!halt || visit.state === 'planned' || visit.state === 'unknown' || visit.state === 'missed')
    return shortOf(turn, before, visit);
  const need = needOf(fold, visit, halt, settings);
  return {
    haltedS: seconds(at - halt.watchedFrom),
    neededS: seconds(need.ms),
    neededBy: need.by,
    anchor: {
      latitude: round(halt.latitude, 6),
      longitude: round(halt.longitude, 6),
      fixes: halt.fixes,
      spreadM: round(spreadM(halt), 1),
      sigmaM: round(fixSigmaM(halt), 1),
    },
    limitM: round(limitM(fold, halt, settings), 1),
    ...(need.spot ? { learntVisits: need.spot.visits } : {}),
  };
}

/** An approach that came to nothing: how much was missing. */
function shortOf({ fold, settings }: Turn, before: VisitFold, visit: VisitFold): object {
  const { rested } = fold;
  if (before.state !== 'approaching' || !rested) return {};
  const need = needOf(fold, visit, rested, settings);
  return { haltedS: seconds(rested.at - rested.watchedFrom), neededS: seconds(need.ms), neededBy: need.by };
}

function positionOf({ fold, at, settings }: Turn, visit: VisitFold): object {
  const { fix, gap, rejected } = fold;
  const rejectedFixes = rejected.reduce((sum, r) => sum + (at - r.at <= REJECTED_MS ? r.fixes : 0), 0);
  return {
    radiusM: visit.place.radiusM,
    toleranceM: settings.toleranceM,
    ...(fix
      ? {
          distanceM: round(apartM(visit.place, fix), 0),
          beyondM: round(beyondM(visit.place, fix), 0),
          moving: fix.moving,
          fixAgeS: seconds(at - fix.at),
          accuracyM: round(fix.accuracyM, 1),
          ...(fix.satellitesUsed === undefined ? {} : { satellitesUsed: fix.satellitesUsed }),
        }
      : {}),
    ...(rejectedFixes > 0 ? { rejected: rejectedFixes } : {}),
    ...(gap && at - gap.toMs <= REJECTED_MS ? { gapS: seconds(gap.toMs - gap.fromMs) } : {}),
    ...(visit.state === 'missed' && visit.nearestM !== undefined
      ? { nearestM: round(visit.nearestM, 0) }
      : {}),
    ...(visit.state === 'unknown' ? { holes: visit.holes.length } : {}),
  };
}

function engineOf({ fold, at, settings }: Turn): object {
  const { word, since, starterV } = engineAt(fold.engine, at, settings);
  if (word === 'unknown' && starterV === undefined) return {};
  return {
    engine: { state: word, ...isoIf('since', since), ...(starterV === undefined ? {} : { starterV }) },
  };
}

function actOf({ act }: VisitFold): object {
  if (!act) return {};
  const { at, ...word } = act;
  return { act: { ...word, at: isoOf(at) } };
}
