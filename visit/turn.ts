import type { PresenceState } from '../protocol/presence.ts';
import { engineAt } from './engineOff.ts';
import type { PresenceFold, VisitFold } from './fold.ts';
import type { PresenceChange } from './presenceChange.ts';
import type { PresenceSettings } from './presenceSettings.ts';
import type { Learnt } from './travel.ts';
import { changeOf } from './witness.ts';

/** A step under way. */
export type Turn = {
  fold: PresenceFold;
  readonly at: number;
  readonly settings: PresenceSettings;
  readonly changes: PresenceChange[];
  readonly learnt: Learnt[];
};

/** How long no position has been believed. */
export const unseenMs = ({ seenAt, startedAt }: PresenceFold, at: number): number =>
  at - Math.max(seenAt ?? 0, startedAt ?? 0);

/** May the van be at this visit now? */
export const mayClaim = (visit: VisitFold, at: number): boolean =>
  visit.state !== 'cancelled' &&
  at >= visit.plan.watchFromMs &&
  at < visit.plan.watchToMs &&
  (at < visit.plan.toMs || visit.state === 'approaching' || visit.state === 'on_site');

/** How long presence is believed without a position: hardly at all of a van that was rolling when it was last seen. */
export function heldMs({ fold, at, settings }: Turn): number {
  if (engineAt(fold.engine, at, settings).word === 'off' && !fold.startStop) return settings.heldEngineOffMs;
  return fold.rolling ? settings.unknownMs : settings.heldMs;
}

/** The visit in a new state (or with a new property), told. */
export function tell(
  turn: Turn,
  visit: VisitFold,
  state: PresenceState,
  evidence: Readonly<Record<string, unknown>> = {},
): VisitFold {
  const next: VisitFold = { ...visit, state, stateAt: state === visit.state ? visit.stateAt : turn.at };
  turn.changes.push(changeOf(turn, visit, next, evidence));
  return next;
}
