import { SEVERITIES, type Severity } from '../../../protocol/alerts.ts';
import type { RowOf } from '../../../protocol/rows.ts';
import { isoOf } from '../../../protocol/time.ts';
import type { AlertSettings } from '../settings.ts';
import { alertRow } from './row.ts';
import type { AlertKind, Episode, Facts, Hold, Holds, Judgement } from './types.ts';

/**
 * The one machine that all alerts share: how long a judgement must hold before it is said, both ways, and what is
 * told again. Thresholds are the kinds' business.
 */

/** An episode's key: one open episode at the most for each. */
export const keyOf = (kind: { readonly alert: string; readonly subject?: string }): string =>
  kind.subject === undefined ? kind.alert : `${kind.alert}/${kind.subject}`;

type Before = { readonly holds: Holds; readonly episode: Episode | undefined };
type After = {
  readonly holds?: Holds;
  readonly episode?: Episode;
  readonly event?: RowOf<'alert'>;
  readonly nextAt?: number;
};

const WORST_FIRST = [...SEVERITIES].reverse();
const rank = (severity: Severity): number => SEVERITIES.indexOf(severity);

export function stepEpisode(
  before: Before,
  kind: AlertKind,
  facts: Facts,
  settings: AlertSettings,
  at: number,
): After {
  const judged = kind.judge(facts, settings, at);
  if (isCalm(before, judged)) return wakeOf(kind, facts, at);
  const open = before.episode?.clearedAt === undefined ? before.episode : undefined;
  const holds = advanceAll(before.holds, judged, open, kind, settings, at);
  const waits = waitsOf(kind, settings);
  const change = judged && changeOf(judged, holds, waits, before.episode, open, kind, settings, at);
  const kept = open && judged ? { ...open, values: judged.values, knownAt: at } : before.episode;
  const episode = change ? change.episode : isForgotten(kept, kind, settings, at) ? undefined : kept;
  const nextAt = sooner(earliest(holds, waits, at), wakeOf(kind, facts, at).nextAt);
  return {
    ...(Object.keys(holds).length > 0 ? { holds } : {}),
    ...(episode ? { episode } : {}),
    ...(change ? { event: change.event } : {}),
    ...(nextAt === undefined ? {} : { nextAt }),
  };
}

/** Nothing is wrong, nothing was: what is so for most kinds most of the time. */
const isCalm = ({ holds, episode }: Before, judged: Judgement | undefined): boolean =>
  episode === undefined &&
  (judged === undefined || SEVERITIES.every((level) => judged.levels[level] !== true)) &&
  Object.keys(holds).length === 0;

function wakeOf(kind: AlertKind, facts: Facts, at: number): { readonly nextAt?: number } {
  const wakesAt = kind.wakesAt?.(facts);
  return wakesAt === undefined || wakesAt <= at ? {} : { nextAt: wakesAt };
}

const sooner = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);

/** How long each condition must hold, ms. */
type Waits = Readonly<Partial<Record<Severity | 'clear' | 'ease', number>>>;

function waitsOf(kind: AlertKind, settings: AlertSettings): Waits {
  const override = settings.holdMs[kind.alert];
  const raise =
    override === undefined
      ? kind.holdMs
      : Object.fromEntries(Object.keys(kind.holdMs).map((level) => [level, override]));
  const clear = override === undefined ? kind.clearMs : Math.min(kind.clearMs, override);
  return { ...raise, clear, ease: clear };
}

/** Each condition's hold after this moment; a short interruption is forgiven where cranking is masked. */
function advanceAll(
  holds: Holds,
  judged: Judgement | undefined,
  open: Episode | undefined,
  kind: AlertKind,
  settings: AlertSettings,
  at: number,
): Holds {
  const graceMs = kind.masked ? settings.maskMs : 0;
  const next: Record<string, Hold> = {};
  const follow = (name: keyof Holds, holdsNow: boolean) => {
    const hold = advance(holds[name], holdsNow, at, graceMs);
    if (hold) next[name] = hold;
  };
  for (const level of SEVERITIES) follow(level, judged?.levels[level] === true);
  follow('clear', open !== undefined && judged?.clear === true);
  follow('ease', open !== undefined && judged !== undefined && judged.levels[open.severity] !== true);
  return next;
}

function advance(hold: Hold | undefined, holdsNow: boolean, at: number, graceMs: number): Hold | undefined {
  if (holdsNow) return { since: hold?.since ?? at };
  if (!hold) return undefined;
  const brokenAt = hold.brokenAt ?? at;
  return at - brokenAt < graceMs ? { since: hold.since, brokenAt } : undefined;
}

const hasHeld = (hold: Hold | undefined, waitMs: number | undefined, at: number): boolean =>
  hold !== undefined && hold.brokenAt === undefined && waitMs !== undefined && at - hold.since >= waitMs;

type Change = { readonly episode: Episode; readonly event: RowOf<'alert'> };

/** What is to be said now: nothing, or one change. */
function changeOf(
  judged: Judgement,
  holds: Holds,
  waits: Waits,
  last: Episode | undefined,
  open: Episode | undefined,
  kind: AlertKind,
  settings: AlertSettings,
  at: number,
): Change | undefined {
  const level = WORST_FIRST.find((s) => hasHeld(holds[s], waits[s], at));
  if (!open) return level && raise(level, judged, last, kind, settings, at);
  if (level && rank(level) > rank(open.severity)) return worsen(open, level, judged, at);
  const told: Episode = { ...open, values: judged.values, knownAt: at };
  if (hasHeld(holds.clear, waits.clear, at)) {
    const episode: Episode = { ...told, clearedAt: at };
    return { episode, event: alertRow(episode, 'cleared', at) };
  }
  const lower = lowerLevel(judged, kind, open.severity);
  if (lower && hasHeld(holds.ease, waits.ease, at)) {
    const episode: Episode = { ...told, severity: lower };
    return { episode, event: alertRow(episode, 'eased', at) };
  }
  return undefined;
}

/** The level to ease to: the worst that still holds, else the kind's mildest. */
function lowerLevel(judged: Judgement, kind: AlertKind, from: Severity): Severity | undefined {
  const below = WORST_FIRST.filter((s) => rank(s) < rank(from) && kind.holdMs[s] !== undefined);
  return below.find((s) => judged.levels[s] === true) ?? below.at(-1);
}

/** A new episode, or the old one again when it comes back within the cool-down and is no worse. */
function raise(
  severity: Severity,
  judged: Judgement,
  last: Episode | undefined,
  kind: AlertKind,
  settings: AlertSettings,
  at: number,
): Change {
  const isSame =
    last?.clearedAt !== undefined &&
    at - last.clearedAt < coolDownOf(kind, settings) &&
    rank(severity) <= rank(last.peak);
  if (isSame) {
    const { clearedAt: _cleared, ...rest } = last;
    const episode: Episode = { ...rest, severity, values: judged.values, knownAt: at };
    return { episode, event: alertRow(episode, 'raised', at, true) };
  }
  const episode: Episode = {
    id: `${keyOf(kind)}:${isoOf(at)}`,
    alert: kind.alert,
    ...(kind.subject === undefined ? {} : { subject: kind.subject }),
    raisedAt: at,
    severity,
    peak: severity,
    values: judged.values,
    knownAt: at,
  };
  return { episode, event: alertRow(episode, 'raised', at) };
}

/** Worse than ever in this episode is told anew, whoever had seen it; back to a level already told is not. */
function worsen(open: Episode, severity: Severity, judged: Judgement, at: number): Change {
  const again = rank(severity) <= rank(open.peak);
  const { acknowledgedAt, ...rest } = open;
  const episode: Episode = {
    ...rest,
    ...(again && acknowledgedAt !== undefined ? { acknowledgedAt } : {}),
    severity,
    peak: again ? open.peak : severity,
    values: judged.values,
    knownAt: at,
  };
  return { episode, event: alertRow(episode, 'worsened', at, again) };
}

const coolDownOf = (kind: AlertKind, settings: AlertSettings): number =>
  kind.coolDownMs ?? settings.coolDownMs;

const isForgotten = (
  episode: Episode | undefined,
  kind: AlertKind,
  settings: AlertSettings,
  at: number,
): boolean => episode?.clearedAt !== undefined && at - episode.clearedAt >= coolDownOf(kind, settings);

/** The next moment at which a hold that runs will have held. */
function earliest(holds: Holds, waits: Waits, at: number): number | undefined {
  let next: number | undefined;
  for (const [name, hold] of Object.entries(holds) as [keyof Holds, Hold][]) {
    const due = hold.since + (waits[name] ?? Number.POSITIVE_INFINITY);
    if (due > at && Number.isFinite(due) && (next === undefined || due < next)) next = due;
  }
  return next;
}
