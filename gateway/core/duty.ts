import type { ActWord, PresenceState } from '../../protocol/presence.ts';
import type { RowOf } from '../../protocol/rows.ts';
import { isoOf } from '../../protocol/time.ts';
import type { PlannedVisit } from '../../visit/agenda.ts';
import { DUTY_DEFAULTS, type DutySettings } from './settings.ts';

/**
 * On or off duty (DESIGN §1.8): first window − 60 min to last window + 60 min of a day, prolonged while a visit is on
 * site, and the driver's own switch above all. Off duty nothing is located. Pure fold.
 */

export type DutyWindow = {
  readonly date: string;
  readonly fromMs: number;
  readonly toMs: number;
};

export type DutyInput =
  | { readonly kind: 'windows'; readonly at: number; readonly windows: readonly DutyWindow[] }
  | { readonly kind: 'presence'; readonly at: number; readonly visit: string; readonly state: PresenceState }
  | { readonly kind: 'act'; readonly at: number; readonly act: ActWord; readonly minutes?: number }
  | { readonly kind: 'tick'; readonly at: number };

type Switch = {
  readonly on: boolean;
  readonly at: number;
  /** A pause that ends by itself, a duty begun outside the windows. */
  readonly until?: number;
  /** Day whose duty it is about; an off switch lapses when the duty of another day begins. */
  readonly date?: string;
};

/** JSON-serialisable. */
export type DutyState = {
  readonly at: number;
  readonly windows: readonly DutyWindow[];
  readonly onSite?: string;
  readonly switched?: Switch;
  readonly on: boolean;
  readonly why: Why;
  readonly since?: number;
};

type Why = RowOf<'duty'>['why'];
type Span = { readonly date: string; readonly fromMs: number; readonly toMs: number };

export type DutyStep = {
  readonly state: DutyState;
  readonly events: readonly RowOf<'duty'>[];
  readonly nextAt?: number;
};

export const initialDuty = (): DutyState => ({
  at: Number.MIN_SAFE_INTEGER,
  windows: [],
  on: false,
  why: 'agenda',
});

/** After a restart: the last duty row of the journal, so that a driver who switched off stays off. */
export function restoreDuty(
  row: RowOf<'duty'>,
  atMs: number,
  settings: DutySettings = DUTY_DEFAULTS,
): DutyState {
  const until = row.on ? { until: atMs + settings.switchedOnMs } : {};
  const switched = row.why === 'switch' ? { switched: { on: row.on, at: atMs, ...until } } : {};
  return { ...initialDuty(), at: atMs, on: row.on, why: row.why, since: atMs, ...switched };
}

/** The windows of an agenda that make a duty: a cancelled visit makes none. */
export const dutyWindows = (planned: readonly PlannedVisit[]): DutyWindow[] =>
  planned
    .filter(({ visit }) => !visit.cancelled)
    .map(({ visit, fromMs, toMs }) => ({ date: visit.date, fromMs, toMs }));

export function stepDuty(
  before: DutyState,
  input: DutyInput,
  settings: DutySettings = DUTY_DEFAULTS,
): DutyStep {
  const at = Math.max(before.at, input.at);
  const told = take({ ...before, at }, input, settings);
  const spans = spansOf(told.windows, settings);
  const dated = nameSwitch(told, spans, settings);
  const switched = dated && !hasLapsed(dated, spans, at) ? dated : undefined;
  const { switched: _old, ...rest } = told;
  const kept: DutyState = switched ? { ...rest, switched } : rest;
  const { on, why } = decide(kept, spans, settings);
  const isNew = on !== before.on;
  const state: DutyState = { ...kept, on, why, ...(isNew ? { since: at } : {}) };
  const nextAt = nextChange(state, spans, settings);
  return {
    state,
    events: isNew ? [{ kind: 'duty', at: isoOf(at), on, why }] : [],
    ...(nextAt === undefined ? {} : { nextAt }),
  };
}

function take(state: DutyState, input: DutyInput, settings: DutySettings): DutyState {
  switch (input.kind) {
    case 'windows':
      return { ...state, windows: input.windows };
    case 'presence': {
      if (input.state === 'on_site') return { ...state, onSite: input.visit };
      if (state.onSite !== input.visit) return state;
      const { onSite: _left, ...rest } = state;
      return rest;
    }
    case 'act':
      return takeAct(state, input.act, input.minutes, settings);
    case 'tick':
      return state;
  }
}

function takeAct(
  state: DutyState,
  act: ActWord,
  minutes: number | undefined,
  settings: DutySettings,
): DutyState {
  const { at } = state;
  if (act === 'on_duty') return { ...state, switched: { on: true, at, until: at + settings.switchedOnMs } };
  if (act === 'off_duty') return { ...state, switched: { on: false, at } };
  if (act !== 'pause') return state;
  return {
    ...state,
    switched: { on: false, at, ...(minutes ? { until: at + minutes * 60_000 } : {}) },
  };
}

/** One span a day: from before its first window to after its last. */
/** Whether the agenda expects a duty now, whatever the driver's switch says: its silence would be counted. */
export const dutyExpected = (
  { windows }: DutyState,
  atMs: number,
  settings: DutySettings = DUTY_DEFAULTS,
): boolean => spansOf(windows, settings).some(({ fromMs, toMs }) => fromMs <= atMs && atMs <= toMs);

function spansOf(windows: readonly DutyWindow[], settings: DutySettings): Span[] {
  const days = new Map<string, Span>();
  for (const { date, fromMs, toMs } of windows) {
    const day = days.get(date);
    const from = fromMs - settings.beforeMs;
    const to = toMs + settings.afterMs;
    days.set(date, {
      date,
      fromMs: Math.min(day?.fromMs ?? from, from),
      toMs: Math.max(day?.toMs ?? to, to),
    });
  }
  return [...days.values()].sort((a, b) => a.fromMs - b.fromMs);
}

/** Which day's duty an off switch is about: the one that runs, else the next within half a day. */
function nameSwitch(state: DutyState, spans: readonly Span[], settings: DutySettings): Switch | undefined {
  const { switched } = state;
  if (!switched || switched.on || switched.date !== undefined) return switched;
  const soonMs = switched.at + 12 * 3_600_000 - settings.beforeMs;
  const day = spans.find((s) => switched.at < s.toMs && s.fromMs < soonMs);
  return day ? { ...switched, date: day.date } : switched;
}

function hasLapsed(switched: Switch, spans: readonly Span[], at: number): boolean {
  if (switched.until !== undefined && at >= switched.until) return true;
  if (switched.on) return false;
  return spans.some((s) => s.date !== switched.date && s.fromMs > switched.at && s.fromMs <= at);
}

function decide(state: DutyState, spans: readonly Span[], settings: DutySettings): { on: boolean; why: Why } {
  if (settings.mode === 'always') return { on: true, why: 'always' };
  const { at, switched } = state;
  if (switched && !switched.on) return { on: false, why: 'switch' };
  if (spans.some((s) => s.fromMs <= at && at < s.toMs)) return { on: true, why: 'agenda' };
  if (switched) return { on: true, why: 'switch' };
  if (state.on && state.onSite !== undefined && at < prolongedUntil(state, spans, settings))
    return { on: true, why: 'visit' };
  return { on: false, why: 'agenda' };
}

/** A visit still on site prolongs its day, but a van left there overnight is not followed. */
function prolongedUntil({ at }: DutyState, spans: readonly Span[], settings: DutySettings): number {
  const last = spans.findLast((s) => s.toMs <= at);
  return last ? last.toMs + settings.prolongMaxMs : Number.NEGATIVE_INFINITY;
}

function nextChange(state: DutyState, spans: readonly Span[], settings: DutySettings): number | undefined {
  if (settings.mode === 'always') return undefined;
  const times = spans.flatMap((s) => [s.fromMs, s.toMs]);
  if (state.switched?.until !== undefined) times.push(state.switched.until);
  if (state.why === 'visit') times.push(prolongedUntil(state, spans, settings));
  const ahead = times.filter((t) => t > state.at);
  return ahead.length > 0 ? Math.min(...ahead) : undefined;
}
