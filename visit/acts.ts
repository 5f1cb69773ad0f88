import type { Place } from '../protocol/geo.ts';
import { wordOf } from './absent.ts';
import type { ActWitness, VisitFold } from './fold.ts';
import { sigmaOf } from './halt.ts';
import { begun, supersede } from './judge.ts';
import { beyondM } from './place.ts';
import type { ActInput } from './presenceInput.ts';
import { leave } from './present.ts';
import { isAtPlace } from './stand.ts';
import { inSteps } from './travel.ts';
import { type Turn, tell } from './turn.ts';

/**
 * The driver's word: it wins over GPS, is labelled as the driver's and needs no network. What the position contradicts
 * beyond reason (R + 100 m + 3 sigma) is told with a flag, so that the depot sees both: neither obeyed in silence nor
 * dropped. An act never moves `since`.
 */

const BEYOND_REASON_M = 100;
/** What the driver says of minutes is not meant to the minute. */
const LATE_SLACK_MS = 15 * 60_000;

export function act(turn: Turn, input: ActInput): void {
  const visit = visitOf(turn, input);
  if (!visit) return;
  const next = acted(turn, visit, input);
  if (next === visit) return;
  const { visits } = turn.fold;
  const isListed = visits.some((v) => v.plan.id === visit.plan.id);
  turn.fold = {
    ...turn.fold,
    visits: isListed ? visits.map((v) => (v.plan.id === visit.plan.id ? next : v)) : [...visits, next],
  };
}

/** The visit meant: the one named, else the one that the van is at, else the one whose window is nearest. */
function visitOf(turn: Turn, { visit: id }: ActInput): VisitFold | undefined {
  const { visits, plan } = turn.fold;
  if (id !== undefined) {
    const listed = visits.find((v) => v.plan.id === id);
    if (listed) return listed;
    const planned = plan.find((p) => p.id === id);
    return planned && planned.toMs > turn.at ? begun(turn, planned) : undefined;
  }
  const distanceMs = ({ plan: { fromMs, toMs } }: VisitFold) => Math.max(0, fromMs - turn.at, turn.at - toMs);
  return (
    visits.find((v) => v.state === 'on_site') ??
    visits.find((v) => v.state === 'approaching') ??
    visits
      .filter((v) => v.state !== 'cancelled' || visits.length === 1)
      .sort((a, b) => distanceMs(a) - distanceMs(b))[0]
  );
}

function acted(turn: Turn, visit: VisitFold, input: ActInput): VisitFold {
  switch (input.act) {
    case 'open':
      return opened(turn, visit, input);
    case 'closed':
      return closed(turn, visit, input);
    case 'late':
      return input.minutes === 0 ? asPlanned(turn, visit, input) : late(turn, visit, input);
    case 'moved':
      return moved(turn, visit, input);
    case 'cancelled':
      return cancelled(turn, visit, input);
    default:
      return visit;
  }
}

const witnessOf = ({ act, minutes, reason }: ActInput, at: number): ActWitness => ({
  act,
  at,
  ...(minutes === undefined ? {} : { minutes }),
  ...(reason === undefined ? {} : { reason }),
});

/** Metres beyond the edge at which the word of the driver is not to be reconciled with the position. */
function isContradicted({ fold, at, settings }: Turn, visit: VisitFold): boolean {
  const { fix, seenAt = 0 } = fold;
  if (!fix || at - seenAt >= settings.unknownMs) return false;
  return beyondM(visit.place, fix) > BEYOND_REASON_M + 3 * sigmaOf(fix.accuracyM);
}

function opened(turn: Turn, visit: VisitFold, input: ActInput): VisitFold {
  const { fold, at, settings } = turn;
  const word = witnessOf(input, at);
  const source = { source: 'crew' };
  if (visit.state !== 'on_site' && isContradicted(turn, visit)) {
    const flagged: VisitFold = { ...visit, act: { ...word, contradicted: true } };
    return tell(turn, flagged, visit.state, { ...source, contradicted: true });
  }
  const next: VisitFold = {
    ...visit,
    act: word,
    open: true,
    openBy: 'crew',
    held: visit.held || (at >= visit.plan.fromMs && at < visit.plan.toMs),
    spent: false,
  };
  if (visit.state === 'on_site') return tell(turn, next, 'on_site', source);
  supersede(turn, visit);
  const { halt } = fold;
  const { leftAt, since, sinceErrorMs, ...rest } = next;
  if (!halt || !isAtPlace(fold, halt, visit, settings)) return tell(turn, rest, 'on_site', source);
  const spot = { latitude: halt.latitude, longitude: halt.longitude };
  return tell(turn, { ...rest, since: halt.since, sinceErrorMs: halt.sinceErrorMs, spot }, 'on_site', source);
}

function closed(turn: Turn, visit: VisitFold, input: ActInput): VisitFold {
  if (visit.state !== 'on_site') return visit;
  const next: VisitFold = { ...visit, act: witnessOf(input, turn.at), open: false, openBy: 'crew' };
  return tell(turn, next, 'on_site', { source: 'crew' });
}

function late(turn: Turn, visit: VisitFold, input: ActInput): VisitFold {
  const { at } = turn;
  const word = witnessOf(input, at);
  if (visit.state === 'on_site') {
    const flagged: VisitFold = { ...visit, act: { ...word, contradicted: true } };
    return tell(turn, flagged, 'on_site', { source: 'crew', contradicted: true });
  }
  if (visit.state === 'cancelled' || at >= visit.plan.toMs) return visit;
  const minutes = input.minutes ?? 15;
  const earliest = visit.plan.fromMs + minutes * 60_000;
  const from = earliest > at ? earliest : at + minutes * 60_000;
  const crewLate = inSteps(from, from + LATE_SLACK_MS);
  return tell(turn, { ...visit, act: word, crewLate }, 'late', { source: 'crew' });
}

/**
 * «Late by 0 minutes»: as planned again. Takes back what the driver told of lateness, place or cancellation; what the
 * planner has cancelled, and a window that is over, are not the driver's to reopen.
 */
function asPlanned(turn: Turn, visit: VisitFold, input: ActInput): VisitFold {
  const { plan, act } = visit;
  const hasWord = visit.state === 'cancelled' || visit.crewLate || act?.act === 'moved';
  if (!hasWord || plan.cancelled !== undefined || turn.at >= plan.toMs) return visit;
  const { crewLate: _late, act: _act, ...rest } = act?.act === 'moved' ? backAtPlan(visit) : visit;
  if (rest.state === 'on_site') return rest;
  const free: VisitFold = { ...rest, spent: false };
  // The word is evidence of this change alone: the visit follows the plan again, and a new one.
  const { act: _told, ...planned } = tell(
    turn,
    { ...free, act: witnessOf(input, turn.at) },
    wordOf(turn, free),
    { source: 'crew' },
  );
  return planned;
}

/** The visit at its planned place; what was seen of the other one says nothing of it. */
function backAtPlan({ plan, state, stateAt }: VisitFold): VisitFold {
  return {
    plan,
    place: plan.place,
    ...(plan.movedTo ? { movedTo: plan.movedTo } : {}),
    state: state === 'on_site' || state === 'approaching' ? 'moved' : state,
    stateAt,
    held: false,
    spent: false,
    holes: [],
  };
}

function moved(turn: Turn, visit: VisitFold, input: ActInput): VisitFold {
  if (visit.state === 'cancelled') return visit;
  const { latitude, longitude, name } = input.place ?? {};
  const word = witnessOf(input, turn.at);
  const before = visit.state === 'on_site' ? leave(turn, visit, turn.at, { source: 'crew' }) : visit;
  if (latitude === undefined || longitude === undefined)
    return tell(turn, { ...before, act: word }, 'moved', { source: 'crew', ...(name ? { name } : {}) });
  const at: Place = { latitude, longitude };
  const next: VisitFold = {
    ...before,
    act: word,
    place: { ...at, radiusM: visit.plan.place.radiusM },
    movedTo: { ...at, ...(name === undefined ? {} : { name }) },
    spent: false,
    // What was seen of the old place proves nothing about the new one.
    holes: [],
  };
  return tell(turn, next, 'moved', { source: 'crew' });
}

function cancelled(turn: Turn, visit: VisitFold, input: ActInput): VisitFold {
  if (visit.state === 'cancelled') return visit;
  const { open, openBy, ...rest } = visit;
  const next: VisitFold = {
    ...rest,
    act: witnessOf(input, turn.at),
    ...(open === undefined ? {} : { open: false }),
  };
  const reason = input.reason === undefined ? {} : { reason: input.reason };
  return tell(turn, next, 'cancelled', { source: 'crew', ...reason });
}
