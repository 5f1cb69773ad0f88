import { SEVERITIES, type Severity } from '../../protocol/alerts.ts';
import type { RowOf } from '../../protocol/rows.ts';
import { msOf } from '../../protocol/time.ts';
import { keyOf, stepEpisode } from './alerts/episode.ts';
import { initialFacts, takeInput } from './alerts/facts.ts';
import { kindsFor } from './alerts/kinds.ts';
import { withLearnt } from './alerts/learnt.ts';
import { alertRow } from './alerts/row.ts';
import type { AlertInput, AlertsState, AlertsStep, Episode } from './alerts/types.ts';
import type { AlertSettings } from './settings.ts';

export { isLearntRow, learntRow } from './alerts/learnt.ts';
export { isNotice } from './alerts/row.ts';
export type { AlertInput, AlertsState, AlertsStep, AlertVisit, Episode } from './alerts/types.ts';

/**
 * Alerts as episodes: raised → worsened → acknowledged → cleared. Pure fold of readings, link, health, devices,
 * presence and today's visits. Every kind is judged on every input; how long a judgement must hold, and what is told
 * again, is decided in one place (alerts/episode.ts). Table of kinds and delays: docs/ALERTS.md.
 */

/** Timers run without input: a tick at least this often. */
const TICK_MS = 30_000;

export const initialAlerts = (): AlertsState => ({
  at: Number.MIN_SAFE_INTEGER,
  facts: initialFacts(),
  holds: {},
  episodes: {},
});

export function stepAlerts(before: AlertsState, input: AlertInput, settings: AlertSettings): AlertsStep {
  const at = Math.max(before.at, input.at);
  const told = { ...before, at, facts: takeInput(before.facts, input, at, settings) };
  const events: RowOf<'alert'>[] = [];
  const acknowledged = input.kind === 'acknowledge' ? acknowledge(told, input.episode, events) : told;
  const holds = { ...acknowledged.holds };
  const episodes = { ...acknowledged.episodes };
  let nextAt = at + TICK_MS;
  for (const kind of kindsFor(told.facts, settings)) {
    const key = keyOf(kind);
    const step = stepEpisode(
      { holds: holds[key] ?? {}, episode: episodes[key] },
      kind,
      told.facts,
      settings,
      at,
    );
    if (step.holds) holds[key] = step.holds;
    else delete holds[key];
    if (step.episode) episodes[key] = step.episode;
    else delete episodes[key];
    if (step.event) events.push(step.event);
    if (step.nextAt !== undefined && step.nextAt > at) nextAt = Math.min(nextAt, step.nextAt);
  }
  return { state: { ...acknowledged, holds, episodes }, events, nextAt };
}

function acknowledge(state: AlertsState, id: string, events: RowOf<'alert'>[]): AlertsState {
  const found = Object.entries(state.episodes).find(([, e]) => e.id === id);
  if (!found || found[1].clearedAt !== undefined || found[1].acknowledgedAt !== undefined) return state;
  const [key, episode] = found;
  const next: Episode = { ...episode, acknowledgedAt: state.at };
  events.push(alertRow(next, 'acknowledged', state.at));
  return { ...state, episodes: { ...state.episodes, [key]: next } };
}

const rank = (severity: Severity): number => SEVERITIES.indexOf(severity);

/** Open episodes, those not yet seen first, the worst first, then the newest. */
export function openEpisodes(state: AlertsState): Episode[] {
  return Object.values(state.episodes)
    .filter((e) => e.clearedAt === undefined)
    .sort(
      (a, b) =>
        Number(a.acknowledgedAt !== undefined) - Number(b.acknowledgedAt !== undefined) ||
        rank(b.severity) - rank(a.severity) ||
        b.raisedAt - a.raisedAt,
    );
}

/**
 * State from the journal's alert rows (oldest first), when there is no snapshot: open episodes and their
 * acknowledgements are kept, holds begin anew. Rows of alerts that this version does not know are left out.
 */
export function restoreAlerts(
  rows: readonly RowOf<'alert'>[],
  settings: AlertSettings,
  learnt?: RowOf<'event'>,
): AlertsState {
  const initial = initialAlerts();
  const known = new Map(kindsFor(initial.facts, settings).map((k) => [keyOf(k), k]));
  const episodes: Record<string, Episode> = {};
  for (const row of rows) {
    const at = row.at === null ? undefined : msOf(row.at);
    const key = row.episode.slice(0, row.episode.indexOf(':'));
    if (at === undefined) continue;
    const kind = known.get(key);
    if (!kind && !key.startsWith('part_failed/')) continue;
    const before = episodes[key]?.id === row.episode ? episodes[key] : undefined;
    episodes[key] = follow(before, row, key, at);
  }
  return { ...initial, facts: withLearnt(initial.facts, learnt), episodes };
}

/**
 * A state of before the restart (a snapshot): what was read then says nothing of now, what was told and learnt holds.
 */
export function restartedAlerts(state: AlertsState): AlertsState {
  const { visits, forecast, places, engineChargedAt } = state.facts;
  const facts = {
    ...initialFacts(),
    visits,
    forecast,
    places,
    ...(engineChargedAt === undefined ? {} : { engineChargedAt }),
  };
  return { ...state, facts, holds: {} };
}

function follow(before: Episode | undefined, row: RowOf<'alert'>, key: string, at: number): Episode {
  const subject = key.includes('/') ? key.slice(key.indexOf('/') + 1) : undefined;
  const worst = before && rank(before.peak) > rank(row.severity) ? before.peak : row.severity;
  const seen = row.change === 'worsened' && row.values.again !== true ? undefined : before?.acknowledgedAt;
  const acknowledgedAt = row.change === 'acknowledged' ? at : seen;
  const { again: _again, ...values } = row.values;
  return {
    id: row.episode,
    alert: row.alert as Episode['alert'],
    ...(subject === undefined ? {} : { subject }),
    raisedAt: before?.raisedAt ?? at,
    severity: row.severity,
    peak: worst,
    values,
    knownAt: at,
    ...(acknowledgedAt === undefined ? {} : { acknowledgedAt }),
    ...(row.change === 'cleared' ? { clearedAt: at } : {}),
  };
}
