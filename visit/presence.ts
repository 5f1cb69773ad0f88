import { act } from './acts.ts';
import { takeLate } from './backlog.ts';
import { nextAtOf } from './due.ts';
import { engineAfter, engineAt } from './engineOff.ts';
import type { PresenceFold, VisitFold } from './fold.ts';
import { haltAfter, type Known, knownOf } from './halt.ts';
import { endM, withHole } from './hole.ts';
import { judge } from './judge.ts';
import { beyondM } from './place.ts';
import { type PlannedPresence, planOf } from './plan.ts';
import type { PresenceChange } from './presenceChange.ts';
import type { FixInput, LostInput, PresenceInput } from './presenceInput.ts';
import type { PresenceSettings } from './presenceSettings.ts';
import { type Learnt, learn, noMemory } from './travel.ts';
import { type Turn, tell } from './turn.ts';

/**
 * Presence: is the agency really on site? A pure fold of journaled rows into changes with their evidence (DESIGN §1.1,
 * §1.2, §2; docs/PRESENCE.md). It knows one time, its input's `at`, which never goes back.
 */
export type PresenceStep = {
  readonly state: PresenceFold;
  readonly changes: readonly PresenceChange[];
  /** What the end of a visit teaches: journaled as a `learnt` row and folded again as an input. */
  readonly learnt: readonly Learnt[];
  /** When the fold wants a tick if nothing comes before. */
  readonly nextAt?: number;
};

export function initialPresence(settings: PresenceSettings): PresenceFold {
  return {
    timezone: 'UTC',
    startStop: settings.startStop,
    plan: [],
    next: 0,
    visits: [],
    rejected: [],
    engine: { word: 'unknown' },
    memory: noMemory,
  };
}

export function step(state: PresenceFold, input: PresenceInput, settings: PresenceSettings): PresenceStep {
  const at = Math.max(state.at ?? input.at, input.at);
  const fold: PresenceFold = {
    ...state,
    at,
    startedAt: state.startedAt ?? at,
    engine: engineAt(state.engine, at, settings),
  };
  const turn: Turn = { fold, at, settings, changes: [], learnt: [] };
  const fix = take(turn, input);
  judge(turn, fix);
  const nextAt = nextAtOf(turn);
  return {
    state: turn.fold,
    changes: turn.changes,
    learnt: turn.learnt,
    ...(nextAt === undefined ? {} : { nextAt }),
  };
}

/** Takes the input into the fold; gives the position that is to be judged, when there is one. */
function take(turn: Turn, input: PresenceInput): Known | undefined {
  switch (input.kind) {
    case 'fix':
      return takeFix(turn, input);
    case 'lost':
      takeLost(turn, input);
      break;
    case 'power':
      turn.fold = { ...turn.fold, engine: engineAfter(turn.fold.engine, input, turn.settings) };
      break;
    case 'act':
      judge(turn);
      act(turn, input);
      break;
    case 'agenda':
      takeAgenda(turn, input);
      break;
    case 'learnt':
      turn.fold = { ...turn.fold, memory: learn(turn.fold.memory, input.learnt) };
      break;
    case 'boot':
    case 'tick':
      break;
  }
  return undefined;
}

/** A gap this long is told as one. */
const GAP_MS = 10_000;
const MAX_REJECTED = 8;

function takeFix(turn: Turn, input: FixInput): Known | undefined {
  const { fold, at, settings } = turn;
  const fix = knownOf(input);
  // Older than another fix, or so old that it says nothing about now.
  if ((fold.fix && fix.at <= fold.fix.at) || at - fix.at >= settings.unknownMs) {
    takeLate(turn, fix);
    return undefined;
  }
  const { fix: before, before: earlier, earlier: _e, halt, gap: _g, rolling: rolled, ...rest } = fold;
  const { latitude, longitude } = before ?? fix;
  const rolling = fix.moving ? (rolled ?? { since: fix.at, latitude, longitude }) : undefined;
  const next = haltAfter(halt, fix, { before, earlier, rolling, rested: fold.rested });
  const seenAt = Math.max(fold.seenAt ?? 0, fix.at);
  const gapMs = fold.seenAt === undefined ? 0 : fix.at - fold.seenAt;
  turn.fold = {
    ...rest,
    fix,
    ...(before ? { before } : {}),
    ...(earlier ? { earlier } : {}),
    ...(rolling ? { rolling } : {}),
    ...(next ? { halt: next } : {}),
    ...(next ? { rested: next } : {}),
    ...(next && fold.rested && next.from !== fold.rested.from ? { previous: fold.rested } : {}),
    seenAt,
    ...(gapMs > GAP_MS ? { gap: { fromMs: fold.seenAt!, toMs: fix.at } } : {}),
    ...(input.rejected
      ? { rejected: [...fold.rejected, { at, fixes: input.rejected }].slice(-MAX_REJECTED) }
      : {}),
    visits: fold.visits.map((visit) => covered(visit, fix, fold)),
  };
  return fix;
}

/** The visit with the way since the last position accounted for. */
function covered(visit: VisitFold, fix: Known, { fix: before, seenAt }: PresenceFold): VisitFold {
  const { plan, place } = visit;
  if (visit.held || fix.at < plan.fromMs || (seenAt ?? 0) >= plan.toMs) return visit;
  const beyond = beyondM(place, fix);
  const hole = { fromMs: seenAt ?? 0, toMs: fix.at, fromM: endM(place, before), toM: Math.max(0, beyond) };
  const holes = withHole(visit.holes, hole, plan);
  const isNearer = fix.at < plan.toMs && (visit.nearestM === undefined || beyond < visit.nearestM);
  if (holes === visit.holes && !isNearer) return visit;
  return { ...visit, holes, ...(isNearer ? { nearestM: Math.max(0, beyond) } : {}) };
}

function takeLost(turn: Turn, { last }: LostInput): void {
  const { seenAt } = turn.fold;
  if (last !== undefined && (seenAt ?? 0) < last) turn.fold = { ...turn.fold, seenAt: last };
}

/** States in which a visit has begun: it is finished under the agenda with which it began (DESIGN §1.9). */
const BEGUN = new Set<VisitFold['state']>(['approaching', 'on_site', 'left', 'moved', 'missed', 'cancelled']);

function takeAgenda(turn: Turn, { agenda }: Extract<PresenceInput, { kind: 'agenda' }>): void {
  const { fold, settings } = turn;
  const version = fold.plan[0]?.agenda;
  if (version !== undefined && agenda.version < version) return;
  const plan = planOf(agenda, settings.earlyMs);
  const planned = new Map(plan.map((p) => [p.id, p]));
  const visits = fold.visits.flatMap((visit) => {
    const next = planned.get(visit.plan.id);
    if (next?.cancelled !== undefined && visit.state !== 'cancelled')
      return [tell(turn, visit, 'cancelled', { source: 'plan', reason: next.cancelled })];
    if (BEGUN.has(visit.state) || visit.act) return [visit];
    return next ? [replanned(visit, next)] : [];
  });
  turn.fold = {
    ...turn.fold,
    timezone: agenda.timezone,
    startStop: agenda.vehicle?.startStop ?? settings.startStop,
    plan,
    next: 0,
    visits,
  };
}

function replanned(visit: VisitFold, plan: PlannedPresence): VisitFold {
  const { nearestM, movedTo, ...rest } = visit;
  const isSame =
    visit.plan.fromMs === plan.fromMs &&
    visit.plan.toMs === plan.toMs &&
    JSON.stringify(visit.plan.place) === JSON.stringify(plan.place);
  if (isSame) return { ...visit, plan };
  return { ...rest, plan, place: plan.place, holes: [], ...(plan.movedTo ? { movedTo: plan.movedTo } : {}) };
}

export type { PresenceFold } from './fold.ts';
export { type PresenceChange, rowOfChange } from './presenceChange.ts';
export { inputOfRow, type PresenceInput } from './presenceInput.ts';
export { PRESENCE_DEFAULTS, type PresenceSettings } from './presenceSettings.ts';
