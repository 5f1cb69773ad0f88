import type { Random } from '../random.ts';

/** A satellite as GSV tells of it. */
export type Satellite = {
  readonly prn: number;
  readonly elevationDeg: number;
  readonly azimuthDeg: number;
  /** C/N0 in dB-Hz; absent: in view, not heard. */
  readonly snrDb?: number;
  readonly used: boolean;
};
export type Constellation = {
  readonly talker: 'GP' | 'GL' | 'GA';
  readonly satellites: readonly Satellite[];
};

const CONSTELLATIONS = [
  { talker: 'GP', inView: 10, firstPrn: 1, lastPrn: 32 },
  { talker: 'GL', inView: 7, firstPrn: 65, lastPrn: 88 },
  { talker: 'GA', inView: 6, firstPrn: 1, lastPrn: 36 },
] as const;

/** A sky that turns slowly; `used` of its satellites make the fix, the highest first. */
export function makeSky(random: Random) {
  const all = CONSTELLATIONS.map(({ talker, inView, firstPrn, lastPrn }) => {
    const prns = new Set<number>();
    while (prns.size < inView) prns.add(Math.floor(random.between(firstPrn, lastPrn + 1)));
    return {
      talker,
      orbits: [...prns].map((prn) => ({
        prn,
        phase: random.between(0, 2 * Math.PI),
        azimuthDeg: random.between(0, 360),
        noise: random.between(-4, 4),
      })),
    };
  });
  return (atMs: number, used: number): Constellation[] => {
    const turn = (atMs / 43_080_000) * 2 * Math.PI;
    const seen = all.flatMap(({ talker, orbits }) =>
      orbits.map((orbit) => ({
        talker,
        prn: orbit.prn,
        elevationDeg: Math.round(45 + 40 * Math.sin(turn + orbit.phase)),
        azimuthDeg: Math.round(orbit.azimuthDeg + atMs / 240_000) % 360,
        noise: orbit.noise,
      })),
    );
    const chosen = new Set([...seen].sort((a, b) => b.elevationDeg - a.elevationDeg).slice(0, used));
    return CONSTELLATIONS.map(({ talker }) => ({
      talker,
      satellites: seen
        .filter((s) => s.talker === talker)
        .map((s) => ({
          prn: s.prn,
          elevationDeg: s.elevationDeg,
          azimuthDeg: s.azimuthDeg,
          used: chosen.has(s),
          ...(s.elevationDeg > 8 || chosen.has(s)
            ? { snrDb: Math.round(24 + s.elevationDeg / 4 + s.noise) }
            : {}),
        })),
    }));
  };
}
