import type { Random } from '../random.ts';
import type { Moment, Point } from './drive.ts';

/**
 * What a receiver makes of a day: errors correlated over minutes, static hold, gaps, outliers, a canyon, a frozen
 * output; and the forms in which receivers speak (with or without speed, `eph`, `hdop`; every second or every thirty).
 */
export type Format = {
  readonly everyS: number;
  readonly speed: boolean;
  readonly eph: boolean;
  readonly hdop: boolean;
  /** In a gap: «no fix» reports, or nothing at all. */
  readonly voids: boolean;
};
export type Span = { readonly from: number; readonly to: number };
export type ReceiverPlan = {
  readonly format: Format;
  /** One sigma of an axis, metres. */
  readonly sigmaM: number;
  readonly tauS: number;
  /** Coordinates are held below this speed. */
  readonly holdMps?: number;
  readonly gaps: readonly Span[];
  readonly outliers: readonly (Span & { readonly dx: number; readonly dy: number })[];
  /** Worse within `radiusM` of a point, and whether the receiver admits it. */
  readonly canyons: readonly (Point & {
    readonly radiusM: number;
    readonly sigmaM: number;
    readonly honest: boolean;
  })[];
  readonly stuck: readonly Span[];
  /** Positions that begin far off and drift in. */
  readonly cold: readonly Span[];
  /** Parked: the position wanders by so many metres. */
  readonly driftM?: number;
};

export type Tpv = {
  readonly class: 'TPV';
  readonly time: string;
  readonly mode: number;
  readonly lat?: number;
  readonly lon?: number;
  readonly speed?: number;
  readonly eph?: number;
  readonly hdop?: number;
  readonly satellitesUsed?: number;
};
/** A report with the second at which it is valid. */
export type Report = { readonly s: number; readonly tpv: Tpv };

const isIn = (spans: readonly Span[], s: number) => spans.some(({ from, to }) => s >= from && s < to);
const round = (value: number, decimals: number) => Math.round(value * 10 ** decimals) / 10 ** decimals;

/** A first-order wander of unit deviation. */
function wander(random: Random) {
  let value = random.gauss();
  return (dt: number, tauS: number) => {
    const keep = Math.exp(-dt / tauS);
    value = value * keep + Math.sqrt(1 - keep * keep) * random.gauss();
    return value;
  };
}

export type Origin = { readonly lat: number; readonly lon: number };
export const toDegrees = (origin: Origin, p: Point) => ({
  lat: origin.lat + p.y / 111_195,
  lon: origin.lon + p.x / (111_195 * Math.cos((origin.lat * Math.PI) / 180)),
});

export function* receive(
  moments: readonly Moment[],
  plan: ReceiverPlan,
  origin: Origin,
  startMs: number,
  random: Random,
): Generator<Report> {
  const { format } = plan;
  const [east, north] = [wander(random.fork('east')), wander(random.fork('north'))];
  const [driftE, driftN] = [wander(random.fork('driftE')), wander(random.fork('driftN'))];
  let held: Point | undefined;
  let frozen: Tpv | undefined;
  const phase = format.everyS > 1 ? Math.floor(random.between(0, format.everyS)) : 0;
  for (let s = 0; s < moments.length; s++) {
    const truth = moments[s]!;
    const [e, n] = [east(1, plan.tauS), north(1, plan.tauS)];
    const [de, dn] = [driftE(1, 200), driftN(1, 200)];
    if (plan.holdMps === undefined || truth.speedMps >= plan.holdMps) held = undefined;
    if (s % format.everyS !== phase) continue;
    const time = new Date(startMs + s * 1000).toISOString();
    if (isIn(plan.gaps, s)) {
      if (format.voids) yield { s, tpv: { class: 'TPV', time, mode: 1 } };
      continue;
    }
    if (isIn(plan.stuck, s) && frozen) {
      yield { s, tpv: { ...frozen, time } };
      continue;
    }
    const canyon = plan.canyons.find((c) => Math.hypot(truth.x - c.x, truth.y - c.y) < c.radiusM);
    const warming = plan.cold.find(({ from, to }) => s >= from && s < to);
    const cold = warming ? (warming.to - s) / (warming.to - warming.from) : 0;
    const sigma = (canyon?.sigmaM ?? plan.sigmaM) + cold * 40;
    const drift = truth.speedMps < 0.1 ? (plan.driftM ?? 0) : 0;
    const outlier = plan.outliers.find(({ from, to }) => s >= from && s < to);
    let p: Point = {
      x: truth.x + sigma * e + drift * de + 0.3 * random.gauss() + (outlier?.dx ?? 0) + cold * 120,
      y: truth.y + sigma * n + drift * dn + 0.3 * random.gauss() + (outlier?.dy ?? 0),
    };
    const noise = canyon ? 0.4 : 0.12;
    const speed = Math.max(0, truth.speedMps + noise * random.gauss());
    if (plan.holdMps !== undefined && truth.speedMps < plan.holdMps && !outlier && cold === 0) {
      held ??= p;
      p = held;
    }
    const admitted = canyon && !canyon.honest ? plan.sigmaM * 1.5 : sigma;
    const tpv: Tpv = {
      class: 'TPV',
      time,
      mode: 3,
      lat: round(toDegrees(origin, p).lat, 7),
      lon: round(toDegrees(origin, p).lon, 7),
      ...(format.speed ? { speed: round(plan.holdMps !== undefined && held ? 0 : Math.abs(speed), 3) } : {}),
      ...(format.eph ? { eph: round(admitted * random.between(1.4, 2.2), 2) } : {}),
      ...(format.hdop ? { hdop: round(Math.min(9, 0.7 + admitted / 8 + 0.2 * random.next()), 2) } : {}),
      satellitesUsed: Math.round(random.between(7, 13)),
    };
    frozen = tpv;
    yield { s, tpv };
  }
}
