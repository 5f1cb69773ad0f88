import type { Fix, LinkReading, PowerReading } from '../protocol/readings.ts';
import { HOUSE_BATTERY, makeBattery } from './battery.ts';
import { commune } from './communes.ts';
import { makeGnssError } from './gnss.ts';
import { makeRadio } from './radio.ts';
import { makeRandom } from './random.ts';
import { COUNTRY_ROAD } from './route.ts';
import { makeVan, type Step, type Van } from './van.ts';

/**
 * The day by which wear and wire are measured: 9 h on the road with two stops, a receiver at 1 Hz, a shunt at 1 Hz, a
 * modem polled every 10 s. One value a device and instant, as the gateway's readers give them; same seed, same day.
 */
export type DayInput =
  | { readonly at: number; readonly kind: 'fix'; readonly fix: Fix }
  | { readonly at: number; readonly kind: 'power'; readonly reading: PowerReading }
  | { readonly at: number; readonly kind: 'link'; readonly reading: LinkReading };

/** 2026-11-24, a Tuesday, 08:00 in Paris. */
export const REFERENCE_START_MS = Date.UTC(2026, 10, 24, 7, 0, 0);
export const REFERENCE_HOURS = 9;
/** The two stops, as an agenda would name them. */
export const REFERENCE_STOPS = [commune('Ligueil'), commune('Preuilly-sur-Claise')] as const;

const HOUR_S = 3600;
const POLL_S = 10;

const STEPS: readonly Step[] = [
  { kind: 'halt', untilS: 0.6 * HOUR_S, engineOffAfterS: 0, name: 'depot' },
  { kind: 'drive', to: REFERENCE_STOPS[0], road: COUNTRY_ROAD, name: 'Ligueil' },
  { kind: 'halt', untilS: 4.2 * HOUR_S, engineOffAfterS: 30, name: 'Ligueil', open: true },
  { kind: 'drive', to: REFERENCE_STOPS[1], road: COUNTRY_ROAD, name: 'Preuilly-sur-Claise' },
  { kind: 'halt', untilS: 8 * HOUR_S, engineOffAfterS: 30, name: 'Preuilly-sur-Claise', open: true },
  { kind: 'drive', to: commune('Loches'), road: COUNTRY_ROAD, name: 'depot' },
  { kind: 'halt', untilS: REFERENCE_HOURS * HOUR_S, engineOffAfterS: 30, name: 'depot' },
];

/** The van of that day; `lengthM` is the distance that it drives. */
export function referenceVan(seed: number): Van {
  return makeVan(commune('Loches'), STEPS, makeRandom(seed).fork('road'));
}

const step = (value: number, steps: number) => Math.round(value * steps) / steps;

export function* referenceDay(seed: number): Generator<DayInput, void, undefined> {
  const van = referenceVan(seed);
  const random = makeRandom(seed);
  const gnss = makeGnssError(random.fork('gnss'));
  const battery = makeBattery(HOUSE_BATTERY, random.fork('battery'));
  const radio = makeRadio(random.fork('radio'));
  for (let s = 0; s < REFERENCE_HOURS * HOUR_S; s++) {
    const at = REFERENCE_START_MS + s * 1000;
    const truth = van.at(s);
    const seen = gnss.see(truth, 1);
    yield {
      at,
      kind: 'fix',
      fix: {
        at,
        latitude: step(seen.latitude, 1e7),
        longitude: step(seen.longitude, 1e7),
        mode: 3,
        altitudeM: step(seen.altitudeM, 10),
        accuracyM: step(Math.SQRT2 * seen.sigmaM, 10),
        hdop: seen.hdop,
        satellitesUsed: seen.satellites,
        speedMps: step(seen.speedMps, 1000),
        courseDeg: step(seen.courseDeg, 100),
      },
    };
    const power = battery.step({ ...truth, shore: truth.step === 0 }, 1);
    yield {
      at,
      kind: 'power',
      reading: {
        houseV: step(power.houseV, 1000),
        houseA: step(power.houseA, 1000),
        houseW: Math.round(power.houseV * power.houseA),
        starterV: step(power.starterV, 1000),
        soc: step(power.soc, 10),
        consumedAh: step(power.consumedAh, 1000),
        ...(power.timeToGoMin === undefined ? {} : { timeToGoMin: power.timeToGoMin }),
      },
    };
    if (s % POLL_S === 0)
      yield {
        at,
        kind: 'link',
        reading: {
          ...radio.step(POLL_S, truth.speedMps > 1),
          registration: 'home',
          technology: '4g',
          operator: 'Orange F',
          sim: 'READY',
          attached: true,
        },
      };
  }
}
