import type { Agenda } from '../../protocol/agenda.ts';
import type { PresenceState } from '../../protocol/presence.ts';
import type { Fix } from '../../protocol/readings.ts';
import type { Row, RowOf } from '../../protocol/rows.ts';
import { isoOf } from '../../protocol/time.ts';
import { placeOfStop, type VisitPlace } from '../../visit/place.ts';
import {
  initialPresence,
  inputOfRow,
  type PresenceFold,
  type PresenceInput,
  type PresenceSettings,
  rowOfChange,
  step as stepPresence,
} from '../../visit/presence.ts';
import { type BelievedFix, type GateState, gateSettings, initialGate, stepGate } from './gate.ts';
import {
  initialKeep,
  KEEP_DEFAULTS,
  type KeepState,
  keepLost,
  keepRejected,
  lostAt,
  rowOfFix,
  rowOfLost,
  stepKeep,
} from './keep.ts';

/**
 * From a fix to what is said of a visit: gate → keep → presence. Presence is given exactly what is journaled, in the
 * journal's order, so that a replay of the rows gives the same verdicts (DESIGN §1.2).
 */

export type LocateSettings = { readonly buildMs: number; readonly presence: PresenceSettings };

export type LocateState = {
  readonly gate: GateState;
  readonly keep: KeepState;
  readonly presence: PresenceFold;
  /** Places of the agenda: around them every fix counts. */
  readonly places: readonly VisitPlace[];
  readonly position?: BelievedFix;
  /** Presence wants to be asked then. */
  readonly presenceAt?: number;
  /** Fixes are journaled densely now, and committed within 2 s. */
  readonly dense: boolean;
};

export type LocateInput =
  | { readonly kind: 'fix'; readonly at: number; readonly fix: Fix }
  | { readonly kind: 'agenda'; readonly at: number; readonly agenda: Agenda }
  /** A row that is journaled elsewhere and that presence sees: power, act, boot. */
  | { readonly kind: 'row'; readonly at: number; readonly row: Row }
  | { readonly kind: 'tick'; readonly at: number };

export type LocateStep = {
  readonly state: LocateState;
  readonly rows: readonly Row[];
  readonly changes: readonly { readonly visit: string; readonly state: PresenceState }[];
  /** Whether a position is believed, when this step says something about it. */
  readonly believed?: { readonly believed: boolean; readonly lastAt?: number };
  readonly nextAt?: number;
};

/** Two kept fixes this near each other: keep is dense, something is being decided. */
const DENSE_MS = 2_500;

/** Version of the snapshot's form. */
export const SNAPSHOT = 'presence-1';

export const initialLocate = (settings: LocateSettings): LocateState => ({
  gate: initialGate(),
  keep: initialKeep(),
  presence: initialPresence(settings.presence),
  places: [],
  dense: false,
});

export const believedPosition = (state: LocateState): BelievedFix | undefined => state.position;

/** A step under way. */
type Turn = {
  state: LocateState;
  readonly rows: Row[];
  readonly changes: { visit: string; state: PresenceState }[];
};

export function stepLocate(before: LocateState, input: LocateInput, settings: LocateSettings): LocateStep {
  const turn: Turn = { state: before, rows: [], changes: [] };
  let believed: LocateStep['believed'];
  switch (input.kind) {
    case 'fix':
      if (takeFix(turn, input.fix, settings)) believed = { believed: true, lastAt: turn.state.position!.at };
      break;
    case 'agenda':
      turn.state = { ...before, places: placesOf(input.agenda) };
      ask(turn, { kind: 'agenda', at: input.at, agenda: input.agenda }, settings);
      break;
    case 'row': {
      const told = inputOfRow(input.row);
      if (told) ask(turn, told, settings);
      break;
    }
    case 'tick':
      if (dueOf(turn.state.presenceAt, input.at)) ask(turn, { kind: 'tick', at: input.at }, settings);
      break;
  }
  if (input.kind === 'tick' && dueOf(lostAt(turn.state.keep, KEEP_DEFAULTS), input.at)) {
    const lastAt = turn.state.position?.at;
    takeLost(turn, input.at, settings);
    believed = { believed: false, ...(lastAt === undefined ? {} : { lastAt }) };
  }
  const times = [turn.state.presenceAt, lostAt(turn.state.keep, KEEP_DEFAULTS)].filter(
    (t) => t !== undefined,
  );
  return {
    state: turn.state,
    rows: turn.rows,
    changes: turn.changes,
    ...(believed ? { believed } : {}),
    ...(times.length > 0 ? { nextAt: Math.min(...times) } : {}),
  };
}

const dueOf = (time: number | undefined, at: number): boolean => time !== undefined && time <= at;

/** True when the fix is believed. */
function takeFix(turn: Turn, fix: Fix, settings: LocateSettings): boolean {
  const gate = stepGate(turn.state.gate, fix, gateSettings(settings.buildMs));
  const { fix: believed, rejected } = gate.verdict;
  if (rejected) {
    turn.state = { ...turn.state, gate: gate.state, keep: keepRejected(turn.state.keep, rejected) };
    return false;
  }
  const keptBeforeAt = turn.state.keep.kept?.at ?? Number.NEGATIVE_INFINITY;
  const { state: keep, kept } = stepKeep(turn.state.keep, believed, turn.state.places);
  const position = believed.late ? turn.state.position : believed;
  turn.state = {
    ...turn.state,
    gate: gate.state,
    keep,
    ...(position ? { position } : {}),
    dense: kept !== undefined && kept.at - keptBeforeAt <= DENSE_MS,
  };
  if (kept) {
    turn.rows.push(rowOfFix(kept));
    ask(turn, kept, settings);
  }
  return !believed.late;
}

function takeLost(turn: Turn, at: number, settings: LocateSettings): void {
  const { state: keep, lost } = keepLost(turn.state.keep, at);
  turn.state = { ...turn.state, keep };
  turn.rows.push(rowOfLost(lost));
  ask(turn, lost, settings);
}

/** One step of presence; what it says is left to the caller. */
function askPresence(turn: Turn, input: PresenceInput, settings: LocateSettings) {
  const step = stepPresence(turn.state.presence, input, settings.presence);
  const { presenceAt: _before, ...state } = turn.state;
  const next = step.nextAt === undefined ? {} : { presenceAt: step.nextAt };
  turn.state = { ...state, presence: step.state, ...next };
  return step;
}

function ask(turn: Turn, input: PresenceInput, settings: LocateSettings): void {
  const step = askPresence(turn, input, settings);
  for (const change of step.changes) {
    turn.rows.push(rowOfChange(change));
    turn.changes.push({ visit: change.visit, state: change.state });
  }
  for (const learnt of step.learnt) {
    turn.rows.push({ kind: 'learnt', at: isoOf(input.at), learnt });
    ask(turn, { kind: 'learnt', at: input.at, learnt }, settings);
  }
}

const placesOf = (agenda: Agenda): VisitPlace[] => agenda.stops.map(placeOfStop);

/** The row from which a replay may begin. */
export const locateSnapshot = ({ presence }: LocateState, at: number): RowOf<'snapshot'> => ({
  kind: 'snapshot',
  at: isoOf(at),
  rule: SNAPSHOT,
  state: presence,
});

/** Presence as the journal's rows leave it: from the newest snapshot on. Gate and keep begin anew with the next fix. */
export function restoreLocate(
  rows: readonly Row[],
  agenda: Agenda | undefined,
  settings: LocateSettings,
): LocateState {
  const from = rows.findLastIndex((row) => row.kind === 'snapshot' && row.rule === SNAPSHOT);
  const snapshot = rows[from] as RowOf<'snapshot'> | undefined;
  const initial = initialLocate(settings);
  const turn: Turn = {
    state: { ...initial, ...(snapshot ? { presence: snapshot.state as PresenceFold } : {}) },
    rows: [],
    changes: [],
  };
  if (agenda) turn.state = { ...turn.state, places: placesOf(agenda) };
  for (const row of rows.slice(from + 1)) {
    const input = inputOfRow(row);
    if (!input) continue;
    // What fell due in between was decided then; its rows are in the journal already.
    for (let due = turn.state.presenceAt; due !== undefined && due <= input.at; ) {
      askPresence(turn, { kind: 'tick', at: due }, settings);
      due = turn.state.presenceAt === due ? undefined : turn.state.presenceAt;
    }
    askPresence(turn, input, settings);
  }
  return turn.state;
}
