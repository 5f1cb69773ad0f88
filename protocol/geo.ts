import CheapRuler from 'cheap-ruler';

/** Geographic primitives. Latitude and longitude always travel together, in degrees WGS 84. */
export type Place = { readonly latitude: number; readonly longitude: number };

const RULER_STEP_DEG = 0.01;
const rulers = new Map<number, CheapRuler>();

/** A ruler made at the place's own latitude: error < 60 ppm at 120 m (facts/dependencies.md). */
function rulerAt(latitude: number): CheapRuler {
  const key = Math.round(latitude / RULER_STEP_DEG);
  let ruler = rulers.get(key);
  if (!ruler) {
    if (rulers.size > 2000) rulers.clear();
    ruler = new CheapRuler(key * RULER_STEP_DEG, 'meters');
    rulers.set(key, ruler);
  }
  return ruler;
}

/** Metres between two places some kilometres apart at the most; the ruler is made at the first. */
export function distanceM(from: Place, to: Place): number {
  return rulerAt(from.latitude).distance([from.longitude, from.latitude], [to.longitude, to.latitude]);
}

/** The place `distance` metres from `from` on bearing `bearingDeg` (0 north, 90 east). */
export function destination(from: Place, distance: number, bearingDeg: number): Place {
  const [longitude, latitude] = rulerAt(from.latitude).destination(
    [from.longitude, from.latitude],
    distance,
    bearingDeg,
  );
  return { latitude, longitude };
}

/** Bearing in degrees 0-360 from one place to another. */
export function bearingDeg(from: Place, to: Place): number {
  const b = rulerAt(from.latitude).bearing([from.longitude, from.latitude], [to.longitude, to.latitude]);
  return b < 0 ? b + 360 : b;
}
