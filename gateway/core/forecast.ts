import type { PowerReading } from '../../protocol/readings.ts';
import { localOf } from '../../visit/format.ts';
import {
  breakMeasure,
  initialLearnt,
  type Learnt,
  learnCapacity,
  learnSlot,
  likelyA,
  type Setting,
} from './forecastLearn.ts';
import type { AlertSettings } from './settings.ts';

/**
 * When will the house battery be empty? The current that a van takes is learnt for each hour of the day, at a stop,
 * between stops and off duty apart, engine and sun included; today's departure from what is usual is carried on. So
 * the coffee machine of this minute does not shorten the afternoon, and a lunch with the engine on lengthens it.
 */

/** When the reserve will be reached, and between which times four times in five; epoch ms. */
export type Forecast = {
  readonly emptyAt: number;
  readonly earlyAt: number;
  readonly lateAt: number;
};

type Window = { readonly fromMs: number; readonly toMs: number };

/** JSON-serialisable. */
export type ForecastState = {
  readonly at?: number;
  readonly soc?: number;
  readonly amps?: number;
  readonly learnt: Learnt;
  /** The slot under way: one setting, one hour. */
  readonly slot?: {
    readonly setting: Setting;
    readonly hour: number;
    readonly startedAt: number;
    readonly ampSeconds: number;
    readonly seconds: number;
  };
  /** Today against the usual, ampere-seconds of consumption at stops. */
  readonly today?: { readonly day: number; readonly usedAs: number; readonly usualAs: number };
  /** Mean current of the last half hour, and what was usual then. */
  readonly recent?: { readonly amps: number; readonly usualA: number; readonly seconds: number };
};

export const initialForecast = (): ForecastState => ({ learnt: initialLearnt() });

/** A gap between readings longer than this is not integrated over. */
const MAX_GAP_S = 60;
const RECENT_S = 1800;
const STEP_MS = 5 * 60_000;
const HORIZON_MS = 20 * 3_600_000;

/** Learns from a reading. */
export function stepForecast(
  state: ForecastState,
  at: number,
  reading: PowerReading,
  visits: readonly Window[],
  timezone: string,
): ForecastState {
  const { houseA, soc } = reading;
  if (houseA === undefined) return state;
  const seconds = state.at === undefined ? 0 : (at - state.at) / 1000;
  const level = soc === undefined ? {} : { soc };
  if (seconds <= 0) return { ...state, at, amps: houseA, ...level };
  if (seconds > MAX_GAP_S)
    return { ...state, at, amps: houseA, ...level, learnt: breakMeasure(state.learnt) };
  const local = localOf(at, timezone);
  const setting = settingAt(at, visits);
  const usual = likelyA(state.learnt, setting, local.hour)?.meanA;
  const closed = closeSlot(state, setting, local.hour);
  const slot = closed.slot ?? { setting, hour: local.hour, startedAt: at, ampSeconds: 0, seconds: 0 };
  return {
    ...closed,
    at,
    amps: houseA,
    ...level,
    learnt: learnCapacity(closed.learnt, houseA * seconds, soc),
    slot: { ...slot, ampSeconds: slot.ampSeconds + houseA * seconds, seconds: slot.seconds + seconds },
    recent: recentAfter(state.recent, houseA, usual ?? houseA, seconds),
    today: todayAfter(state.today, local.month * 100 + local.day, setting, usual, houseA, seconds),
  };
}

/** A slot ends with its hour or its setting, and is learnt. */
function closeSlot(state: ForecastState, setting: Setting, hour: number): ForecastState {
  const { slot } = state;
  if (!slot || (slot.setting === setting && slot.hour === hour)) return state;
  const { slot: _ended, ...rest } = state;
  return { ...rest, learnt: learnSlot(state.learnt, slot.setting, slot.hour, slot.ampSeconds, slot.seconds) };
}

function recentAfter(
  before: ForecastState['recent'],
  amps: number,
  usualA: number,
  seconds: number,
): NonNullable<ForecastState['recent']> {
  if (!before) return { amps, usualA, seconds };
  // Until half an hour has passed it is a plain mean, then an exponential one.
  const share = seconds / Math.min(RECENT_S, before.seconds + seconds);
  return {
    amps: before.amps + share * (amps - before.amps),
    usualA: before.usualA + share * (usualA - before.usualA),
    seconds: Math.min(RECENT_S, before.seconds + seconds),
  };
}

function todayAfter(
  before: ForecastState['today'],
  day: number,
  setting: Setting,
  usualA: number | undefined,
  amps: number,
  seconds: number,
): NonNullable<ForecastState['today']> {
  const today = before?.day === day ? before : { day, usedAs: 0, usualAs: 0 };
  if (setting !== 'stop' || usualA === undefined || usualA >= 0) return today;
  return { day, usedAs: today.usedAs - amps * seconds, usualAs: today.usualAs - usualA * seconds };
}

/**
 * The forecast now; `undefined` where none can be made (no state of charge, no capacity, nothing seen yet) or where
 * the battery outlasts the next 20 hours.
 */
export function forecastOf(
  state: ForecastState,
  at: number,
  visits: readonly Window[],
  settings: AlertSettings,
): Forecast | undefined {
  const capacityAh = settings.capacityAh ?? state.learnt.capacityAh;
  const { soc, recent } = state;
  if (soc === undefined || capacityAh === undefined || recent === undefined) return undefined;
  const leftAh = ((soc - settings.reserveSoc) / 100) * capacityAh;
  const fullAh = ((100 - settings.reserveSoc) / 100) * capacityAh;
  const run = (sign: -1 | 0 | 1) => emptyAt(state, at, leftAh, fullAh, visits, settings.timezone, sign);
  const likely = run(0);
  if (likely === undefined) return undefined;
  return { emptyAt: likely, earlyAt: run(1) ?? likely, lateAt: run(-1) ?? at + HORIZON_MS };
}

/** Steps forward until the reserve is reached; `sign` adds or takes off the spread of the load. */
function emptyAt(
  state: ForecastState,
  at: number,
  leftAh: number,
  fullAh: number,
  visits: readonly Window[],
  timezone: string,
  sign: -1 | 0 | 1,
): number | undefined {
  const hours = STEP_MS / 3_600_000;
  let left = leftAh;
  if (left <= 0) return at;
  // One look at the zone: an hour of summer time in the night between is no matter here.
  const { hour, minute } = localOf(at, timezone);
  for (let t = at; t < at + HORIZON_MS; t += STEP_MS) {
    const aheadS = (t - at) / 1000;
    const hourThen = Math.floor(hour + (minute * 60 + aheadS) / 3600) % 24;
    const amps = expectedA(state, settingAt(t, visits), hourThen, aheadS, sign);
    const next = Math.min(fullAh, left + amps * hours);
    if (next <= 0) return Math.round(t + (left / -amps) * 3_600_000);
    left = next;
  }
  return undefined;
}

/** Half an hour of usual consumption weighs against today's own before that is believed. */
const PRIOR_S = 1800;
/** Four times in five within this many deviations. */
const SPREAD = 1.28;

function expectedA(
  state: ForecastState,
  setting: Setting,
  hour: number,
  aheadS: number,
  sign: -1 | 0 | 1,
): number {
  const recent = state.recent!;
  const usual = likelyA(state.learnt, setting, hour);
  if (!usual) return recent.amps * (1 + sign * SPREAD * 0.3);
  const mean = usual.meanA * (usual.meanA < 0 ? todayFactor(state, usual.meanA) : 1);
  // The longer the stretch, the better its hours average out.
  const spread = usual.deviationA / Math.sqrt(1 + aheadS / 7200);
  return mean + strangeA(state, setting, aheadS) - sign * SPREAD * spread;
}

/** What is this far from the usual of its hour is no kettle: a heater left on, a charger that failed. */
const STRANGE_DEVIATIONS = 2.5;
const STRANGE_MIN_A = 3;
const FADE_S = 4 * 3600;

/** The part of the last half hour's current that today's factor does not explain and that will stay a while. */
function strangeA(state: ForecastState, setting: Setting, aheadS: number): number {
  const { recent, slot, learnt } = state;
  if (!recent || slot?.setting !== setting) return 0;
  const usual = likelyA(learnt, setting, slot.hour);
  const off = recent.amps - recent.usualA * (recent.usualA < 0 ? todayFactor(state, recent.usualA) : 1);
  const limit = Math.max(STRANGE_MIN_A, STRANGE_DEVIATIONS * (usual?.deviationA ?? 0));
  return Math.abs(off) < limit ? 0 : off * Math.exp(-aheadS / FADE_S);
}

/** Today's consumption against the usual, drawn towards 1 until enough of today is known. */
function todayFactor({ today }: ForecastState, usualA: number): number {
  if (!today) return 1;
  const prior = PRIOR_S * Math.abs(usualA);
  return (today.usedAs + prior) / (today.usualAs + prior);
}

/**
 * By the plan, for what is learnt as for what is foreseen: a crew that arrives early and leaves late does so on most
 * days, and the hours learnt hold it.
 */
const settingAt = (t: number, visits: readonly Window[]): Setting => {
  if (visits.some((v) => v.fromMs <= t && t < v.toMs)) return 'stop';
  return visits.some((v) => v.toMs > t && v.fromMs - t < 4 * 3_600_000) ? 'between' : 'off';
};
