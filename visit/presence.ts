import type { PresenceChange } from './presenceChange.ts';
import type { PresenceInput } from './presenceInput.ts';
import type { PresenceSettings } from './presenceSettings.ts';
import type { Learnt } from './travel.ts';

/** JSON; opaque to its holders. */
export type PresenceFold = { readonly at?: number };
export type PresenceStep = {
  readonly state: PresenceFold;
  readonly changes: readonly PresenceChange[];
  /** What the end of a visit teaches: the engine journals it as a `learnt` row and folds that. */
  readonly learnt: readonly Learnt[];
  /** When the fold next wants a tick. */
  readonly nextAt?: number;
};

export function initialPresence(_settings: PresenceSettings): PresenceFold {
  return {};
}

export function step(state: PresenceFold, _input: PresenceInput, _settings: PresenceSettings): PresenceStep {
  return { state, changes: [], learnt: [] };
}

export { type PresenceChange, rowOfChange } from './presenceChange.ts';
export { inputOfRow, type PresenceInput } from './presenceInput.ts';
export { PRESENCE_DEFAULTS, type PresenceSettings } from './presenceSettings.ts';
