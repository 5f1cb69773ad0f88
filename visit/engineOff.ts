import type { PowerInput } from './presenceInput.ts';
import type { PresenceSettings } from './presenceSettings.ts';

/**
 * Is the engine running, as presence needs it: quickly. From ≥ 13.4 V to < 13.2 V held 4 s is «off»
 * (facts/presence.md §6). Smart alternators make «off» uncertain, which is why a halt must agree with it.
 */
export type EngineFold = {
  readonly word: 'on' | 'off' | 'unknown';
  /** Since when the word holds. */
  readonly since?: number;
  /** Seen below the off voltage since, not held long enough yet. */
  readonly lowSince?: number;
  readonly starterV?: number;
  readonly at?: number;
};

/** A voltage older than this says nothing any more. */
const STALE_MS = 10 * 60_000;

export function engineAfter(
  engine: EngineFold,
  { at, starterV, engine: told }: PowerInput,
  settings: PresenceSettings,
): EngineFold {
  const seen = engineAt(engine, at, settings);
  if (starterV === undefined) {
    if (!told) return seen;
    return told === seen.word ? { ...seen, at } : { word: told, since: at, at };
  }
  const { lowSince, ...settled } = { ...seen, starterV, at };
  if (starterV >= settings.engineOnV)
    return seen.word === 'on' ? settled : { ...settled, word: 'on', since: at };
  // Only a fall from a charging voltage is an engine that stops; a rested battery is low all day.
  if (starterV < settings.engineOffV && seen.word === 'on') return { ...settled, lowSince: lowSince ?? at };
  return settled;
}

/** The same at a later time: a fall that has been held becomes «off», and an old reading says nothing any more. */
export function engineAt(engine: EngineFold, at: number, settings: PresenceSettings): EngineFold {
  if (engine.lowSince !== undefined && at - engine.lowSince >= settings.engineHoldMs) {
    const { lowSince, ...rest } = engine;
    return { ...rest, word: 'off', since: lowSince };
  }
  if (engine.word === 'on' && engine.at !== undefined && at - engine.at > STALE_MS)
    return { word: 'unknown' };
  return engine;
}

/** When the word may change by itself. */
export const engineNextAt = (engine: EngineFold, settings: PresenceSettings): number | undefined =>
  engine.lowSince === undefined ? undefined : engine.lowSince + settings.engineHoldMs;
