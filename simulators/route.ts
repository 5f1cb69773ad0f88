import { bearingDeg, destination, distanceM, type Place } from '../protocol/geo.ts';
import type { Random } from './random.ts';

/**
 * A road between two places: bends at every scale, speeds that bends and villages allow, halts at junctions. Not a
 * real road: it is as long, as crooked and as slow as one.
 */
export type RoadSettings = {
  /** Fastest between villages; the road's own speed varies below it. */
  readonly maxKmh: number;
  /** Length of village at either end, driven at ≤ 45 km/h. */
  readonly villageM: number;
  /** A junction with a halt about every so many metres; 0: none. */
  readonly junctionEveryM: number;
  /** Displacement of a midpoint, as a part of its segment: 0.13 gives 1.1 to 1.3 × the crow's flight. */
  readonly crooked: number;
};
export const COUNTRY_ROAD: RoadSettings = { maxKmh: 80, villageM: 500, junctionEveryM: 3500, crooked: 0.13 };
/** Inside a commune: short, and without junctions that would make its time uncertain. */
export const VILLAGE_STREET: RoadSettings = { maxKmh: 50, villageM: 0, junctionEveryM: 0, crooked: 0.04 };

/** Where the van is on the trip, `s` seconds after it began. */
export type Motion = Place & { readonly speedMps: number; readonly courseDeg: number };
export type Trip = { readonly lengthM: number; readonly durationS: number; at(s: number): Motion };

const STEP_M = 10;
const ACCELERATION = 1.1;
const BRAKING = 1.4;
/** Sideways acceleration that a laden van takes in a bend, m/s². */
const SIDEWAYS = 1.8;
const VILLAGE_MPS = 45 / 3.6;

type Point = { readonly x: number; readonly y: number };

/** Midpoint displacement down to segments of about 150 m. */
function bend(a: Point, b: Point, crooked: number, random: Random): Point[] {
  const length = Math.hypot(b.x - a.x, b.y - a.y);
  if (length < 150) return [a];
  const offset = crooked * length * Math.max(-1.6, Math.min(1.6, random.gauss()));
  const middle = {
    x: (a.x + b.x) / 2 - (offset * (b.y - a.y)) / length,
    y: (a.y + b.y) / 2 + (offset * (b.x - a.x)) / length,
  };
  return [...bend(a, middle, crooked, random), ...bend(middle, b, crooked, random)];
}

/** Chaikin's corner cutting; the ends stay. */
function smooth(points: readonly Point[]): Point[] {
  const out = [points[0]!];
  for (let i = 0; i + 1 < points.length; i++) {
    const [p, q] = [points[i]!, points[i + 1]!];
    out.push({ x: 0.75 * p.x + 0.25 * q.x, y: 0.75 * p.y + 0.25 * q.y });
    out.push({ x: 0.25 * p.x + 0.75 * q.x, y: 0.25 * p.y + 0.75 * q.y });
  }
  out.push(points[points.length - 1]!);
  return out;
}

/** Points about every STEP_M along the line; the last is the line's end. */
function resample(points: readonly Point[]): Point[] {
  const out = [points[0]!];
  let left = STEP_M;
  for (let i = 0; i + 1 < points.length; i++) {
    const [p, q] = [points[i]!, points[i + 1]!];
    const length = Math.hypot(q.x - p.x, q.y - p.y);
    let done = 0;
    while (length - done >= left) {
      done += left;
      left = STEP_M;
      out.push({ x: p.x + ((q.x - p.x) * done) / length, y: p.y + ((q.y - p.y) * done) / length });
    }
    left -= length - done;
  }
  // A last step of some centimetres would be braked in no time: it joins the one before.
  if (out.length > 2 && left > STEP_M / 2) out.pop();
  out.push(points[points.length - 1]!);
  return out;
}

/** Radius of the circle through three points 2 × STEP_M apart, in metres. */
function radiusAt(points: readonly Point[], i: number): number {
  const [a, b, c] = [points[Math.max(0, i - 2)]!, points[i]!, points[Math.min(points.length - 1, i + 2)]!];
  const area2 = Math.abs((b.x - a.x) * (c.y - a.y) - (c.x - a.x) * (b.y - a.y));
  const sides =
    Math.hypot(b.x - a.x, b.y - a.y) * Math.hypot(c.x - b.x, c.y - b.y) * Math.hypot(c.x - a.x, c.y - a.y);
  return area2 < 1e-6 ? 1e9 : sides / (2 * area2);
}

/** Speed at each point: bends, villages and junctions, reached and left at what the van can. */
function speedsOf(
  points: readonly Point[],
  junctions: ReadonlySet<number>,
  settings: RoadSettings,
): number[] {
  const last = points.length - 1;
  const speeds = points.map((_, i) => {
    const fromEndM = Math.min(i, last - i) * STEP_M;
    const limit =
      fromEndM < settings.villageM ? Math.min(VILLAGE_MPS, settings.maxKmh / 3.6) : settings.maxKmh / 3.6;
    return junctions.has(i) || i === 0 || i === last
      ? 0
      : Math.min(limit, Math.sqrt(SIDEWAYS * radiusAt(points, i)));
  });
  for (let i = 1; i <= last; i++)
    speeds[i] = Math.min(speeds[i]!, Math.sqrt(speeds[i - 1]! ** 2 + 2 * ACCELERATION * STEP_M));
  for (let i = last - 1; i >= 0; i--)
    speeds[i] = Math.min(speeds[i]!, Math.sqrt(speeds[i + 1]! ** 2 + 2 * BRAKING * STEP_M));
  return speeds;
}

function junctionsOf(count: number, everyM: number, random: Random): Map<number, number> {
  const halts = new Map<number, number>();
  if (everyM === 0) return halts;
  for (let i = 60; i < count - 60; i++)
    if (random.next() < STEP_M / everyM) {
      halts.set(i, random.between(2, 18));
      i += 40;
    }
  return halts;
}

/** The drive from one place to another. */
export function makeTrip(from: Place, to: Place, settings: RoadSettings, random: Random): Trip {
  const length = distanceM(from, to);
  const heading = (bearingDeg(from, to) * Math.PI) / 180;
  const end = { x: length * Math.sin(heading), y: length * Math.cos(heading) };
  let line = [...bend({ x: 0, y: 0 }, end, settings.crooked, random), end];
  for (let i = 0; i < 3; i++) line = smooth(line);
  const points = resample(line);
  const halts = junctionsOf(points.length, settings.junctionEveryM, random);
  const speeds = speedsOf(points, new Set(halts.keys()), settings);

  // When the van reaches each point, and when it leaves it again.
  const reached = [0];
  const left = [0];
  for (let i = 1; i < points.length; i++) {
    const [p, q] = [points[i - 1]!, points[i]!];
    const meanMps = Math.max(0.5, (speeds[i - 1]! + speeds[i]!) / 2);
    reached.push(left[i - 1]! + Math.hypot(q.x - p.x, q.y - p.y) / meanMps);
    left.push(reached[i]! + (halts.get(i) ?? 0));
  }
  const durationS = reached[reached.length - 1]!;

  let cursor = 0;
  const place = (p: Point): Place =>
    destination(from, Math.hypot(p.x, p.y), (Math.atan2(p.x, p.y) * 180) / Math.PI);
  return {
    lengthM: (points.length - 2) * STEP_M,
    durationS,
    at(s) {
      const t = Math.max(0, Math.min(durationS, s));
      if (t < reached[cursor]!) cursor = 0;
      while (cursor + 2 < points.length && t >= reached[cursor + 1]!) cursor++;
      const [p, q] = [points[cursor]!, points[cursor + 1]!];
      const span = reached[cursor + 1]! - left[cursor]!;
      const part = span <= 0 ? 0 : Math.max(0, Math.min(1, (t - left[cursor]!) / span));
      const halted = t < left[cursor]! || t >= durationS;
      // Constant acceleration between two points: distance is quadratic in time.
      const [v0, v1] = [speeds[cursor]!, speeds[cursor + 1]!];
      const along = v0 + v1 < 1 ? part : (2 * v0 * part + (v1 - v0) * part * part) / (v0 + v1);
      return {
        ...place({ x: p.x + (q.x - p.x) * along, y: p.y + (q.y - p.y) * along }),
        speedMps: halted ? 0 : v0 + (v1 - v0) * part,
        courseDeg: ((Math.atan2(q.x - p.x, q.y - p.y) * 180) / Math.PI + 360) % 360,
      };
    },
  };
}
