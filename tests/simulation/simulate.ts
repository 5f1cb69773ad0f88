import type { VanMessage } from '../../dashboard/io/broker.ts';
import { makeRandom } from '../../simulators/random.ts';
import { makeBroker } from './broker.ts';
import { makeChecker, type Violation } from './checker.ts';
import { makeModelDepotDisk, makeSqliteDepotDisk, startDepotProcess } from './depotSide.ts';
import { makeModelCard } from './modelCard.ts';
import type { Fault, Plan } from './plan.ts';
import { makeSqliteCard } from './sqliteCard.ts';
import { makeVan, START_MS } from './vanSide.ts';
import { makeWorld, processClock, type World } from './world.ts';

/** One run of the whole system under a plan: chaos, then a quiet phase in which everything must arrive. */
export type Outcome = {
  readonly seed: number;
  readonly violation?: Violation;
  /** Of the history: the same plan gives the same. */
  readonly hash: string;
  readonly vanDays: number;
  readonly events: number;
  readonly counts: Readonly<Record<string, number>>;
};

const DAY_MS = 86_400_000;
/** Backoff of a refused credential is 15 min; two of them, and a drain. */
const QUIET_MS = 45 * 60_000;
const BACKUP_EVERY_MS = DAY_MS / 4;

export async function simulate(plan: Plan): Promise<Outcome> {
  const random = makeRandom(plan.seed).fork('run');
  const world = makeWorld((error) =>
    checker.fail('exception', error instanceof Error ? `${error.stack}` : String(error)),
  );
  const checker = makeChecker(world);
  const release = holdGlobals(world, plan.seed);
  let given: VanMessage | undefined;
  const broker = makeBroker(world, plan.broker, random.fork('broker'), {
    fail: checker.fail,
    given(message, sender) {
      given = message;
      checker.given(message, sender);
    },
    published: (van, leaf, payload, unacked) =>
      // A batch counts until its PUBACK; after «ask again» a second window may be on its way.
      checker.published(van, leaf, payload, unacked, 3 * (plan.vans[0]!.courier.window ?? 32) + 8),
  });
  const disk =
    plan.card === 'sqlite' ? makeSqliteDepotDisk(world) : makeModelDepotDisk(world, random.fork('depot'));
  const vans = plan.vans.map((van, i) => {
    const own = random.fork(van.id);
    const card = plan.card === 'sqlite' ? makeSqliteCard() : makeModelCard(own.fork('card'));
    return makeVan(world, van, card, broker, checker, own.fork(`life ${i}`));
  });
  let depot: ReturnType<typeof startDepotProcess> | undefined;
  let depotBackAt = 0;
  let depotLives = 0;
  const ids = vans.map((van) => van.id);

  const startDepot = () => {
    if (depot) return;
    const boot = {
      id: `depot-${depotLives++}`,
      startedMs: world.now(),
      driftPpm: 0,
      wallMs: START_MS + world.now(),
    };
    depot = startDepotProcess(disk, world, broker.depotLink(), processClock(world, boot), ids, {
      committed: (results) => checker.stored(results),
      receipted: checker.receipted,
      fed: (event) => checker.fed(event, given),
    });
    world.trace('depot starts');
  };
  const killDepot = (forMs: number) => {
    depot?.kill();
    depot = undefined;
    broker.depotDied();
    world.trace('depot killed');
    depotBackAt = Math.max(depotBackAt, world.now() + forMs);
    world.after(forMs, () => world.now() >= depotBackAt && startDepot());
  };
  const backups: { store: unknown; state: ReturnType<typeof checker.depotState> }[] = [];
  const copies = new Map<number, unknown[]>();

  const perform = ({ kind, van: n, forMs, choice }: Fault): void => {
    const van = vans[n]!;
    const healed = (then: () => void) => world.after(forMs, then);
    switch (kind) {
      case 'vanKill':
        return van.kill(forMs);
      case 'vanKillWithin':
        return van.card.killWithin(choice < 0.5);
      case 'vanStop':
        return van.stop(forMs);
      case 'powerCut':
        return van.cutPower(forMs);
      case 'failSync':
        return van.card.failSync(choice < 0.5);
      case 'diskFull':
        van.card.full(true);
        return void healed(() => van.card.full(false));
      case 'lyingSync':
        van.card.lie(true);
        return void healed(() => van.card.lie(false));
      case 'rollBack': {
        const own = copies.get(n);
        return own && van.swapCard(own[Math.floor(choice * own.length)], forMs);
      }
      case 'freshCard':
        return van.swapCard(undefined, forMs);
      case 'rot':
        return van.rot(forMs);
      case 'clockJump':
        return van.jumpClock((choice - 0.5) * 2 * 10 ** (3 + 9 * choice));
      case 'netDown':
        van.road.down = true;
        broker.cut(van.id, false);
        return void healed(() => {
          van.road.down = false;
        });
      case 'halfOpen':
        van.road.halfOpen = true;
        broker.cut(van.id, true);
        return void healed(() => {
          van.road.halfOpen = false;
        });
      case 'slowNet':
        van.road.latencyMs = 200 + 4_000 * choice;
        return void healed(() => {
          van.road.latencyMs = 60;
        });
      case 'repeats':
        van.road.repeats = 0.5 * choice;
        return void healed(() => {
          van.road.repeats = 0;
        });
      case 'authRefused':
        van.road.refused = true;
        broker.cut(van.id, false);
        return void healed(() => {
          van.road.refused = false;
        });
      case 'brokerKill':
        if (plan.broker.kind === 'inside') return killDepot(forMs);
        broker.kill();
        return void healed(() => broker.start());
      case 'depotKill':
        return killDepot(forMs);
      case 'depotSlow':
        disk.trouble.latencyMs = 200 + 5_000 * choice;
        return void healed(() => {
          disk.trouble.latencyMs = 5;
        });
      case 'depotFails':
        disk.trouble.fails = true;
        return void healed(() => {
          disk.trouble.fails = false;
        });
      case 'depotRestore': {
        const backup = backups[Math.floor(choice * backups.length)];
        if (!backup) return;
        killDepot(forMs);
        disk.restore(backup.store);
        return checker.depotRestored(backup.state);
      }
      case 'hostileWill':
        return broker.hostileWill(van.id, vans[(n + 1) % vans.length]!.id);
    }
  };

  const heal = () => {
    for (const { road, card } of vans) {
      Object.assign(road, { down: false, halfOpen: false, refused: false, latencyMs: 60, repeats: 0 });
      card.full(false);
      card.lie(false);
    }
    Object.assign(disk.trouble, { latencyMs: 5, fails: false });
    broker.start();
    world.trace('quiet');
  };

  const endMs = plan.days * DAY_MS;
  const hasRollBack = plan.faults.some((fault) => fault.kind === 'rollBack');
  const hasRestore = plan.faults.some((fault) => fault.kind === 'depotRestore');
  for (let at = BACKUP_EVERY_MS / 2; at < endMs; at += BACKUP_EVERY_MS)
    world.at(at, () => {
      if (hasRestore && depot) backups.push({ store: disk.backup(), state: checker.depotState() });
      if (hasRollBack)
        for (const [n, { card }] of vans.entries()) copies.set(n, [...(copies.get(n) ?? []), card.copy()]);
    });
  for (const fault of plan.faults)
    world.at(fault.atMs, () => {
      checker.count(fault.kind);
      perform(fault);
    });
  world.at(endMs, heal);

  try {
    startDepot();
    for (const van of vans) van.start();
    // Machines that are still off come back in the quiet phase; what they wrote last needs its time too.
    await world.run(endMs + 7_200_000);
    for (const van of vans) van.quiet();
    await world.run(endMs + 7_200_000 + QUIET_MS);
    if (!checker.violation())
      checker.final(await disk.held(), new Map(vans.map((van) => [van.id, van.waiting()])));
  } finally {
    release();
    disk.dispose();
    for (const { card } of vans) card.dispose();
  }
  const violation = checker.violation();
  return {
    seed: plan.seed,
    ...(violation ? { violation } : {}),
    hash: world.hash(),
    vanDays: plan.days * plan.vans.length,
    events: world.events(),
    counts: checker.counts,
  };
}

/** What would make two runs differ is taken from the seed, or throws. Until the function given back is called. */
function holdGlobals(world: World, seed: number): () => void {
  const random = makeRandom(seed).fork('uuid');
  const hex = (length: number) =>
    Array.from({ length }, () => Math.floor(16 * random.next()).toString(16)).join('');
  const refuse = (name: string) => () => {
    throw new Error(`${name} in the simulation`);
  };
  const kept = {
    random: Math.random,
    now: Date.now,
    setImmediate: globalThis.setImmediate,
    setTimeout: globalThis.setTimeout,
    setInterval: globalThis.setInterval,
    randomUUID: crypto.randomUUID,
  };
  Math.random = refuse('Math.random');
  Date.now = refuse('Date.now');
  globalThis.setTimeout = refuse('setTimeout') as never;
  globalThis.setInterval = refuse('setInterval') as never;
  globalThis.setImmediate = ((then: () => void) =>
    world.after(0, () => {
      world.settle();
      then();
    })) as never;
  crypto.randomUUID = () => `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}`;
  return () => {
    Math.random = kept.random;
    Date.now = kept.now;
    globalThis.setTimeout = kept.setTimeout;
    globalThis.setInterval = kept.setInterval;
    globalThis.setImmediate = kept.setImmediate;
    crypto.randomUUID = kept.randomUUID;
  };
}
