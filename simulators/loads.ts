import type { Random } from './random.ts';

/**
 * What a mobile agency's house battery really gives and gets over a day, for the trial of the forecast. The
 * distributions stand here alone: the gateway must learn them (issue 7). Currents at 12 V, A; each day draws its own
 * weather, crew and habits, each device its own moments.
 */

export type DayPlan = {
  /** Local seconds of the day, [arrival, departure] of each stop. */
  readonly stops: readonly (readonly [number, number])[];
  /** Mean outside temperature of the season, °C. */
  readonly seasonC: number;
};

export type DayOfLoads = {
  /** Net current of the house battery at a second of the day; + charges. Called with rising seconds. */
  current(second: number): number;
  readonly engineOn: (second: number) => boolean;
  readonly onSite: (second: number) => boolean;
};

/** Always on: gateway, modem, Wi-Fi. */
const STANDBY_A = 1.1;
const FRIDGE_A = 4.2;
const KETTLE_A = 42;
const PRINTER_A = 14;
const DC_DC_A = 24;
const DRIVE_S = 38 * 60;

export function makeDayOfLoads(plan: DayPlan, random: Random): DayOfLoads {
  const outsideC = plan.seasonC + 4 * random.gauss();
  // Two people and their habits: some days are busy, some are not.
  const busy = Math.exp(0.12 * random.gauss());
  const officeA = 4.6 * busy;
  const heaterShare = Math.min(0.9, Math.max(0, (15 - outsideC) / 22));
  const clouds = Math.min(1, Math.max(0.08, 0.5 + 0.3 * random.gauss()));
  const drives = drivesOf(plan, random);
  const onSite = (s: number) => plan.stops.some(([from, to]) => s >= from && s < to);
  const engineOn = (s: number) => drives.some(([from, to]) => s >= from && s < to);
  const fridge = makeCycle(
    random,
    () => 9 + 3 * random.next() + Math.max(0, outsideC - 15) * 0.4,
    () => 26 - 6 * random.next(),
  );
  const heater = makeCycle(
    random,
    () => 2 + 16 * heaterShare * (0.6 + 0.8 * random.next()),
    () => 2 + 16 * (1 - heaterShare),
  );
  const kettle = makeHabit(random);
  const printer = makeBursts(random, 7 * busy, 35);
  return {
    engineOn,
    onSite,
    current(second) {
      const open = onSite(second);
      const light = lightA(second, clouds);
      const loads =
        STANDBY_A +
        fridge(second) * FRIDGE_A +
        (open ? officeA * (0.9 + 0.2 * random.next()) + light : 0) +
        (open && heater(second) ? 3.4 : 0) +
        (open && kettle(second) ? KETTLE_A : 0) +
        (open && printer(second) ? PRINTER_A : 0);
      const sun = sunA(second, clouds * (0.85 + 0.3 * random.next()));
      return sun + (engineOn(second) ? DC_DC_A : 0) - loads;
    },
  };
}

/** To each stop, and home after the last; a lunch lies in between with the engine off. */
function drivesOf(plan: DayPlan, random: Random): readonly (readonly [number, number])[] {
  const lengthS = () => DRIVE_S * Math.exp(0.18 * random.gauss());
  const to = plan.stops.map(([from]) => [from - lengthS(), from] as const);
  const last = plan.stops.at(-1);
  return last ? [...to, [last[1], last[1] + lengthS()] as const] : to;
}

/** On for some minutes, off for some others, drawn anew each time. */
function makeCycle(random: Random, onMin: () => number, offMin: () => number) {
  let isOn = false;
  let untilS = random.next() * 900;
  return (second: number): 0 | 1 => {
    while (second >= untilS) {
      isOn = !isOn;
      untilS += 60 * Math.max(0.5, isOn ? onMin() : offMin());
    }
    return isOn ? 1 : 0;
  };
}

/** Coffee has its hours, give or take; some days one is skipped. */
const COFFEE_HOURS = [9.75, 11.25, 13.25, 15.25, 16.5];
const COFFEE_S = 140;

function makeHabit(random: Random) {
  const cups = COFFEE_HOURS.filter(() => random.next() < 0.85).map(
    (hour) => (hour + 0.2 * random.gauss()) * 3600,
  );
  return (second: number): boolean => cups.some((cup) => second >= cup && second < cup + COFFEE_S);
}

/** `perHour` bursts of about `lengthS`, at random. */
function makeBursts(random: Random, perHour: number, lengthS: number) {
  const gapS = () => (-Math.log(1 - random.next()) * 3600) / perHour;
  let fromS = gapS();
  let untilS = fromS + lengthS;
  return (second: number): boolean => {
    while (second >= untilS) {
      fromS = untilS + gapS();
      untilS = fromS + lengthS * (0.6 + 0.8 * random.next());
    }
    return second >= fromS;
  };
}

const lightA = (second: number, clouds: number): number => {
  const hour = second / 3600;
  return hour < 9 || hour > 16.5 ? 3.2 : 1 + 1.6 * (1 - clouds);
};

/** A panel of 100 W flat on the roof, in the dark half of the year. */
function sunA(second: number, clear: number): number {
  const hour = second / 3600;
  return hour < 8 || hour > 17 ? 0 : 2.6 * clear * Math.sin(((hour - 8) / 9) * Math.PI);
}
