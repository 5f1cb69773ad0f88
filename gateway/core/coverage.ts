import type { LinkStateWord } from '../../protocol/alerts.ts';
import { bearingDeg, distanceM, type Place } from '../../protocol/geo.ts';
import { localOf } from '../../visit/format.ts';
import type { ExpectedCoverage } from './alerts/types.ts';

/**
 * What the van has learnt of the network by place: on how many passes a parked van had none, and how strong the signal
 * was a few dozen metres on. On duty only, parked only, and bounded. Pure.
 */

/** One square of some 50 m. A day counts once. */
type Cell = Place & {
  readonly passes: number;
  readonly without: number;
  /** Mean reference signal, dBm. */
  readonly rsrpDbm?: number;
  /** The day under way: samples, and how many of them without a link. */
  readonly day: number;
  readonly samples: number;
  readonly bad: number;
};

/** JSON-serialisable. */
export type CoverageState = { readonly cells: Readonly<Record<string, Cell>> };
export const initialCoverage = (): CoverageState => ({ cells: {} });

export type CoverageSample = {
  readonly at: number;
  readonly place: Place;
  readonly link: LinkStateWord;
  readonly rsrpDbm?: number;
};

const CELL_DEG = 0.0005;
const MAX_CELLS = 2000;
/** Fewer samples of a day say nothing of it: the van was passing. */
const MIN_SAMPLES = 3;
const DAY_MS = 86_400_000;

/** Takes a sample of a parked van on duty, about one a minute. */
export function stepCoverage(state: CoverageState, sample: CoverageSample): CoverageState {
  const { at, place, rsrpDbm } = sample;
  const key = keyOf(place);
  const day = Math.floor(at / DAY_MS);
  const known = state.cells[key];
  const before = known && known.day !== day ? closeDay(known, day) : known;
  const share = 1 / Math.min(50, (before?.samples ?? 0) + (before?.passes ?? 0) * 10 + 1);
  const mean = before?.rsrpDbm ?? rsrpDbm;
  const cell: Cell = {
    ...(before ?? { latitude: place.latitude, longitude: place.longitude, passes: 0, without: 0 }),
    day,
    samples: (before?.samples ?? 0) + 1,
    bad: (before?.bad ?? 0) + (sample.link === 'offline' || sample.link === 'bad' ? 1 : 0),
    ...(mean === undefined ? {} : { rsrpDbm: mean + share * ((rsrpDbm ?? mean) - mean) }),
  };
  return { cells: bounded({ ...state.cells, [key]: cell }) };
}

const keyOf = ({ latitude, longitude }: Place): string =>
  `${Math.round(latitude / CELL_DEG)},${Math.round((longitude * Math.cos((latitude * Math.PI) / 180)) / CELL_DEG)}`;

function closeDay(cell: Cell, day: number): Cell {
  const { passes, without } = countsOf(cell);
  return { ...cell, passes, without, day, samples: 0, bad: 0 };
}

/** Passes with the day under way counted. */
function countsOf({ passes, without, samples, bad }: Cell): { passes: number; without: number } {
  if (samples < MIN_SAMPLES) return { passes, without };
  return { passes: passes + 1, without: without + (bad * 2 > samples ? 1 : 0) };
}

/** The places longest unseen go first. */
function bounded(cells: CoverageState['cells']): CoverageState['cells'] {
  const names = Object.keys(cells);
  if (names.length <= MAX_CELLS) return cells;
  const oldest = names.reduce((old, name) => (cells[name]!.day < cells[old]!.day ? name : old));
  const { [oldest]: _gone, ...rest } = cells;
  return rest;
}

const HERE_M = 60;
const BETTER_M = 250;
/** Stronger by this is worth a move. */
const BETTER_DB = 6;
const MIN_PASSES = 2;

/** What is expected at a place; `undefined` when it was hardly ever seen, or is well covered. */
export function coverageAt(
  state: CoverageState,
  place: Place,
): { passes: number; without: number; betterM?: number; betterDeg?: number } | undefined {
  const near = Object.values(state.cells).map((cell) => ({
    cell,
    ...countsOf(cell),
    m: distanceM(place, cell),
  }));
  const here = near
    .filter(({ m }) => m <= HERE_M)
    .reduce<(typeof near)[number] | undefined>(
      (most, c) => (!most || c.passes > most.passes ? c : most),
      undefined,
    );
  if (!here || here.passes < MIN_PASSES || here.without * 2 <= here.passes) return undefined;
  const better = near
    .filter(({ m, passes, without }) => m > HERE_M / 2 && m <= BETTER_M && passes > 0 && without * 2 < passes)
    .filter(
      ({ cell }) => (cell.rsrpDbm ?? Number.NEGATIVE_INFINITY) >= (here.cell.rsrpDbm ?? -130) + BETTER_DB,
    )
    .sort((a, b) => a.m - b.m)[0];
  return {
    passes: here.passes,
    without: here.without,
    ...(better
      ? { betterM: Math.round(better.m / 10) * 10, betterDeg: Math.round(bearingDeg(place, better.cell)) }
      : {}),
  };
}

export type CoverageVisit = {
  readonly visit: string;
  readonly name: string;
  readonly place: Place;
  readonly fromMs: number;
  readonly toMs: number;
};

const EVENING_HOUR = 17;
const EVENING_AHEAD_MS = 18 * 3_600_000;
const APPROACH_MS = 45 * 60_000;

/** What there is to say now: from the evening before, and on approach, until the visit is over. */
export function coverageNews(
  state: CoverageState,
  visits: readonly CoverageVisit[],
  at: number,
  timezone: string,
): ExpectedCoverage | undefined {
  const isEvening = localOf(at, timezone).hour >= EVENING_HOUR;
  for (const { visit, name, place, fromMs, toMs } of visits) {
    const isNear = fromMs - at <= APPROACH_MS || (isEvening && fromMs - at < EVENING_AHEAD_MS);
    const expected = toMs > at && isNear ? coverageAt(state, place) : undefined;
    if (expected) return { visit, name, fromMs, ...expected };
  }
  return undefined;
}
