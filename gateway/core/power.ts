import type { PowerReading } from '../../protocol/readings.ts';
import { initialMotor, type MotorSettings, type MotorState, type MotorWord, stepMotor } from './motor.ts';

/**
 * What the readings of the van's power sources mean, as a pure fold. A shunt sends two blocks in turn and a van may have
 * a shunt and a charger: readings are merged, each field with its own age, and a field that is not renewed for 10 s is
 * gone (no block for 10 s is a lost device, not 0 V).
 */

export type PowerSettings = MotorSettings & {
  /** A field that is not renewed for this long is unknown. */
  readonly freshMs: number;
  /** Less than this flows when nothing is on: neither charging nor discharging. */
  readonly idleA: number;
  /** A panel that gives less than this does not charge. */
  readonly sunW: number;
  /** A shunt that last saw the battery full longer ago has drifted. */
  readonly fullMaxMs: number;
  readonly chemistry: 'lead_acid' | 'agm' | 'lifepo4';
  readonly capacityAh?: number;
  readonly reserveSoc: number;
};

export const POWER_DEFAULTS: Omit<PowerSettings, keyof MotorSettings> = {
  freshMs: 10_000,
  idleA: 0.3,
  sunW: 5,
  fullMaxMs: 30 * 86_400_000,
  chemistry: 'agm',
  reserveSoc: 20,
};

export type PowerInput =
  | { readonly kind: 'reading'; readonly at: number; readonly reading: PowerReading }
  | { readonly kind: 'tick'; readonly at: number };

type Field = { readonly value: PowerReading[keyof PowerReading]; readonly at: number };
/** JSON. */
export type PowerState = {
  readonly at?: number;
  readonly fields: Partial<Readonly<Record<keyof PowerReading, Field>>>;
  readonly engine: MotorState;
  /** Last time at which the shunt was seen at 100 %. */
  readonly fullAt?: number;
};
export const initialPower = (): PowerState => ({ fields: {}, engine: initialMotor() });

/** Why the state of charge is believed, or is not. */
export type SocReason =
  | 'full_seen'
  | 'full_recently'
  | 'never_full'
  | 'full_long_ago'
  | 'voltage_disagrees'
  | 'unproven';
export type Flow = 'charging' | 'discharging' | 'idle';
export type ChargeSource = 'engine' | 'sun' | 'shore';

export type PowerView = {
  /** Fresh fields of all sources. */
  readonly reading: PowerReading;
  /** Age of each, ms. */
  readonly ages: Partial<Readonly<Record<keyof PowerReading, number>>>;
  readonly engine: MotorWord;
  readonly engineSince?: number;
  readonly soc?: { readonly percent: number; readonly trusted: boolean; readonly reason: SocReason };
  readonly flow?: Flow;
  /** From what it is charged; empty when that cannot be told. */
  readonly from: readonly ChargeSource[];
  /** Until the reserve, at the present current. */
  readonly minutesLeft?: number;
};

export type PowerStep = {
  readonly state: PowerState;
  readonly view: PowerView;
  /** When the last field that is fresh will be so no more: then nothing is known, the engine neither. */
  readonly nextAt?: number;
};

export function stepPower(before: PowerState, input: PowerInput, settings: PowerSettings): PowerStep {
  const at = Math.max(before.at ?? input.at, input.at);
  const fields = { ...before.fields };
  if (input.kind === 'reading')
    for (const [key, value] of Object.entries(input.reading))
      fields[key as keyof PowerReading] = { value, at };
  const { reading, ages } = freshOf(fields, at, settings.freshMs);
  const saysOff = reading.offReasons?.includes('engine_shutdown') ?? false;
  const engine = stepMotor(before.engine, at, reading.starterV, saysOff, settings);
  const fullAt = reading.soc === 100 && ages.soc === 0 ? at : before.fullAt;
  const state: PowerState = { at, fields, engine, ...(fullAt === undefined ? {} : { fullAt }) };
  const view = viewOf(reading, ages, state, at, settings);
  const youngestMs = Math.min(...Object.values(ages));
  return Number.isFinite(youngestMs)
    ? { state, view, nextAt: at - youngestMs + settings.freshMs + 1 }
    : { state, view };
}

function freshOf(fields: PowerState['fields'], at: number, freshMs: number) {
  const reading: Record<string, unknown> = {};
  const ages: Partial<Record<keyof PowerReading, number>> = {};
  for (const [key, field] of Object.entries(fields)) {
    if (at - field.at > freshMs) continue;
    reading[key] = field.value;
    ages[key as keyof PowerReading] = at - field.at;
  }
  return { reading: reading as PowerReading, ages };
}

function viewOf(
  reading: PowerReading,
  ages: PowerView['ages'],
  state: PowerState,
  at: number,
  settings: PowerSettings,
): PowerView {
  const flow = flowOf(reading, settings);
  const soc = socOf(reading, state, at, settings);
  const minutesLeft =
    flow === 'discharging' ? minutesLeftOf(reading, soc?.trusted ?? false, settings) : undefined;
  return {
    reading,
    ages,
    engine: state.engine.word,
    ...(state.engine.since === undefined ? {} : { engineSince: state.engine.since }),
    ...(soc ? { soc } : {}),
    ...(flow ? { flow } : {}),
    from: flow === 'charging' ? sourcesOf(reading, state.engine.word, settings) : [],
    ...(minutesLeft === undefined ? {} : { minutesLeft }),
  };
}

/** A shunt knows what flows; a charger alone knows only what it gives. */
function flowOf({ houseA, chargerA }: PowerReading, { idleA }: PowerSettings): Flow | undefined {
  if (houseA !== undefined) return houseA > idleA ? 'charging' : houseA < -idleA ? 'discharging' : 'idle';
  return chargerA !== undefined && chargerA > idleA ? 'charging' : undefined;
}

function sourcesOf(reading: PowerReading, engine: MotorWord, settings: PowerSettings): ChargeSource[] {
  const sun = (reading.panelW ?? 0) >= settings.sunW;
  const known: ChargeSource[] = [
    ...(engine === 'on' ? (['engine'] as const) : []),
    ...(sun ? (['sun'] as const) : []),
  ];
  // What is left when the engine is known to stand still and no panel gives.
  return known.length === 0 && engine === 'off' ? ['shore'] : known;
}

/** Volts under load below which a battery cannot be as full as half. */
const EMPTY_V = { lead_acid: 11.7, agm: 11.7, lifepo4: 12.4 } as const;

function socOf(
  reading: PowerReading,
  state: PowerState,
  at: number,
  settings: PowerSettings,
): PowerView['soc'] {
  const percent = reading.soc;
  if (percent === undefined) return undefined;
  const say = (trusted: boolean, reason: SocReason) => ({ percent, trusted, reason });
  const isLight = Math.abs(reading.houseA ?? 0) < 10;
  const cells = (reading.houseV ?? 0) > 18 ? 2 : 1;
  if (
    percent > 50 &&
    isLight &&
    reading.houseV !== undefined &&
    reading.houseV / cells < EMPTY_V[settings.chemistry]
  )
    return say(false, 'voltage_disagrees');
  if (state.fullAt !== undefined && at - state.fullAt <= settings.fullMaxMs) return say(true, 'full_seen');
  const sinceFullS = reading.sinceFullS ?? (state.fields.sinceFullS?.value as number | undefined);
  const synchronisations =
    reading.synchronisations ?? (state.fields.synchronisations?.value as number | undefined);
  if (synchronisations === 0) return say(false, 'never_full');
  if (sinceFullS === undefined) return say(false, 'unproven');
  return sinceFullS * 1000 <= settings.fullMaxMs ? say(true, 'full_recently') : say(false, 'full_long_ago');
}

/** From the capacity and the present current where the SOC holds, else the shunt's own estimate. */
function minutesLeftOf(reading: PowerReading, trusted: boolean, settings: PowerSettings): number | undefined {
  const { soc, houseA } = reading;
  if (trusted && settings.capacityAh !== undefined && soc !== undefined && houseA !== undefined) {
    const leftAh = (Math.max(0, soc - settings.reserveSoc) / 100) * settings.capacityAh;
    return Math.round((leftAh / -houseA) * 60);
  }
  return reading.timeToGoMin;
}
