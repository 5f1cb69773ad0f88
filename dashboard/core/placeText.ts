/** Places as a person writes them, one a line: `47.0421, 0.8189`, or with decimal commas `47,0421; 0,8189`. */
export type LatLon = { readonly lat: number; readonly lon: number };

const PLACE = /^\s*(-?\d{1,2}(?:[.,]\d+)?)\s*[,; ]\s*(-?\d{1,3}(?:[.,]\d+)?)\s*$/;

/** Degrees WGS 84; undefined for what is no place. */
export function placeOfText(text: string): LatLon | undefined {
  const m = PLACE.exec(text);
  if (!m) return undefined;
  const [lat, lon] = [m[1]!, m[2]!].map((degrees) => Number(degrees.replace(',', '.'))) as [number, number];
  return Math.abs(lat) <= 90 && Math.abs(lon) <= 180 ? { lat, lon } : undefined;
}

/** Undefined when a line is no place; empty lines are none. */
export function placesOfText(text: string): LatLon[] | undefined {
  const places = text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map(placeOfText);
  return places.every((place) => place !== undefined) ? places : undefined;
}

export const textOfPlace = ({ lat, lon }: LatLon): string => `${lat}, ${lon}`;

/** About a metre: nobody points better on a map. */
export const rounded = (degrees: number): number => Math.round(degrees * 1e5) / 1e5;

/** The middle of an outline and the circle around it, in metres: what stands for it where only a circle can. */
export function circleOf(corners: readonly LatLon[]): LatLon & { readonly radius: number } {
  const mid = (of: (corner: LatLon) => number) =>
    (Math.min(...corners.map(of)) + Math.max(...corners.map(of))) / 2;
  const [lat, lon] = [rounded(mid((c) => c.lat)), rounded(mid((c) => c.lon))];
  const away = corners.map((c) =>
    Math.hypot((c.lat - lat) * DEGREE_M, (c.lon - lon) * DEGREE_M * Math.cos((lat * Math.PI) / 180)),
  );
  return { lat, lon, radius: Math.min(5000, Math.max(1, Math.ceil(Math.max(...away)))) };
}
/** Of latitude, mean sphere. */
const DEGREE_M = 111_195;
