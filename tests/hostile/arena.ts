import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type Child, startChild } from './child.ts';
import type { HonestQuestion, HonestStats } from './honestVan.ts';
import type { TargetFirst, TargetQuestion, TargetState } from './target.ts';
import { type Attacker, attack, type ConnectWords, connectPacket, TYPE } from './wire.ts';

/** What must hold beside each attack (facts/campaigns.md §5). */
const HONEST_P99_MS = 1000;
const GROWTH_MB = 50;

/** A broker under attack, an honest van beside, and attackers with credentials of their own. */
export interface Arena {
  readonly port: number;
  readonly target: Child<TargetQuestion, TargetState>;
  /** A van with a credential that nobody has used yet: a crime bans its name for a minute. */
  freshVan(): string;
  /** Connects as `van` with its own credential; resolves when it is welcome. */
  enter(van: string, words?: Partial<ConnectWords>): Promise<Attacker>;
  /** Runs an attack and checks what must hold beside it; gives how much each counter grew. */
  under(attack: () => Promise<void>): Promise<Readonly<Record<string, number>>>;
  stop(): Promise<void>;
}

const ATTACKERS = 120;

export async function openArena(): Promise<Arena> {
  const folder = mkdtempSync(join(tmpdir(), 'tournee-arena-'));
  const names = Array.from({ length: ATTACKERS }, (_, n) => `mallory-${n}`);
  const target = await startChild<TargetQuestion, TargetState, TargetFirst>('target.ts', [
    folder,
    'honest',
    'victim',
    ...names,
  ]);
  const { port } = target.first;
  const honest = await startChild<HonestQuestion, HonestStats, object>('honestVan.ts', [`${port}`, 'honest']);
  const calm = await target.ask({ what: 'state' });
  let used = 0;
  const worst = { p99Ms: 0, growthMb: 0 };

  async function enter(van: string, words: Partial<ConnectWords> = {}): Promise<Attacker> {
    const attacker = await attack(
      port,
      connectPacket({ id: van, user: van, password: `secret of ${van}`, ...words }),
    );
    expect((await attacker.packet(TYPE.connack))?.body[1]).toBe(0);
    return attacker;
  }

  return {
    port,
    target,
    enter,
    freshVan: () => names[used++]!,
    async under(run) {
      const before = await target.ask({ what: 'state' });
      await honest.ask({ what: 'begin' });
      await run();
      // Receipts of a calm second follow even the shortest attack.
      await new Promise((resolve) => setTimeout(resolve, 300));
      const stats = await honest.ask({ what: 'stats' });
      const after = await target.ask({ what: 'state' });
      worst.p99Ms = Math.max(worst.p99Ms, stats.p99Ms);
      worst.growthMb = Math.max(worst.growthMb, after.rssMb - calm.rssMb);
      expect(target.hasDied()).toBe(false);
      expect(stats.receipts).toBeGreaterThan(0);
      expect(stats.p99Ms).toBeLessThan(HONEST_P99_MS);
      expect(stats.waitingMs).toBeLessThan(HONEST_P99_MS);
      expect({ connects: stats.connects, deletedAgenda: stats.deletedAgenda }).toEqual({
        connects: 1,
        deletedAgenda: false,
      });
      expect(after.rssMb - calm.rssMb).toBeLessThan(GROWTH_MB);
      const names = Object.keys(after.counters);
      return Object.fromEntries(names.map((n) => [n, after.counters[n]! - (before.counters[n] ?? 0)]));
    },
    async stop() {
      const { p99Ms, growthMb } = worst;
      process.stdout.write(
        `under attack at worst: honest receipt p99 ${p99Ms.toFixed(0)} ms, memory + ${growthMb.toFixed(0)} MB\n`,
      );
      await honest.stop();
      await target.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
