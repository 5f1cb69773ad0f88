import type { Place } from '../protocol/geo.ts';
import { beyondM, type VisitPlace } from './place.ts';

/**
 * A stretch of time without positions. While the van could have come to the place in one, stayed and gone within the
 * window, nobody may say `missed` (DESIGN §2). Late positions split it.
 */
export type Hole = {
  readonly fromMs: number;
  readonly toMs: number;
  /** Metres from the place's edge at either end; 0 when unknown. */
  readonly fromM: number;
  readonly toM: number;
};
export type Window = { readonly fromMs: number; readonly toMs: number };

/** Shorter is no visit (DESIGN §2). */
export const STAY_MS = 180_000;
/** No van is faster over a whole way, metres per ms. */
const FASTEST = 0.036;
/** More holes than this are joined: the answer stays on the careful side. */
const MAX_HOLES = 16;

export function couldHide({ fromMs, toMs, fromM, toM }: Hole, window: Window): boolean {
  const arrival = Math.max(fromMs + fromM / FASTEST, window.fromMs);
  const departure = Math.min(toMs - toM / FASTEST, window.toMs);
  return departure - arrival >= STAY_MS;
}

/** Metres from the edge, as an end of a hole. */
export const endM = (place: VisitPlace, at: Place | undefined): number =>
  at === undefined ? 0 : Math.max(0, beyondM(place, at));

export function withHole(holes: readonly Hole[], hole: Hole, window: Window): readonly Hole[] {
  if (!couldHide(hole, window)) return holes;
  const last = holes.at(-1);
  if (holes.length < MAX_HOLES || !last) return [...holes, hole];
  return [...holes.slice(0, -1), { ...hole, fromMs: last.fromMs, fromM: last.fromM }];
}

/** The holes after a late position. */
export function splitHoles(
  holes: readonly Hole[],
  atMs: number,
  edgeM: number,
  window: Window,
): readonly Hole[] {
  const i = holes.findIndex((hole) => hole.fromMs < atMs && atMs < hole.toMs);
  if (i < 0) return holes;
  const hole = holes[i]!;
  const halves = [
    { ...hole, toMs: atMs, toM: edgeM },
    { ...hole, fromMs: atMs, fromM: edgeM },
  ].filter((half) => couldHide(half, window));
  const next = [...holes.slice(0, i), ...halves, ...holes.slice(i + 1)];
  return next.length > MAX_HOLES ? holes : next;
}
