import { Temporal } from 'temporal-polyfill';
import type { Agenda, Stop, Visit } from '../protocol/agenda.ts';
import { destination, type Place } from '../protocol/geo.ts';
import { HOUSE_BATTERY } from './battery.ts';
import { commune } from './communes.ts';
import { type Fault, parseFaults, stormFaults } from './faults.ts';
import { makeRandom } from './random.ts';
import { REFERENCE_STOPS, referenceVan } from './referenceDay.ts';
import { type RoadSettings, VILLAGE_STREET } from './route.ts';
import { makeVan, type Step, type Van } from './van.ts';
import type { WorldPlan } from './world.ts';

/**
 * The days that `simulate` can play. `demo`: a tour in short stops and real time, with what goes wrong on one; `plain`:
 * one stop 400 m away, and the van stays; `reference`: the day of nine hours, from now.
 */
export const STORIES = ['demo', 'plain', 'reference'] as const;
export type StoryName = (typeof STORIES)[number];

const LIGUEIL = commune('Ligueil');
const START: Place = destination(LIGUEIL, 400, 200);
/** In the same commune, far enough for its own circle. */
const SECOND: Place = destination(LIGUEIL, 1500, 65);
const OUT_OF_TOWN: RoadSettings = { ...VILLAGE_STREET, maxKmh: 70, crooked: 0.06 };

/** Seconds after the start. The 4G is gone from 185 to 245, so that the departure is told in time. */
const SAG_S = { from: 150, to: 240 };
const CELL_LOST_S = { from: 185, to: 245 };
const LEAVES_S = 255;
const ENGINE_OFF_AFTER_S = 8;

const FIRST_STEPS: readonly Step[] = [
  { kind: 'drive', to: LIGUEIL, road: VILLAGE_STREET, name: 'Ligueil' },
  { kind: 'halt', untilS: LEAVES_S, engineOffAfterS: ENGINE_OFF_AFTER_S, name: 'Ligueil', open: true },
];
const STEPS: Record<'demo' | 'plain', readonly Step[]> = {
  plain: FIRST_STEPS,
  demo: [
    ...FIRST_STEPS,
    { kind: 'drive', to: SECOND, road: OUT_OF_TOWN, name: 'second stop' },
    { kind: 'halt', forS: 3600, engineOffAfterS: ENGINE_OFF_AFTER_S, name: 'second stop', open: true },
  ],
};

const STORY_FAULTS: readonly Fault[] = [
  { name: 'battery_sag', fromS: SAG_S.from, toS: SAG_S.to },
  { name: 'network_lost', fromS: CELL_LOST_S.from, toS: CELL_LOST_S.to },
];
const STORM_LASTS_S = 24 * 3600;

const vanOf = (story: StoryName, seed: number): Van =>
  story === 'reference' ? referenceVan(seed) : makeVan(START, STEPS[story], makeRandom(seed).fork('road'));

function faultsOf(text: string, seed: number): readonly Fault[] | string {
  if (text === 'none') return [];
  if (text === 'story') return STORY_FAULTS;
  if (text === 'storm') return stormFaults(makeRandom(seed).fork('storm'), 20, STORM_LASTS_S);
  return parseFaults(text);
}

/** The plan of a story under `faults` (`none`, `story`, `storm` or names), or the sentence that says what is wrong. */
export function storyPlan(
  story: StoryName,
  faults: string,
  seed: number,
  startMs: number,
): WorldPlan | string {
  const found = faultsOf(faults, seed);
  if (typeof found === 'string') return found;
  // In the demo the battery is no longer full: the sag must end below every alert's level.
  const battery = story === 'demo' ? { ...HOUSE_BATTERY, soc: 34 } : HOUSE_BATTERY;
  return { startMs, seed, van: vanOf(story, seed), faults: found, battery };
}

const stop = (id: string, name: string, insee: string, place: Place, radius: number): Stop => ({
  id,
  name,
  commune: insee,
  lat: Math.round(place.latitude * 1e5) / 1e5,
  lon: Math.round(place.longitude * 1e5) / 1e5,
  radius,
  services: ['Accueil', 'Demande de logement', 'Loyer'],
});

const later = (name: string): Stop => {
  const place = commune(name);
  return stop(`${place.insee}-mairie`, `${name}, mairie`, place.insee, place, 80);
};

const DEMO_STOPS = {
  first: stop('37130-mairie', 'Ligueil, place de la mairie', LIGUEIL.insee, LIGUEIL, 80),
  second: stop('37130-gare', 'Ligueil, place de la gare', LIGUEIL.insee, SECOND, 80),
  preuilly: later('Preuilly-sur-Claise'),
  descartes: later('Descartes'),
  pressigny: later('Le Grand-Pressigny'),
};

const MINUTE_S = 60;
const HOUR_S = 3600;

/** A window in local time, so many seconds after now; the seconds stay, for windows of minutes. */
function visit(id: string, at: Stop, now: Temporal.ZonedDateTime, fromS: number, toS: number): Visit {
  const from = now.add({ seconds: fromS });
  const time = (t: Temporal.ZonedDateTime) => t.toPlainTime().toString({ smallestUnit: 'second' });
  return {
    id,
    stop: at.id,
    date: from.toPlainDate().toString(),
    from: time(from),
    to: time(now.add({ seconds: toS })),
  };
}

const DAY_S = 24 * HOUR_S;

/** The agenda that fits the `demo` story begun at `nowMs`: two stops of minutes, then planned ones for the pages. */
export function demoAgenda(nowMs: number, timezone: string): Agenda {
  const now = Temporal.Instant.fromEpochMilliseconds(nowMs).toZonedDateTimeISO(timezone).round('second');
  const { first, second, preuilly, descartes, pressigny } = DEMO_STOPS;
  return {
    version: 1,
    timezone,
    stops: Object.values(DEMO_STOPS),
    visits: [
      visit('demo-1', first, now, -1 * MINUTE_S, 4 * MINUTE_S),
      visit('demo-2', second, now, 5 * MINUTE_S, 35 * MINUTE_S),
      visit('demo-3', preuilly, now, 45 * MINUTE_S, 75 * MINUTE_S),
      visit('demo-4', descartes, now, DAY_S, DAY_S + 2 * HOUR_S),
      visit('demo-5', pressigny, now, 2 * DAY_S, 2 * DAY_S + 2 * HOUR_S),
      visit('demo-6', first, now, 7 * DAY_S, 7 * DAY_S + 2 * HOUR_S),
    ],
  };
}

/** The agenda of the reference day begun at `startMs`. */
export function referenceAgenda(startMs: number, timezone: string): Agenda {
  const start = Temporal.Instant.fromEpochMilliseconds(startMs).toZonedDateTimeISO(timezone).round('second');
  const [ligueil, preuilly] = REFERENCE_STOPS.map((c) => later(c.name)) as [Stop, Stop];
  return {
    version: 1,
    timezone,
    stops: [ligueil, preuilly],
    visits: [
      visit('reference-1', ligueil, start, 1 * HOUR_S, 4 * HOUR_S),
      visit('reference-2', preuilly, start, 5 * HOUR_S, 8 * HOUR_S),
    ],
  };
}

/** The agenda that a story needs. */
export const storyAgenda = (story: StoryName, nowMs: number, timezone: string): Agenda =>
  story === 'reference' ? referenceAgenda(nowMs, timezone) : demoAgenda(nowMs, timezone);
