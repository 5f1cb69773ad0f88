import { makeRandom, type Random } from '../../simulators/random.ts';
import type { BrokerSettings } from './broker.ts';
import type { VanPlan } from './vanSide.ts';

/**
 * What happens in a run: settings and faults, all drawn from the seed before it begins. Each seed enables some kinds of
 * faults at some rates (swarm testing, Groce 2012). A plan is plain JSON: a failing one is shrunk and kept.
 */
export const FAULTS = [
  'vanKill',
  'vanKillWithin',
  'vanStop',
  'powerCut',
  'failSync',
  'diskFull',
  'lyingSync',
  'rollBack',
  'freshCard',
  'rot',
  'clockJump',
  'netDown',
  'halfOpen',
  'slowNet',
  'repeats',
  'authRefused',
  'brokerKill',
  'depotKill',
  'depotSlow',
  'depotFails',
  'depotRestore',
  'hostileWill',
] as const;
export type FaultKind = (typeof FAULTS)[number];
export type Fault = {
  readonly kind: FaultKind;
  readonly atMs: number;
  readonly van: number;
  readonly forMs: number;
  /** Whatever the kind needs to choose: 0 … 1. */
  readonly choice: number;
};
export type Plan = {
  readonly seed: number;
  readonly days: number;
  readonly vans: readonly VanPlan[];
  readonly broker: BrokerSettings;
  /** The van's journal and the depot's store: a model, or the real SQLite. */
  readonly card: 'model' | 'sqlite';
  readonly faults: readonly Fault[];
};

/** Events a van-day where a kind is enabled, and how long one lasts at most. */
const HABITS: Readonly<Record<FaultKind, { readonly perDay: number; readonly mostMs: number }>> = {
  vanKill: { perDay: 4, mostMs: 120_000 },
  vanKillWithin: { perDay: 4, mostMs: 0 },
  vanStop: { perDay: 2, mostMs: 600_000 },
  powerCut: { perDay: 2, mostMs: 7_200_000 },
  failSync: { perDay: 3, mostMs: 0 },
  diskFull: { perDay: 0.7, mostMs: 14_400_000 },
  lyingSync: { perDay: 1, mostMs: 14_400_000 },
  rollBack: { perDay: 0.7, mostMs: 60_000 },
  freshCard: { perDay: 0.2, mostMs: 60_000 },
  rot: { perDay: 0.5, mostMs: 60_000 },
  clockJump: { perDay: 3, mostMs: 0 },
  netDown: { perDay: 8, mostMs: 7_200_000 },
  halfOpen: { perDay: 6, mostMs: 900_000 },
  slowNet: { perDay: 4, mostMs: 1_800_000 },
  repeats: { perDay: 3, mostMs: 3_600_000 },
  authRefused: { perDay: 1, mostMs: 600_000 },
  brokerKill: { perDay: 2, mostMs: 600_000 },
  depotKill: { perDay: 3, mostMs: 600_000 },
  depotSlow: { perDay: 2, mostMs: 1_800_000 },
  depotFails: { perDay: 1, mostMs: 1_800_000 },
  depotRestore: { perDay: 0.4, mostMs: 60_000 },
  hostileWill: { perDay: 1, mostMs: 0 },
};
/** Not within the process of real SQLite: for these see bench/simulation. */
const MODEL_ONLY: ReadonlySet<FaultKind> = new Set(['lyingSync', 'rot']);
const DAY_MS = 86_400_000;
const SQLITE_SHARE = 0.1;

const whole = (random: Random, min: number, max: number) => Math.floor(random.between(min, max + 1));
/** Between the two, as many decades to either side. */
const spread = (random: Random, min: number, max: number) => min * (max / min) ** random.next();

export function planOf(
  seed: number,
  size: { vans?: number; days?: number; sqliteShare?: number } = {},
): Plan {
  const all = makeRandom(seed);
  const settings = all.fork('settings');
  const card = settings.next() < (size.sqliteShare ?? SQLITE_SHARE) ? 'sqlite' : 'model';
  // Real files are a hundred times slower than a model of them.
  const vans = size.vans ?? whole(settings, 1, card === 'sqlite' ? 2 : 4);
  const days = size.days ?? (card === 'sqlite' ? 1 : whole(settings, 1, 4));
  const window = whole(settings, 1, 32);
  const density = spread(settings, 1, 5);
  const plans = Array.from(
    { length: vans },
    (_, i): VanPlan => ({
      id: `van-${i + 1}`,
      driftPpm: Math.round(settings.between(-200, 200)),
      rowEveryS: { road: 60 * density, stop: 15 * density, night: 600 * density },
      retentionMs: Math.round(spread(settings, 3_600_000, 14 * DAY_MS)),
      maxBytes: Math.round(spread(settings, 80_000, 256e6)),
      courier: {
        window,
        bulkRows: whole(settings, 5, 200),
        bulkAgeMs: Math.round(spread(settings, 120_000, 1_800_000)),
        heartbeatMs: Math.round(spread(settings, 120_000, 1_800_000)),
        drainRows: whole(settings, 20, 500),
        urgentRows: whole(settings, 1, 100),
        backoffMaxMs: Math.round(spread(settings, 10_000, 240_000)),
      },
    }),
  );
  const broker: BrokerSettings = {
    kind: settings.next() < 0.5 ? 'inside' : 'outside',
    ackFirst: settings.next() < 0.7,
    queue: whole(settings, 1, 100),
  };
  const swarm = all.fork('swarm');
  const rate = spread(swarm, 0.3, 3);
  const kinds = FAULTS.filter((kind) => swarm.next() < 0.5 && !(card === 'sqlite' && MODEL_ONLY.has(kind)));
  const drawn = kinds.flatMap((kind) => {
    const own = all.fork(kind);
    const { perDay, mostMs } = HABITS[kind];
    const faults: Fault[] = [];
    for (let atMs = 0; ; ) {
      atMs += (-Math.log(1 - own.next()) * DAY_MS) / (perDay * rate * vans);
      if (atMs >= days * DAY_MS) return faults;
      const fault = { kind, atMs: Math.round(atMs), van: whole(own, 0, vans - 1), choice: own.next() };
      faults.push({ ...fault, forMs: mostMs === 0 ? 0 : Math.round(spread(own, 1_000, mostMs)) });
    }
  });
  return { seed, days, vans: plans, broker, card, faults: drawn.sort((a, b) => a.atMs - b.atMs) };
}
