import type { Random } from '../random.ts';

/**
 * A van on a plane, second by second: it drives polylines at what bends, speed limits and halts allow, and stands. East
 * and north in metres. The truth against which presence is scored; not a map.
 */
export type Point = { readonly x: number; readonly y: number };
export type Moment = Point & { readonly speedMps: number; readonly engineOn: boolean };

export type Halt = {
  /** Where on the way, metres from its start. */
  readonly atM: number;
  readonly seconds: number;
};
export type Drive = {
  readonly path: readonly Point[];
  readonly cruiseMps: number;
  /** Slower within `slowM` of the end (the village). */
  readonly slowM?: number;
  readonly slowMps?: number;
  readonly halts?: readonly Halt[];
};

export const apart = (a: Point, b: Point) => Math.hypot(b.x - a.x, b.y - a.y);
export const lengthOf = (path: readonly Point[]) =>
  path.slice(1).reduce((sum, p, i) => sum + apart(path[i]!, p), 0);

function pointAt(path: readonly Point[], atM: number): Point {
  let left = atM;
  for (let i = 1; i < path.length; i++) {
    const [a, b] = [path[i - 1]!, path[i]!];
    const step = apart(a, b);
    if (left <= step && step > 0)
      return { x: a.x + ((b.x - a.x) * left) / step, y: a.y + ((b.y - a.y) * left) / step };
    left -= step;
  }
  return path.at(-1)!;
}

const SUBSTEPS = 5;

/** A van that records every second. */
export type Van = {
  readonly moments: Moment[];
  /** Seconds since the start of the day. */
  now(): number;
  here(): Point;
  stand(seconds: number): void;
  drive(way: Drive): void;
  engine(on: boolean): void;
};

export function makeVan(start: Point, random: Random): Van {
  const moments: Moment[] = [];
  let at = start;
  let engineOn = true;
  const record = (speedMps: number) => moments.push({ ...at, speedMps, engineOn });

  function drive({ path, cruiseMps, slowM = 0, slowMps = cruiseMps, halts = [] }: Drive): void {
    const total = lengthOf(path);
    const gain = random.between(1.1, 1.9);
    const brake = random.between(1.1, 2.0);
    const waits = [...halts].filter((h) => h.atM > 1 && h.atM < total - 1).sort((a, b) => a.atM - b.atM);
    let done = 0;
    let speed = 0;
    for (const target of [...waits, { atM: total, seconds: 0 }]) {
      while (target.atM - done > 0.3) {
        for (let i = 0; i < SUBSTEPS && target.atM - done > 0.3; i++) {
          const dt = 1 / SUBSTEPS;
          const limit = total - done < slowM ? slowMps : cruiseMps;
          const braking = Math.sqrt(2 * brake * (target.atM - done));
          speed = Math.max(0.4, Math.min(limit, speed + gain * dt, braking));
          done = Math.min(target.atM, done + speed * dt);
        }
        at = pointAt(path, done);
        record(speed);
      }
      done = target.atM;
      at = pointAt(path, done);
      speed = 0;
      for (let s = 0; s < target.seconds; s++) record(0);
    }
  }

  return {
    moments,
    now: () => moments.length,
    here: () => at,
    stand(seconds) {
      for (let s = 0; s < seconds; s++) record(0);
    },
    drive,
    engine(on) {
      engineOn = on;
    },
  };
}

/** A road with bends from `a` to `b`. */
export function road(a: Point, b: Point, random: Random): Point[] {
  const length = apart(a, b);
  if (length < 400) return [a, b];
  const bend = length * random.between(-0.12, 0.12);
  const middle = {
    x: (a.x + b.x) / 2 - (bend * (b.y - a.y)) / length,
    y: (a.y + b.y) / 2 + (bend * (b.x - a.x)) / length,
  };
  return [...road(a, middle, random), ...road(middle, b, random).slice(1)];
}

/** Survival of traffic halts, GOAL delivery vans (facts/presence.md §4): length in seconds. */
const SURVIVAL: readonly [number, number][] = [
  [3, 1],
  [10, 0.3],
  [20, 0.102],
  [30, 0.051],
  [45, 0.029],
  [60, 0.016],
  [90, 0.0057],
  [120, 0.0008],
  [150, 0],
];

/** A traffic halt drawn from the table. */
export function trafficHaltS(random: Random): number {
  const u = random.next();
  for (let i = 1; i < SURVIVAL.length; i++) {
    const [s0, p0] = SURVIVAL[i - 1]!;
    const [s1, p1] = SURVIVAL[i]!;
    if (u >= p1) return Math.round(s0 + ((p0 - u) / (p0 - p1)) * (s1 - s0));
  }
  return 3;
}
