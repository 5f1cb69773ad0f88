/**
 * «Registered, but no data»: what to do about it, as a pure fold. A ladder of three rungs, each given time to work:
 * attach again, restart the modem, cut its supply. It climbs only while the modem is registered and nothing flows, never
 * during an SMS; after the last rung it rests, for a network that is broken is not mended by restarting modems.
 * Times are monotonic milliseconds.
 */
export type RecoveryStep = 'reattach' | 'reset' | 'power_cycle';

export type RecoverySettings = {
  /** Registered without data for so long before the first rung. */
  readonly patienceMs: number;
  /** Each rung is given so long before the next. */
  readonly workMs: Readonly<Record<RecoveryStep, number>>;
  /** After the last rung, before the ladder is climbed again. */
  readonly restMs: number;
  /** Data for so long: the ladder starts at its foot again. */
  readonly wellMs: number;
  readonly canPowerCycle: boolean;
};
export const RECOVERY_DEFAULTS: RecoverySettings = {
  patienceMs: 120_000,
  workMs: { reattach: 120_000, reset: 240_000, power_cycle: 300_000 },
  restMs: 30 * 60_000,
  wellMs: 10 * 60_000,
  canPowerCycle: false,
};

export type RecoveryState = {
  /** Since when the modem is registered and nothing flows. */
  readonly stuckSinceMs?: number;
  /** Since when data flows. */
  readonly wellSinceMs?: number;
  /** Rungs climbed in this ascent, and when the last was. */
  readonly rungs: number;
  readonly lastMs?: number;
  /** The ladder is at its end and rests. */
  readonly resting: boolean;
};
export const newRecovery = (): RecoveryState => ({ rungs: 0, resting: false });

export type RecoveryInput = {
  readonly registered: boolean;
  /** Whether data flows; undefined: not known, which is no ground to restart anything. */
  readonly reachable: boolean | undefined;
  readonly smsInHand: boolean;
};

export type RecoveryDecision = {
  readonly state: RecoveryState;
  readonly step?: RecoveryStep;
  /** News for the journal: the ladder's end, or data after a rung. */
  readonly news?: 'gave_up' | 'recovered';
};

const ladderOf = (settings: RecoverySettings): readonly RecoveryStep[] =>
  settings.canPowerCycle ? ['reattach', 'reset', 'power_cycle'] : ['reattach', 'reset'];

export function stepRecovery(
  s: RecoveryState,
  input: RecoveryInput,
  settings: RecoverySettings,
  monoMs: number,
): RecoveryDecision {
  if (input.reachable === true) return onData(s, settings, monoMs);
  const { wellSinceMs: _, ...ill } = s;
  if (input.reachable === undefined || !input.registered) {
    const { stuckSinceMs: _stuck, ...rest } = ill;
    return { state: rest };
  }
  const state: RecoveryState = { ...ill, stuckSinceMs: ill.stuckSinceMs ?? monoMs };
  if (input.smsInHand || monoMs < dueMs(state, settings)) return { state };
  const ladder = ladderOf(settings);
  if (state.resting) return climb({ ...state, rungs: 0, resting: false }, ladder, monoMs);
  if (state.rungs >= ladder.length)
    return { state: { ...state, resting: true, lastMs: monoMs }, news: 'gave_up' };
  return climb(state, ladder, monoMs);
}

function climb(state: RecoveryState, ladder: readonly RecoveryStep[], monoMs: number): RecoveryDecision {
  return { state: { ...state, rungs: state.rungs + 1, lastMs: monoMs }, step: ladder[state.rungs]! };
}

/** When the next rung may be climbed: the last one has had its time, and the trouble has lasted. */
function dueMs(s: RecoveryState, settings: RecoverySettings): number {
  const patient = (s.stuckSinceMs ?? 0) + settings.patienceMs;
  if (s.lastMs === undefined) return patient;
  if (s.resting) return s.lastMs + settings.restMs;
  const last = ladderOf(settings)[s.rungs - 1];
  return Math.max(patient, s.lastMs + (last === undefined ? 0 : settings.workMs[last]));
}

/** Data flows: said once after a rung; the rungs are forgotten only when it has lasted. */
function onData(s: RecoveryState, settings: RecoverySettings, monoMs: number): RecoveryDecision {
  const { stuckSinceMs: _, ...rest } = s;
  const wellSinceMs = s.wellSinceMs ?? monoMs;
  const news = s.wellSinceMs === undefined && s.rungs > 0 ? ({ news: 'recovered' } as const) : {};
  if (monoMs - wellSinceMs >= settings.wellMs) return { state: { ...newRecovery(), wellSinceMs } };
  return { state: { ...rest, wellSinceMs }, ...news };
}
