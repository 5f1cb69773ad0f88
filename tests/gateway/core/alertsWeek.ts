import {
  type AlertInput,
  type AlertsState,
  initialAlerts,
  isNotice,
  restartedAlerts,
  stepAlerts,
} from '../../../gateway/core/alerts.ts';
import { type AlertSettings, alertSettings } from '../../../gateway/core/settings.ts';
import type { HealthReading, PowerReading } from '../../../protocol/readings.ts';
import type { RowOf } from '../../../protocol/rows.ts';
import { msOf } from '../../../protocol/time.ts';
import { makeDayOfLoads } from '../../../simulators/loads.ts';
import { makeRandom, type Random } from '../../../simulators/random.ts';

/**
 * A week of a tour as the alert fold sees it: power every 10 s with cranking and compressors, holes of coverage on the
 * road, tunnels, a Pi that warms up at noon. Faults are changes of these inputs between two times.
 */

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
/** Monday 23 November 2026, midnight in Paris. */
export const MONDAY = Date.parse('2026-11-23T00:00:00+01:00');
const STEP_S = 10;
const CAPACITY_AH = 200;
const STOPS = [
  [9.5 * 3600, 12 * 3600],
  [14 * 3600, 16.5 * 3600],
] as const;

/** What a fault may bend. */
export type Scene = {
  power?: PowerReading;
  engine: 'on' | 'off';
  health: HealthReading;
  link: { state: 'good' | 'degraded' | 'bad' | 'offline'; cause?: 'radio' | 'searching' | 'credentials' };
  sim: string;
  gpsBelieved: boolean;
  devices: Record<'gps' | 'power' | 'modem', 'up' | 'lost' | 'silent' | 'wrong'>;
  journal: 'ok' | 'failed' | 'full' | 'salvaged';
  cab: 'up' | 'failed';
};
export type Fault = { readonly from: number; readonly to: number; readonly bend: (scene: Scene) => void };

export type Week = {
  readonly seed: number;
  readonly days?: number;
  readonly faults?: readonly Fault[];
  readonly settings?: AlertSettings;
  readonly startSoc?: number;
};

export function runWeek({ seed, days = 5, faults = [], settings = SETTINGS, startSoc = 96 }: Week) {
  const fold = makeFold(settings);
  for (let day = 0; day < days; day++)
    runDay(fold, MONDAY + day * DAY, makeRandom(seed).fork(`day ${day}`), faults, startSoc);
  return fold;
}

export const SETTINGS = alertSettings({ chemistry: 'agm' });

/** The fold with all that it said; ticks at `nextAt` as the engine does. */
export function makeFold(settings: AlertSettings = SETTINGS, first: AlertsState = initialAlerts()) {
  let state = first;
  let nextAt = Number.POSITIVE_INFINITY;
  const events: RowOf<'alert'>[] = [];
  const step = (input: AlertInput): RowOf<'alert'>[] => {
    const said: RowOf<'alert'>[] = [];
    while (input.at > nextAt) said.push(...once({ kind: 'tick', at: nextAt }));
    said.push(...once(input));
    return said;
  };
  const once = (input: AlertInput) => {
    const result = stepAlerts(state, input, settings);
    state = result.state;
    nextAt = result.nextAt;
    events.push(...result.events);
    return result.events;
  };
  return {
    step,
    events,
    state: () => state,
    /** Switched off and on again: the state goes through the snapshot. */
    restart() {
      state = restartedAlerts(JSON.parse(JSON.stringify(state)) as AlertsState);
      nextAt = Number.POSITIVE_INFINITY;
    },
    notices: () => events.filter(isNotice),
    /** First row of an alert raised at or after `at`. */
    raised: (alert: string, at = 0) =>
      events.find((e) => e.alert === alert && e.change !== 'cleared' && timeOf(e) >= at),
  };
}
export type Fold = ReturnType<typeof makeFold>;
export const timeOf = (row: RowOf<'alert'>): number => msOf(row.at!)!;

function runDay(
  fold: Fold,
  midnight: number,
  random: Random,
  faults: readonly Fault[],
  startSoc: number,
): void {
  const loads = makeDayOfLoads({ stops: STOPS, seasonC: 9 }, random.fork('loads'));
  const holes = roadHoles(random.fork('holes'));
  const noise = random.fork('noise');
  const visits = STOPS.map(([from, to], n) => ({
    visit: `v${midnight}-${n}`,
    name: n === 0 ? 'Ligueil' : 'Preuilly',
    fromMs: midnight + from * 1000,
    toMs: midnight + to * 1000,
  }));
  fold.restart();
  fold.step({ kind: 'visits', at: midnight + 6 * HOUR, visits });
  let ah = (startSoc / 100) * CAPACITY_AH;
  let engineSince = 0;
  let told: Scene | undefined;
  for (let s = 7.5 * 3600; s < 18.5 * 3600; s += STEP_S) {
    const at = midnight + s * 1000;
    if (s === 8.5 * 3600 || s === 17.5 * 3600) fold.step({ kind: 'duty', at, on: s < 12 * 3600 });
    for (const [n, visit] of visits.entries()) {
      if (s === STOPS[n]![0]) fold.step({ kind: 'presence', at, visit: visit.visit, state: 'on_site' });
      if (s === STOPS[n]![1]) fold.step({ kind: 'presence', at, visit: visit.visit, state: 'left' });
    }
    const engine = loads.engineOn(s) ? 'on' : 'off';
    if (engine === 'off') engineSince = s;
    const amps = loads.current(s);
    ah = Math.min(CAPACITY_AH, ah + (amps * STEP_S) / 3600);
    const soc = (ah / CAPACITY_AH) * 100;
    const cranks = engine === 'on' && s - engineSince <= STEP_S;
    const scene: Scene = {
      engine,
      power: {
        soc: Math.round(soc * 10) / 10,
        houseA: amps,
        houseV: restV(soc) + amps * 0.008 + 0.01 * noise.gauss() - (cranks ? 1.2 : 0),
        chargerState: 'bulk',
        temperatureC: 9,
        starterV: cranks ? 9.9 : engine === 'on' ? 14.2 : 12.66 + 0.02 * noise.gauss(),
      },
      health: {
        throttled: cranks ? 0x50005 : 0,
        temperatureC: 52 + 10 * Math.sin((s / 86_400) * Math.PI) + noise.gauss(),
        diskFreePercent: 62,
        diskFreeMb: 18_000,
        rootReadOnly: false,
        clockSynchronised: true,
      },
      link: holes.some(([from, to]) => s >= from && s < to)
        ? { state: 'offline', cause: 'searching' }
        : { state: 'good' },
      sim: 'READY',
      gpsBelieved: !(engine === 'on' && s % 1800 < 80),
      devices: { gps: 'up', power: 'up', modem: 'up' },
      journal: 'ok',
      cab: 'up',
    };
    for (const fault of faults) if (at >= fault.from && at < fault.to) fault.bend(scene);
    tell(fold, at, scene, told);
    told = scene;
  }
}

const restV = (soc: number): number => 11.7 + 0.011 * soc;

/** Three to seven minutes without 4G on each drive, as on country roads. */
function roadHoles(random: Random): readonly (readonly [number, number])[] {
  return [8.9, 13.4, 16.7].map((hour) => {
    const from = hour * 3600 + 300 * random.next();
    return [from, from + random.between(180, 420)] as const;
  });
}

/** Tells what has changed, and readings at their own pace. */
function tell(fold: Fold, at: number, scene: Scene, before: Scene | undefined): void {
  const { power, engine, health, link, sim, gpsBelieved, devices, journal, cab } = scene;
  for (const device of ['gps', 'power', 'modem'] as const)
    if (before?.devices[device] !== devices[device])
      fold.step({ kind: 'device', at, device, state: devices[device] });
  if (power && devices.power === 'up') fold.step({ kind: 'power', at, reading: power, engine });
  if (at % 30_000 === 0) fold.step({ kind: 'health', at, reading: health });
  if (at % 30_000 === 0) fold.step({ kind: 'modem', at, reading: { sim } });
  if (before?.link.state !== link.state || before.link.cause !== link.cause)
    fold.step({ kind: 'link', at, ...link });
  if (before?.gpsBelieved !== gpsBelieved) fold.step({ kind: 'gps', at, believed: gpsBelieved, lastAt: at });
  if (before?.journal !== journal) fold.step({ kind: 'journal', at, state: journal });
  if (before?.cab !== cab) fold.step({ kind: 'part', at, part: 'cab', state: cab });
}
