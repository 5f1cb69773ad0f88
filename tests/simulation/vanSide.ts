import type { CourierSettings } from '../../gateway/core/courier.ts';
import { SMS_DEFAULTS } from '../../gateway/core/settings.ts';
import { startCourier } from '../../gateway/io/courier.ts';
import type { Host } from '../../gateway/io/host.ts';
import { type Journal, JournalFailed, type NewRow } from '../../gateway/io/journal.ts';
import { startTexting } from '../../gateway/io/texting.ts';
import { startWriter, type Writer } from '../../gateway/io/writer.ts';
import { LANES, type RowOf } from '../../protocol/rows.ts';
import { isoOf } from '../../protocol/time.ts';
import { silentLog } from '../../runtime/log.ts';
import type { Random } from '../../simulators/random.ts';
import type { Road, SimBroker } from './broker.ts';
import { type Card, Killed } from './card.ts';
import type { Checker } from './checker.ts';
import { type Boot, processClock, type World } from './world.ts';

/** The van's machine and the gateway's process on it: the real writer, courier, SMS and journal interface. */
export const START_MS = Date.UTC(2026, 10, 23);
const DAY_MS = 86_400_000;
/** Rows that wait while the disk is full: the writer's own bound, and a commit more. */
const HELD_MAX = 5_600;
/** In one hour of one van: a loop that turns for nothing makes 360,000. */
const TIMERS_MAX = 60_000;

export type VanPlan = {
  readonly id: string;
  readonly driftPpm: number;
  /** Mean seconds between rows: on the road, at a stop, parked at night. */
  readonly rowEveryS: { readonly road: number; readonly stop: number; readonly night: number };
  readonly retentionMs: number;
  readonly maxBytes: number;
  readonly courier: Partial<CourierSettings>;
};
type Process = {
  readonly journal: Journal;
  readonly writer: Writer;
  readonly boot: Boot;
  end(): void;
  stop(): void;
};

export function makeVan(
  world: World,
  plan: VanPlan,
  card: Card,
  broker: SimBroker,
  checker: Checker,
  random: Random,
) {
  const { id } = plan;
  const road: Road = { down: false, halfOpen: false, refused: false, latencyMs: 60, repeats: 0 };
  let boots = 0;
  let anchored = false;
  let boot = newBoot();
  let process: Process | undefined;
  let cleanEnd = true;
  let lastMadeMs = 0;
  let timers = 0;
  let timersHour = 0;

  function newBoot(): Boot {
    anchored = false;
    // No battery behind the clock: it starts in 1970, or where the last shutdown left it.
    return {
      id: `${id}-boot-${boots++}`,
      startedMs: world.now(),
      driftPpm: plan.driftPpm,
      wallMs: random.next() < 0.5 ? 0 : START_MS,
    };
  }

  /** Runs code of the process: it may die of it, in the manner of the real one. */
  function guard(then: () => void): void {
    try {
      then();
    } catch (error) {
      const isDisk = /^SQLITE_(FULL|IOERR)/.test((error as { code?: string }).code ?? '');
      if (!(error instanceof Killed) && !(error instanceof JournalFailed) && !isDisk)
        checker.fail('exception', error instanceof Error ? `${error.stack}` : String(error));
      die();
      restartIn(5_000);
    }
  }

  function start(): void {
    if (process) return;
    let alive = true;
    const raw = processClock(world, boot);
    const guarded = (then: () => void) => () => guard(then);
    const clock = {
      ...raw,
      after(ms: number, then: () => void) {
        const hour = Math.floor(world.now() / 3_600_000);
        timers = hour === timersHour ? timers + 1 : 0;
        timersHour = hour;
        if (timers > TIMERS_MAX) checker.fail('busy', `${id}: ${timers} timers in an hour`);
        return raw.after(ms, guarded(then));
      },
    };
    let opened: string | undefined;
    let held = 0;
    guard(() => {
      const inner = card.open({
        van: id,
        software: 'simulated',
        boot: boot.id,
        retentionMs: plan.retentionMs,
        maxBytes: plan.maxBytes,
        clock,
        log: silentLog,
      });
      const noteOpening = (wasClean: boolean) => {
        if (opened === inner.uuid) return;
        opened = inner.uuid;
        checker.opened(id, inner, wasClean);
      };
      noteOpening(cleanEnd);
      cleanEnd = false;
      inner.onCommit((rows) => {
        checker.committed(id, rows);
        held -= rows.length;
        // Reopened in flight after an error: another journal goes on.
        noteOpening(false);
      });
      const journal: Journal = Object.assign(Object.create(inner) as Journal, {
        settle(receipt: Parameters<Journal['settle']>[0], mayRewind: boolean) {
          const outcomes = inner.settle(receipt, mayRewind);
          checker.settled(id, receipt, mayRewind, inner, outcomes);
          return outcomes;
        },
      });
      const writer = startWriter(journal, clock, silentLog);
      const sending: string[] = [];
      const given: Writer['add'] = (rows, dense, committed) => {
        checker.madeRows(id, rows);
        for (const { row } of rows)
          if (row.kind === 'sms' && row.outcome === 'sending') sending.push(row.key);
        held += rows.length;
        writer.add(rows, dense, committed);
        if (held - writer.lost() > HELD_MAX)
          checker.fail('unbounded', `${id}: ${held - writer.lost()} rows wait for a commit`);
      };
      const courier = startCourier({
        broker: 'mqtt://simulated',
        van: id,
        journal,
        clock,
        log: silentLog,
        random: random.next,
        status: () => ({ at: null, software: 'simulated', duty: true }),
        on: { agenda: () => {}, cab: () => {}, link: () => {} },
        settings: plan.courier,
        open: (deps) => {
          const live =
            <A extends unknown[]>(then: (...args: A) => void) =>
            (...args: A) => {
              if (alive) guard(() => then(...args));
            };
          return broker.openVan(
            {
              ...deps,
              onConnected: live(() => {
                checker.connected(id);
                deps.onConnected();
              }),
              onClosed: live(deps.onClosed),
              onMessage: live((leaf, payload) => {
                // «ask again»: the questions begin anew.
                if (leaf === 'cab') checker.connected(id);
                deps.onMessage(leaf, payload);
              }),
            },
            road,
          );
        },
      });
      startTexting({
        journal,
        before: [...journal.merged()].flatMap(({ row }) => (row.kind === 'sms' ? [row] : [])),
        writer: { ...writer, add: given },
        host: { nowMs: () => START_MS + world.now() } as Host,
        settings: { ...SMS_DEFAULTS, to: ['+33600000000'] },
        van: id,
        log: silentLog,
        send: async () => {
          checker.smsSent(id, sending.shift());
          await world.sleep(1_000 + 20_000 * random.next());
          return alive ? { outcome: 'sent' } : new Promise(() => {});
        },
      });
      process = {
        journal,
        writer: { ...writer, add: given },
        boot,
        end() {
          alive = false;
          raw.die();
        },
        stop() {
          // Whether a death within the closing was before or after its end is not known.
          cleanEnd = true;
          void courier.stop();
          writer.stop();
          journal.close();
        },
      };
    });
  }

  function die(): void {
    process?.end();
    process = undefined;
    broker.vanDied(id);
    card.kill();
  }
  let restartAt = 0;
  const restartIn = (ms: number) => {
    restartAt = Math.max(restartAt, world.now() + ms);
    world.after(ms, () => {
      if (world.now() >= restartAt) start();
    });
  };
  /** What happens to the card while nothing runs on it. */
  const mistreat = (then: () => void) => {
    const before = card.extents();
    then();
    checker.vanLost(id, before, card.extents());
  };

  // ── what happens on board ──────────────────────────────────────────────────────────────────────────────────
  const atMs = () => {
    lastMadeMs = Math.max(Math.floor(START_MS + world.now()), lastMadeMs + 1);
    return lastMadeMs;
  };
  const phase = () => {
    const hour = ((world.now() % DAY_MS) / 3_600_000 + 24) % 24;
    if (hour < 8 || hour >= 17) return 'night' as const;
    return Math.floor(hour * 60) % 60 < 15 ? ('stop' as const) : ('road' as const);
  };

  function makeRow(): NewRow[] {
    const ms = atMs();
    const at = isoOf(ms);
    const roll = random.next();
    if (!anchored) {
      if (roll < 0.3 && boot.startedMs < world.now() - 20_000) {
        anchored = true;
        return [
          {
            lane: 'urgent',
            row: {
              kind: 'anchor',
              at,
              boot: boot.id,
              monoMs: ms - START_MS - boot.startedMs,
              source: 'gnss',
            },
          },
        ];
      }
      return [
        {
          lane: 'bulk',
          row: { kind: 'power', at: null, boot: boot.id, monoMs: ms - START_MS, houseV: volts() },
        },
      ];
    }
    const now = phase();
    if (roll < (now === 'night' ? 0.02 : 0.012)) return [{ lane: 'urgent', row: urgentRow(at) }];
    if (now === 'night' || roll > 0.9)
      return [
        { lane: 'bulk', row: { kind: 'power', at, houseV: volts(), soc: Math.floor(100 * random.next()) } },
      ];
    if (roll > 0.88)
      return [
        {
          lane: 'bulk',
          row: { kind: 'event', at, what: 'gps silent', detail: { forS: Math.floor(60 * random.next()) } },
        },
      ];
    return [
      {
        lane: 'bulk',
        row: {
          kind: 'fix',
          at,
          latitude: Math.floor(47e6 + 1e5 * random.next()) / 1e6,
          longitude: Math.floor(1e5 * random.next()) / 1e6,
          moving: now === 'road',
          satellitesUsed: 5 + Math.floor(8 * random.next()),
        },
      },
    ];
  }
  const volts = () => 12 + Math.floor(200 * random.next()) / 100;
  function urgentRow(at: string): RowOf<'act' | 'duty' | 'alert'> {
    const roll = random.next();
    if (roll < 0.4) return { kind: 'act', at, key: `${id}-${at}`, act: 'open' };
    if (roll < 0.7) return { kind: 'duty', at, on: random.next() < 0.5, why: 'switch' };
    return {
      kind: 'alert',
      at,
      episode: `starter_battery:${at}`,
      alert: 'starter_battery',
      change: 'raised',
      severity: 'critical',
      values: { volts: volts() },
    };
  }

  let isQuiet = false;
  function live(): void {
    if (isQuiet) return;
    const mean = plan.rowEveryS[phase()] * 1000;
    world.after(-Math.log(1 - random.next()) * mean + 1, () => {
      const now = process;
      if (now && !isQuiet) guard(() => now.writer.add(makeRow(), phase() === 'stop'));
      live();
    });
  }
  live();

  return {
    id,
    road,
    card,
    start,
    /** Nothing more is written: what there is must arrive. */
    quiet() {
      isQuiet = true;
      const now = process;
      if (now) guard(() => now.writer.flush());
    },
    /** What has no receipt: nothing, when all went well. */
    waiting(): string {
      if (!process) return 'not running';
      const lanes = process.journal.extents().flatMap(({ journal, lanes }) =>
        LANES.flatMap((lane) => {
          const { received, last } = lanes[lane];
          return last > received ? [`${journal} ${lane} ${received} of ${last}`] : [];
        }),
      );
      return lanes.join(', ');
    },
    kill(forMs: number) {
      if (process) world.trace(`${id} killed`);
      die();
      restartIn(forMs);
    },
    stop(forMs: number) {
      const stopping = process;
      if (!stopping) return;
      world.trace(`${id} stopped`);
      guard(() => stopping.stop());
      stopping.end();
      process = undefined;
      restartIn(forMs);
    },
    /** The current goes. */
    cutPower(forMs: number) {
      world.trace(`${id} without current`);
      die();
      mistreat(() => card.cut());
      world.after(forMs, () => {
        if (!process) boot = newBoot();
      });
      restartIn(forMs);
    },
    /** The card is taken out; another copy of it, or a new one, goes in. */
    swapCard(copy: unknown, forMs: number) {
      world.trace(`${id} another card`);
      die();
      mistreat(() => card.put(copy));
      cleanEnd = true;
      world.after(forMs, () => {
        if (!process) boot = newBoot();
      });
      restartIn(forMs);
    },
    rot(forMs: number) {
      world.trace(`${id} card damaged`);
      die();
      mistreat(() => void card.rot());
      restartIn(forMs);
    },
    jumpClock(byMs: number) {
      world.trace(`${id} clock jumps ${byMs}`);
      boot.wallMs += byMs;
    },
  };
}
export type SimVan = ReturnType<typeof makeVan>;
