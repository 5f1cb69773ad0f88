/**
 * Is the engine running? From the starter's voltage (Victron Orion-Tr Smart manual, ch. 5): 14.0 V says so at once,
 * the on level after a while, below the off level for a minute it has stopped. A smart alternator runs anywhere between
 * 12.5 and 15 V, so there only a voltage under 12.5 V proves that it has; in between, and for a reading that has gone
 * stale, the answer is `unknown`. A charger on the starter battery imitates a running engine: nothing here can tell.
 */

export type MotorWord = 'on' | 'off' | 'unknown';

export const ALTERNATORS = ['smart', 'regular'] as const;

export type MotorSettings = {
  readonly alternator: (typeof ALTERNATORS)[number];
  readonly onAtOnceV: number;
  /** Running when at this level or above for `onHoldMs`. */
  readonly onV: number;
  readonly onHoldMs: number;
  /** Stopped when below this level for `offHoldMs`. */
  readonly offV: number;
  readonly offHoldMs: number;
};

export const motorSettings = (alternator: MotorSettings['alternator'] = 'smart'): MotorSettings => ({
  alternator,
  onAtOnceV: 14.0,
  onV: alternator === 'smart' ? 13.3 : 13.8,
  onHoldMs: 10_000,
  offV: alternator === 'smart' ? 12.5 : 13.3,
  offHoldMs: 60_000,
});

/** What holds, and the word towards which the voltage has pointed since. JSON. */
export type MotorState = {
  readonly word: MotorWord;
  readonly since?: number;
  readonly towards?: MotorWord;
  readonly towardsSince?: number;
};
export const initialMotor = (): MotorState => ({ word: 'unknown' });

/** What the voltage points to now, and how long it must do so. */
function pointer(volts: number, word: MotorWord, settings: MotorSettings): readonly [MotorWord, number] {
  if (volts >= settings.onAtOnceV) return ['on', 0];
  if (volts >= settings.onV) return ['on', settings.onHoldMs];
  if (volts < settings.offV) return ['off', settings.offHoldMs];
  // Between the levels what was goes on; but a smart alternator that regulates down looks like a rested battery.
  return word === 'on' && settings.alternator === 'smart' ? ['unknown', settings.offHoldMs] : [word, 0];
}

/**
 * One step. `volts` absent: no fresh reading. `saysOff`: a DC-DC charger with engine shutdown detection reports it.
 */
export function stepMotor(
  before: MotorState,
  at: number,
  volts: number | undefined,
  saysOff: boolean,
  settings: MotorSettings,
): MotorState {
  const [towards, holdMs] = saysOff
    ? (['off', 0] as const)
    : volts === undefined
      ? (['unknown', 0] as const)
      : pointer(volts, before.word, settings);
  if (towards === before.word) return { word: before.word, ...sinceOf(before) };
  const towardsSince = before.towards === towards ? (before.towardsSince ?? at) : at;
  if (at - towardsSince >= holdMs) return { word: towards, since: at };
  return { word: before.word, ...sinceOf(before), towards, towardsSince };
}

const sinceOf = (state: MotorState) => (state.since === undefined ? {} : { since: state.since });
