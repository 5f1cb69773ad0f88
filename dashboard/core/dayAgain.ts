import type { Row, RowOf } from '../../protocol/rows.ts';
import { msOf } from '../../protocol/time.ts';
import type { StoredRow } from './feed.ts';

/**
 * A van's day as the page draws it: track in unbroken pieces, one series a measure, what was said and told. Points are
 * `[epoch ms, …]` so that a day of a busy van stays small.
 */
export type TrackPoint = readonly [atMs: number, latitude: number, longitude: number, moving: 0 | 1];
export type PowerPoint = readonly [
  atMs: number,
  soc: number | null,
  houseV: number | null,
  starterV: number | null,
];
export type LinkPoint = readonly [atMs: number, rank: number];

export type DayAgain = {
  /** Broken where the receiver was lost or nothing came for three minutes: a gap is drawn as a gap. */
  readonly track: readonly (readonly TrackPoint[])[];
  readonly power: readonly PowerPoint[];
  readonly link: readonly LinkPoint[];
  readonly changes: readonly RowOf<'visit'>[];
  readonly acts: readonly RowOf<'act'>[];
  readonly alerts: readonly RowOf<'alert'>[];
  readonly duty: readonly RowOf<'duty'>[];
  readonly gaps: readonly { readonly fromMs: number; readonly toMs: number }[];
};

const GAP_MS = 180_000;
/** Points of a series that a page can draw and a table can hold. */
export const MAX_POINTS = 4000;
export const LINK_RANKS = ['offline', 'bad', 'degraded', 'good'] as const;

export function dayAgain(stored: readonly StoredRow[]): DayAgain {
  const rows = stored.map(({ row }) => row);
  const of = <K extends Row['kind']>(kind: K) => rows.filter((row): row is RowOf<K> => row.kind === kind);
  const track = trackOf(rows);
  return {
    track: thinTrack(track),
    power: series(
      of('power').flatMap((row): PowerPoint[] =>
        row.at === null ? [] : [[msOf(row.at)!, row.soc ?? null, row.houseV ?? null, row.starterV ?? null]],
      ),
    ),
    link: series(
      of('link').flatMap((row): LinkPoint[] =>
        row.at === null ? [] : [[msOf(row.at)!, LINK_RANKS.indexOf(row.state)]],
      ),
    ),
    changes: of('visit'),
    acts: of('act'),
    alerts: of('alert'),
    duty: of('duty'),
    gaps: track.slice(1).map((piece, n) => ({ fromMs: track[n]!.at(-1)![0], toMs: piece[0]![0] })),
  };
}

function trackOf(rows: readonly Row[]): TrackPoint[][] {
  const pieces: TrackPoint[][] = [];
  let broken = true;
  let lastMs = Number.NEGATIVE_INFINITY;
  for (const row of rows) {
    if (row.kind === 'lost') broken = true;
    if (row.kind !== 'fix') continue;
    const at = msOf(row.at)!;
    // A late row belongs where the van already was: it draws no line backwards.
    if (at < lastMs) continue;
    if (broken || at - lastMs > GAP_MS) pieces.push([]);
    pieces.at(-1)!.push([at, row.latitude, row.longitude, row.moving ? 1 : 0]);
    broken = false;
    lastMs = at;
  }
  return pieces;
}

function thinTrack(pieces: readonly TrackPoint[][]): TrackPoint[][] {
  const total = pieces.reduce((sum, piece) => sum + piece.length, 0);
  return pieces.map((piece) => thin(piece, Math.max(2, Math.floor((MAX_POINTS * piece.length) / total))));
}

/** In order of time, whatever the order of arrival. */
const series = <T extends readonly [number, ...unknown[]]>(points: readonly T[]): T[] =>
  thin([...points].sort((a, b) => a[0] - b[0]));

/** Every n-th point, first and last kept. */
function thin<T>(points: readonly T[], most = MAX_POINTS): T[] {
  if (points.length <= most) return [...points];
  const step = (points.length - 1) / (most - 1);
  return Array.from({ length: most }, (_, n) => points[Math.round(n * step)]!);
}
