import type { Stop } from '../protocol/agenda.ts';
import type { Place } from '../protocol/geo.ts';

/** Where a visit takes place: a circle, or a polygon with the circle as its summary. Metres. */
export type VisitPlace = Place & {
  readonly radiusM: number;
  /** Ring of [longitude, latitude]. */
  readonly ring?: readonly (readonly [number, number])[];
};

/** Metres of a degree of latitude, mean sphere; the error over a circle of some hundred metres is below 0.5 %. */
const DEGREE_M = 111_195;
const RADIANS = Math.PI / 180;

let cosineOf = Number.NaN;
let cosine = 1;
/** Metres of a degree of longitude; neighbours in time are neighbours in place, so the last cosine is kept. */
function longitudeDegreeM(latitude: number): number {
  const key = Math.round(latitude * 100) / 100;
  if (key !== cosineOf) {
    cosineOf = key;
    cosine = Math.cos(key * RADIANS);
  }
  return DEGREE_M * cosine;
}

/** Metres between two places; without allocation, because it is asked several times a fix. */
export function apartM(a: Place, b: Place): number {
  const east = (b.longitude - a.longitude) * longitudeDegreeM(a.latitude);
  const north = (b.latitude - a.latitude) * DEGREE_M;
  return Math.sqrt(east * east + north * north);
}

export const placeOfStop = (stop: Stop): VisitPlace => ({
  latitude: stop.lat,
  longitude: stop.lon,
  radiusM: stop.radius,
  ...(stop.polygon ? { ring: stop.polygon } : {}),
});

/** Metres of `p` beyond the edge of the place; negative inside. */
export function beyondM(place: VisitPlace, p: Place): number {
  return place.ring ? beyondRingM(place.ring, p) : apartM(place, p) - place.radiusM;
}

/** Distance to the nearest side, with the sign of even-odd containment. */
function beyondRingM(ring: readonly (readonly [number, number])[], p: Place): number {
  const scale = longitudeDegreeM(p.latitude);
  let nearest = Number.POSITIVE_INFINITY;
  let inside = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const ax = (ring[j]![0] - p.longitude) * scale;
    const ay = (ring[j]![1] - p.latitude) * DEGREE_M;
    const bx = (ring[i]![0] - p.longitude) * scale;
    const by = (ring[i]![1] - p.latitude) * DEGREE_M;
    const [dx, dy] = [bx - ax, by - ay];
    const length2 = dx * dx + dy * dy;
    const along = length2 === 0 ? 0 : Math.max(0, Math.min(1, -(ax * dx + ay * dy) / length2));
    nearest = Math.min(nearest, Math.hypot(ax + along * dx, ay + along * dy));
    if (ay > 0 !== by > 0 && ax - (ay * dx) / dy > 0) inside = !inside;
  }
  return inside ? -nearest : nearest;
}
