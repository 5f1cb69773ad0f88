import {
  type ForecastState,
  forecastOf,
  initialForecast,
  stepForecast,
} from '../../../gateway/core/forecast.ts';
import { alertSettings } from '../../../gateway/core/settings.ts';
import { makeDayOfLoads } from '../../../simulators/loads.ts';
import { makeRandom, type Random } from '../../../simulators/random.ts';

/** Days of a van whose loads the gateway has never seen: learn on some, forecast on others, against what happened. */

export type Trial = {
  readonly tour: Tour;
  readonly seed: number;
  readonly trainingDays: number;
  readonly testDays: number;
  /** How long before the end the forecast is asked for, ms. */
  readonly aheadMs: number;
};
/** Signed errors in minutes (forecast − truth) of the forecast, the shunt's time-to-go and a straight line. */
export type TrialResult = {
  readonly ours: readonly number[];
  readonly timeToGo: readonly number[];
  readonly straight: readonly number[];
  /** How often the truth lay between early and late. */
  readonly within: number;
};

/** Two stops with a drive between them, or a market day at one place. Hours. */
const WINDOWS = {
  two: [
    [9.5, 12],
    [14, 16.5],
  ],
  one: [[9, 17.5]],
} as const;
export type Tour = keyof typeof WINDOWS;
/** Where a day begins that will run short. */
const START_SOC = { two: [52, 66], one: [68, 92] } as const;
const CAPACITY_AH = 110;
const STEP_S = 5;
const SETTINGS = alertSettings({ chemistry: 'agm', timezone: 'Europe/Paris' });
const FIRST_DAY_MS = Date.UTC(2026, 9, 26) - 3_600_000;
const DAY_MS = 86_400_000;
/** A shunt averages its current over three minutes for its time-to-go. */
const TTG_WINDOW_S = 180;
const STRAIGHT_WINDOW_S = 3600;

type Sample = { at: number; soc: number; amps: number };
type Day = {
  samples: Sample[];
  states: { at: number; state: ForecastState }[];
  visits: { fromMs: number; toMs: number }[];
};

function runDay(
  before: ForecastState,
  index: number,
  startSoc: number,
  tour: Tour,
  random: Random,
): Day & { state: ForecastState } {
  const midnightMs = FIRST_DAY_MS + index * DAY_MS;
  const jitter = () => Math.round(300 * random.gauss());
  const windows = WINDOWS[tour];
  const stops = windows.map(
    ([from, to]) => [from * 3600 - 360 + jitter(), to * 3600 + 600 + jitter()] as const,
  );
  const loads = makeDayOfLoads({ stops, seasonC: 9 }, random.fork(`day ${index}`));
  const visits = windows.map(([from, to]) => ({
    fromMs: midnightMs + from * 3_600_000,
    toMs: midnightMs + to * 3_600_000,
  }));
  let ah = (startSoc / 100) * CAPACITY_AH;
  let state = before;
  const samples: Sample[] = [];
  const states: { at: number; state: ForecastState }[] = [];
  for (let s = 8.5 * 3600; s < 20 * 3600; s += STEP_S) {
    const at = midnightMs + s * 1000;
    const amps = loads.current(s);
    ah = Math.min(CAPACITY_AH, ah + (amps * STEP_S) / 3600);
    const soc = Math.round((ah / CAPACITY_AH) * 1000) / 10;
    state = stepForecast(state, at, { houseA: Math.round(amps * 10) / 10, soc }, visits, SETTINGS.timezone);
    samples.push({ at, soc, amps });
    if (s % 300 === 0) states.push({ at, state });
  }
  return { samples, states, visits, state };
}

/** When a plain estimate from the mean current of a window says that the reserve is reached. */
function straightLine(samples: readonly Sample[], at: number, windowS: number): number | undefined {
  const window = samples.filter((x) => x.at <= at && x.at > at - windowS * 1000);
  const amps = window.reduce((sum, x) => sum + x.amps, 0) / window.length;
  const soc = window.at(-1)!.soc;
  if (amps >= 0) return undefined;
  return at + (((soc - SETTINGS.reserveSoc) / 100) * CAPACITY_AH * 3_600_000) / -amps;
}

export function runTrial({ tour, seed, trainingDays, testDays, aheadMs }: Trial): TrialResult {
  const random = makeRandom(seed);
  let learnt = initialForecast();
  for (let day = 0; day < trainingDays; day++) learnt = runDay(learnt, day, 100, tour, random).state;
  const ours: number[] = [];
  const timeToGo: number[] = [];
  const straight: number[] = [];
  let within = 0;
  const late = 12 * 60;
  for (let n = 0; n < testDays; n++) {
    const day = runDay(
      learnt,
      trainingDays + n,
      random.between(START_SOC[tour][0], START_SOC[tour][1]),
      tour,
      random,
    );
    const empty = day.samples.find((x) => x.soc <= SETTINGS.reserveSoc)?.at;
    if (empty === undefined) continue;
    const asked = day.states.findLast((x) => x.at <= empty - aheadMs);
    if (!asked) continue;
    const forecast = forecastOf(asked.state, asked.at, day.visits, SETTINGS);
    const minutes = (at: number | undefined) =>
      at === undefined ? late : Math.max(-late, Math.min(late, (at - empty) / 60_000));
    ours.push(minutes(forecast?.emptyAt));
    timeToGo.push(minutes(straightLine(day.samples, asked.at, TTG_WINDOW_S)));
    straight.push(minutes(straightLine(day.samples, asked.at, STRAIGHT_WINDOW_S)));
    if (forecast && forecast.earlyAt <= empty && empty <= forecast.lateAt) within++;
  }
  return { ours, timeToGo, straight, within: within / ours.length };
}

export function quantile(values: readonly number[], q: number): number {
  const sorted = values.map(Math.abs).sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]!;
}
