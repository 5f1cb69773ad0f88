import { QUANTUM, quantise, type RowOf } from '../../protocol/rows.ts';
import { isoOf } from '../../protocol/time.ts';
import { apartM, beyondM, type VisitPlace } from '../../visit/place.ts';
import type { FixInput, LostInput } from '../../visit/presenceInput.ts';
import type { BelievedFix, GateReason } from './gate.ts';
import { initialTrack, isStraight, type TrackState, trackAfter } from './track.ts';

/**
 * Which fixes are worth a row (DESIGN §1.2): dense where presence decides something (from the approach to a stop until
 * the halt is settled, every start and stop of motion), sparse elsewhere (on the road a point when the track bends or
 * stretches), one a minute at the least; after 10 s without a believable fix a `lost` row. Decides on the fix in hand
 * and never reaches back. Values are quantised here, before anybody sees them.
 */
export type KeepSettings = {
  /** Around a place, from this far beyond its edge, every fix is kept. */
  readonly approachM: number;
  readonly beatMs: number;
  readonly lostMs: number;
  /** A halt of this length is settled: nothing is decided about it any more. */
  readonly settledMs: number;
  /** The same while the place is doubtful (presence averages for ten minutes). */
  readonly settledDoubtMs: number;
  /** A worse fix leaves the place in doubt. */
  readonly doubtM: number;
};
export const KEEP_DEFAULTS: KeepSettings = {
  approachM: 500,
  beatMs: 60_000,
  lostMs: 10_000,
  settledMs: 200_000,
  settledDoubtMs: 660_000,
  doubtM: 12,
};

/** JSON. Every step makes a whole one: a van sees thirty thousand fixes a day, a replay millions. */
export type KeepState = {
  /** Newest believed fix. */
  readonly seenAt: number | undefined;
  readonly isLost: boolean;
  /** Rejected since the last kept fix. */
  readonly rejected: number;
  readonly kept: FixInput | undefined;
  readonly track: TrackState;
  /** Since when the van stands, and where the halt began. */
  readonly halt:
    | { readonly since: number; readonly latitude: number; readonly longitude: number }
    | undefined;
  readonly lateAt: number | undefined;
  /** No place is nearer than `clearM` to where this was measured. */
  readonly clear:
    | { readonly latitude: number; readonly longitude: number; readonly clearM: number }
    | undefined;
};
export const initialKeep = (): KeepState => ({
  seenAt: undefined,
  isLost: false,
  rejected: 0,
  kept: undefined,
  track: initialTrack,
  halt: undefined,
  lateAt: undefined,
  clear: undefined,
});

/** Receivers of 5 or 10 Hz are thinned to this where every fix counts. */
const DENSE_MS = 900;
/** A parked van's error wanders: further than this from where the halt began, something breaks it. */
const BREAK_M = 15;
const BREAK_EVERY_MS = 10_000;
const LATE_EVERY_MS = 10_000;

export type KeepStep = { readonly state: KeepState; readonly kept?: FixInput };

export const keepRejected = (state: KeepState, _reason: GateReason): KeepState => ({
  ...state,
  rejected: state.rejected + 1,
});

/** When `lost` is due if no believable fix comes. */
export const lostAt = ({ seenAt, isLost }: KeepState, { lostMs }: KeepSettings): number | undefined =>
  seenAt === undefined || isLost ? undefined : seenAt + lostMs;

/** The `lost` row at its due time; call when `lostAt` has passed. */
export function keepLost(state: KeepState, at: number): { state: KeepState; lost: LostInput } {
  return {
    state: { ...state, isLost: true },
    lost: { kind: 'lost', at, ...(state.seenAt === undefined ? {} : { last: state.seenAt }) },
  };
}

/** A believed fix: the next state, and the fix as it is journaled when it is worth a row. */
export function stepKeep(
  state: KeepState,
  fix: BelievedFix,
  places: readonly VisitPlace[],
  settings: KeepSettings = KEEP_DEFAULTS,
): KeepStep {
  if (fix.late) return keepLate(state, fix);
  const halt = haltAfter(state, fix);
  const clear = clearAfter(state, fix, places, settings);
  const near = clear.clearM - apartM(clear, fix) < settings.approachM;
  const isKept = isWorthARow(state, fix, halt, near, settings);
  const kept = isKept ? quantised(fix, state.rejected) : state.kept;
  const next: KeepState = {
    seenAt: fix.at,
    isLost: false,
    rejected: isKept ? 0 : state.rejected,
    kept,
    track: isKept ? initialTrack : trackAfter(state.kept!, state.track, fix),
    halt,
    lateAt: state.lateAt,
    clear,
  };
  return isKept ? { state: next, kept: kept! } : { state: next };
}

function isWorthARow(
  { kept, isLost, track }: KeepState,
  fix: BelievedFix,
  halt: KeepState['halt'],
  near: boolean,
  settings: KeepSettings,
): boolean {
  if (!kept || isLost || kept.moving !== fix.moving) return true;
  const ageMs = fix.at - kept.at;
  if (ageMs >= settings.beatMs) return true;
  if (fix.moving || !halt) return near ? ageMs >= DENSE_MS : !isStraight(kept, track, fix);
  const doubtful = (fix.accuracyM ?? 0) > settings.doubtM;
  const settledMs = doubtful ? settings.settledDoubtMs : settings.settledMs;
  if (near && fix.at - halt.since < settledMs) return ageMs >= DENSE_MS;
  return ageMs >= BREAK_EVERY_MS && apartM(halt, fix) > BREAK_M && apartM(kept, fix) > BREAK_M;
}

function haltAfter(state: KeepState, fix: BelievedFix): KeepState['halt'] {
  if (fix.moving) return undefined;
  return state.halt ?? { since: fix.at, latitude: fix.latitude, longitude: fix.longitude };
}

/** Measured again only when the van may have come near something: a hundred places cost nothing on the road. */
function clearAfter(
  { clear }: KeepState,
  fix: BelievedFix,
  places: readonly VisitPlace[],
  { approachM }: KeepSettings,
): NonNullable<KeepState['clear']> {
  if (clear && apartM(clear, fix) < clear.clearM - approachM) return clear;
  let clearM = CLEAR_MAX_M;
  for (const place of places) clearM = Math.min(clearM, beyondM(place, fix));
  return { latitude: fix.latitude, longitude: fix.longitude, clearM };
}
const CLEAR_MAX_M = 100_000;

function keepLate(state: KeepState, fix: BelievedFix): KeepStep {
  if (state.lateAt !== undefined && Math.abs(fix.at - state.lateAt) < LATE_EVERY_MS) return { state };
  return { state: { ...state, lateAt: fix.at }, kept: { ...quantised(fix, 0), late: true } };
}

function quantised(fix: BelievedFix, rejected: number): FixInput {
  const { accuracyM, satellitesUsed, rollover } = fix;
  return {
    kind: 'fix',
    at: fix.at,
    latitude: quantise(fix.latitude, QUANTUM.degrees),
    longitude: quantise(fix.longitude, QUANTUM.degrees),
    moving: fix.moving,
    ...(accuracyM === undefined ? {} : { accuracyM: quantise(accuracyM, QUANTUM.accuracyM) }),
    ...(rejected === 0 ? {} : { rejected }),
    ...(satellitesUsed === undefined ? {} : { satellitesUsed }),
    ...(rollover ? { rollover } : {}),
  };
}

/** The rows of what is kept. */
export function rowOfFix(input: FixInput): RowOf<'fix'> {
  const { at, latitude, longitude, accuracyM, moving, rejected, satellitesUsed, rollover, late } = input;
  return {
    kind: 'fix',
    at: isoOf(at),
    latitude,
    longitude,
    ...(accuracyM === undefined ? {} : { accuracyM }),
    moving,
    ...(rejected === undefined ? {} : { rejected }),
    ...(satellitesUsed === undefined ? {} : { satellitesUsed }),
    ...(rollover ? { rollover } : {}),
    ...(late ? { late: true as const } : {}),
  };
}
export const rowOfLost = ({ at, last }: LostInput): RowOf<'lost'> => ({
  kind: 'lost',
  at: isoOf(at),
  ...(last === undefined ? {} : { last: isoOf(last) }),
});
