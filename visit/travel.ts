import type { Place } from '../protocol/geo.ts';
import { apartM } from './place.ts';

/**
 * What earlier visits taught: where the van parks at a stop, and how long it takes from one stop to the next.
 * Written as `learnt` rows when a visit ends, and folded like any other input.
 */
export type Learnt = {
  /** Stop at which the visit was. */
  readonly stop: string;
  /** Where the van stood. */
  readonly spot?: Place;
  /** Stop from which it came, and how long the way took. */
  readonly from?: string;
  readonly travelS?: number;
};

/** A parking place with the number of visits that used it. */
export type Spot = Place & { readonly visits: number };
export type Memory = {
  readonly spots: Readonly<Record<string, readonly Spot[]>>;
  /** Seconds from stop to stop, newest last, by `from to`. */
  readonly ways: Readonly<Record<string, readonly number[]>>;
};
export const noMemory: Memory = { spots: {}, ways: {} };

/** Visits that stood within this of each other used one spot (facts/presence.md §6). */
export const SPOT_M = 15;
const SPOTS_A_STOP = 4;
const TIMES_A_WAY = 8;
const MAX_STOPS = 300;

/** The newest entries of a record, so that memory stays bounded whatever the agendas name. */
function put<V>(record: Readonly<Record<string, V>>, key: string, value: V): Readonly<Record<string, V>> {
  const { [key]: _, ...rest } = record;
  const entries = Object.entries(rest).slice(-(MAX_STOPS - 1));
  return Object.fromEntries([...entries, [key, value]]);
}

export function learn(memory: Memory, { stop, spot, from, travelS }: Learnt): Memory {
  let { spots, ways } = memory;
  if (spot) spots = put(spots, stop, spotsAfter(spots[stop] ?? [], spot));
  if (from !== undefined && travelS !== undefined) {
    const way = `${from} ${stop}`;
    ways = put(ways, way, [...(ways[way] ?? []), travelS].slice(-TIMES_A_WAY));
  }
  return { spots, ways };
}

function spotsAfter(spots: readonly Spot[], at: Place): readonly Spot[] {
  const near = spots.find((spot) => apartM(spot, at) <= SPOT_M);
  const rest = spots.filter((spot) => spot !== near).slice(-(SPOTS_A_STOP - 1));
  if (!near) return [...rest, { latitude: at.latitude, longitude: at.longitude, visits: 1 }];
  const share = 1 / (near.visits + 1);
  const mean = (a: number, b: number) => Math.round((a + (b - a) * share) * 1e6) / 1e6;
  return [
    ...rest,
    {
      latitude: mean(near.latitude, at.latitude),
      longitude: mean(near.longitude, at.longitude),
      visits: near.visits + 1,
    },
  ];
}

/** The spot that at least two earlier visits used, where the van stands now. */
export const spotAt = (memory: Memory, stop: string, at: Place): Spot | undefined =>
  memory.spots[stop]?.find((spot) => spot.visits >= 2 && apartM(spot, at) <= SPOT_M);

/** From when to when the van is expected, epoch ms; `learnt`: from earlier drives, else from the distance alone. */
export type Expected = {
  readonly fromMs: number;
  readonly toMs: number;
  readonly basis: 'learnt' | 'distance';
};

/** Drives of the same way needed before their times are believed. */
const WAYS_NEEDED = 2;
/** Road against the crow's flight, and door-to-door speeds of country roads, m/s. */
const ROAD_SHORT = 1.15;
const ROAD_LONG = 1.5;
const FAST_MPS = 20;
const SLOW_MPS = 11;
const STEP_MS = 300_000;

/** Estimates are told in steps of five minutes (hazards.md §4). */
export const inSteps = (fromMs: number, toMs: number) => {
  const from = Math.floor(fromMs / STEP_MS) * STEP_MS;
  return { fromMs: from, toMs: Math.max(from + STEP_MS, Math.ceil(toMs / STEP_MS) * STEP_MS) };
};

/** Arrival after a departure at `departMs` from `from`, by the times learnt; `undefined` when too few are. */
export function expectedByWay(
  memory: Memory,
  from: string,
  stop: string,
  departMs: number,
): Expected | undefined {
  const times = memory.ways[`${from} ${stop}`];
  if (!times || times.length < WAYS_NEEDED) return undefined;
  const mean = times.reduce((sum, s) => sum + s, 0) / times.length;
  const variance = times.reduce((sum, s) => sum + (s - mean) ** 2, 0) / (times.length - 1);
  const spread = Math.max(60, 1.5 * Math.sqrt(variance), 0.08 * mean);
  return {
    fromMs: departMs + 1000 * (mean - spread),
    toMs: departMs + 1000 * (mean + spread),
    basis: 'learnt',
  };
}

/** Arrival by distance alone, from where the van is now. */
export function expectedByDistance(at: Place, to: Place, nowMs: number): Expected {
  const crow = apartM(at, to);
  return {
    fromMs: nowMs + (1000 * crow * ROAD_SHORT) / FAST_MPS,
    toMs: nowMs + (1000 * crow * ROAD_LONG) / SLOW_MPS,
    basis: 'distance',
  };
}
