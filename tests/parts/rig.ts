import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DepotConfig } from '../../dashboard/config.ts';
import type { Broker } from '../../dashboard/io/broker.ts';
import { startDepot } from '../../dashboard/main.ts';
import { GatewayConfig } from '../../gateway/config.ts';
import { makeNmeaReader } from '../../gateway/core/nmea/reader.ts';
import { makeVedirectReader } from '../../gateway/core/vedirect.ts';
import { startVan } from '../../gateway/van.ts';
import type { Agenda } from '../../protocol/agenda.ts';
import { type FakeClock, fakeClock } from '../../runtime/clock.ts';
import { makeParts } from '../../runtime/lifecycle.ts';
import { silentLog } from '../../runtime/log.ts';
import type { World } from '../../simulators/world.ts';

/**
 * Van and depot in one process on one fake clock: the simulators' bytes go through the real readers, engine, journal,
 * MQTT over a real socket, the real broker and store. Time moves when `drive` says so.
 */
/** Turns of the event loop in a second: a publish and its receipt need about six. */
const TURNS = 12;

export const VAN = 'camping-car-7';

export type Rig = {
  readonly clock: FakeClock;
  readonly folder: string;
  startDepot(): Promise<Depot>;
  startVan(boot: string): Van;
  /** Moves the clock and the world to second `s`, feeding the van what its devices say. */
  drive(world: World, van: Van, s: number): Promise<void>;
  /** Drives on until the depot holds all that the van has committed. */
  drained(world: World, van: Van): Promise<void>;
  stop(): Promise<void>;
};
export type Depot = Awaited<ReturnType<typeof startDepot>> & { stop(): Promise<void> };
export type Van = ReturnType<typeof startVan> & {
  stop(): Promise<void>;
  feed(device: string, bytes: Uint8Array): void;
};

export function makeRig(startMs: number, agenda: Agenda): Rig {
  const folder = mkdtempSync(join(tmpdir(), 'tournee-rig-'));
  const at = (name: string) => join(folder, name);
  writeFileSync(at('secret'), 'a secret of the rig\n');
  writeFileSync(at('agenda.json'), JSON.stringify(agenda));
  const clock = fakeClock(startMs);
  const running = new Set<{ stop(): Promise<void> }>();
  let port = 0;

  const tracked = <T extends object>(thing: T, stopParts: () => Promise<void>) => {
    const whole = Object.assign(thing, {
      async stop() {
        running.delete(whole);
        await stopParts();
      },
    });
    running.add(whole);
    return whole;
  };

  const elapsedMs = () => clock.nowMs() - startMs;
  /** The clock is false, the sockets are real: each second they get some turns of the loop. */
  async function moveTo(s: number): Promise<void> {
    const endMs = Math.ceil(s * 1000);
    while (elapsedMs() < endMs) {
      const wholeMs = (Math.floor(elapsedMs() / 1000) + 1) * 1000;
      await clock.advance(Math.min(endMs, wholeMs) - elapsedMs());
      if (elapsedMs() === wholeMs)
        for (let turn = 0; turn < TURNS; turn++) await new Promise((r) => setImmediate(r));
    }
  }

  return {
    clock,
    folder,
    async startDepot() {
      const parts = makeParts(silentLog);
      const config = DepotConfig.parse({
        broker: `mqtt://127.0.0.1:${port}`,
        http: 'http://127.0.0.1:0',
        store: `sqlite:${at('depot.db')}`,
        agenda: at('agenda.json'),
        vans: [{ id: VAN, secretFile: at('secret') }],
        auth: 'none',
      });
      const depot = await startDepot(config, { add: parts.add, clock, log: silentLog });
      port = Number(new URL((depot.link as Broker).url).port);
      return tracked(depot, () => parts.stop());
    },
    startVan(boot) {
      const parts = makeParts(silentLog);
      const config = GatewayConfig.parse({
        van: VAN,
        sources: { gps: 'file:none' },
        journal: at('van.db'),
        broker: `mqtt://127.0.0.1:${port}`,
        secretFile: at('secret'),
      });
      const van = startVan(config, {
        add: parts.add,
        clock,
        log: silentLog,
        random: () => 0,
        boot,
        buildMs: startMs - 86_400_000,
      });
      return tracked(Object.assign(van, { feed: feeder(van, clock) }), () => parts.stop());
    },
    async drive(world, van, s) {
      for (const { s: at, device, bytes } of world.until(s)) {
        await moveTo(at);
        van.feed(device, bytes);
      }
      await moveTo(s);
    },
    async drained(world, van) {
      const endMs = performance.now() + 20_000;
      while (van.journal.backlog().rows > 0) {
        if (performance.now() > endMs) throw new Error('the depot did not receive all rows within 20 s');
        await this.drive(world, van, elapsedMs() / 1000 + 5);
      }
    },
    async stop() {
      for (const part of [...running].reverse()) await part.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** What gateway/io/devices.ts does with bytes, without ports. */
function feeder({ host }: ReturnType<typeof startVan>, clock: FakeClock) {
  const nmea = makeNmeaReader();
  const shunt = makeVedirectReader();
  return (device: string, bytes: Uint8Array) => {
    const monoMs = clock.monotonicMs();
    if (device === 'gps')
      for (const fix of nmea.push(bytes)) {
        host.observe({ utcMs: fix.at, monoMs, source: 'gnss' });
        host.offer({ kind: 'fix', fix, monoMs });
      }
    if (device === 'shunt')
      for (const unit of shunt.push(bytes))
        if ('reading' in unit) host.offer({ kind: 'power', reading: unit.reading, monoMs });
  };
}
