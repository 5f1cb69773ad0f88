/**
 * Settings of the presence rule. One set serves every receiver and every day (docs/PRESENCE.md says how each was found).
 * Durations in ms, lengths in metres, volts.
 */
export type PresenceSettings = {
  /** Told at the earliest so long before the window. */
  readonly earlyMs: number;
  /** The halt that GPS alone must show: 99.4 % of traffic halts are shorter (facts/presence.md §4). */
  readonly dwellMs: number;
  /** Times so much while the battery shows the engine running: a van that has arrived is switched off. */
  readonly engineOnFactor: number;
  /** The same once the engine has been switched off at this place. */
  readonly dwellEngineOffMs: number;
  /** The same at a parking place learnt from earlier visits. */
  readonly dwellLearntMs: number;
  /** The longest that a doubtful place is averaged before it is judged as it is. */
  readonly doubtMs: number;
  /** The same with the engine switched off. */
  readonly doubtEngineOffMs: number;
  /** Slack beyond the edge within which a halt counts as at the stop. */
  readonly toleranceM: number;
  /** A place so far beyond the edge must not be taken for the stop (the next street). */
  readonly neighbourM: number;
  /** Start-stop van: engine off alone proves nothing. The agenda may say so too. */
  readonly startStop: boolean;
  /** A window begun so long ago without the van is late. */
  readonly lateMs: number;
  /** No position for so long is `unknown`, unless on site. */
  readonly unknownMs: number;
  /** `on_site` is held so long without a position, and so long with the engine off. */
  readonly heldMs: number;
  readonly heldEngineOffMs: number;
  /** One `approaching` lasts so long at the most. */
  readonly approachingMs: number;
  /** Starter voltage of a running engine, and of a stopped one held for `engineHoldMs` (facts/presence.md §6). */
  readonly engineOnV: number;
  readonly engineOffV: number;
  readonly engineHoldMs: number;
};

const MINUTE_MS = 60_000;

export const PRESENCE_DEFAULTS: PresenceSettings = {
  earlyMs: 45 * MINUTE_MS,
  dwellMs: 90_000,
  engineOnFactor: 4 / 3,
  dwellEngineOffMs: 15_000,
  dwellLearntMs: 20_000,
  doubtMs: 10 * MINUTE_MS,
  doubtEngineOffMs: 150_000,
  toleranceM: 20,
  neighbourM: 60,
  startStop: false,
  lateMs: 5 * MINUTE_MS,
  unknownMs: 2 * MINUTE_MS,
  heldMs: 30 * MINUTE_MS,
  heldEngineOffMs: 12 * 60 * MINUTE_MS,
  approachingMs: 30 * MINUTE_MS,
  engineOnV: 13.4,
  engineOffV: 13.2,
  engineHoldMs: 4000,
};
