import { describe, expect, it, onTestFinished } from 'vitest';
import { makeRandom } from '../../simulators/random.ts';
import { lookAt } from '../parts/look.ts';
import { end, layOut, outputOf, type Running, VAN } from '../parts/processes.ts';

/** Real PTYs, real processes, real TCP. The real story of one stop is arrival.test.ts. */

const ended = (running: Running) => {
  onTestFinished(async () => {
    running.child.kill('SIGKILL');
    await running.ended;
  });
  return running;
};

async function until(what: string, limitMs: number, seen: () => Promise<boolean>): Promise<void> {
  const endMs = performance.now() + limitMs;
  while (!(await seen().catch(() => false))) {
    if (performance.now() > endMs) throw new Error(`waited ${limitMs} ms in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

describe('the real story', () => {
  it('a gateway killed at 20 random moments loses and doubles nothing', { timeout: 180_000 }, async () => {
    const place = await layOut();
    const box = ended(place.simulate('plain'));
    await box.ready;
    const depot = ended(place.depot());
    await depot.ready;
    const random = makeRandom(20);
    for (let kill = 0; kill < 20; kill++) {
      const gateway = ended(place.gateway());
      // Every third while it starts, the others while it reads, commits and sends.
      if (kill % 3 > 0) await gateway.ready;
      await new Promise((resolve) => setTimeout(resolve, random.between(50, 2000)));
      gateway.child.kill('SIGKILL');
      await gateway.ended;
    }
    const last = ended(place.gateway());
    await last.ready;
    await until('what the killed ones left to be at the depot', 60_000, async () => {
      // Somebody looks: bulk rows then wait ten seconds at the most, not five minutes.
      await lookAt(place.http, VAN);
      const { van, depot } = await exports(place);
      const newest = van.at(-1)!.journal;
      const isHere = new Set(depot.map((line) => line.text));
      return van.every((line) => line.journal === newest || isHere.has(line.text));
    });
    expect(await end(last)).toBe(0);
    const { van, depot: atDepot } = await exports(place);
    const atVan = new Set(van.map((line) => line.text));
    expect(atDepot.filter((line) => !atVan.has(line.text))).toEqual([]);
    expect(new Set(atDepot.map(identityOf)).size).toBe(atDepot.length);
    expect(atDepot.length).toBeGreaterThan(30);
    expect(new Set(van.map((line) => line.journal)).size).toBeGreaterThanOrEqual(14);
    // No lane has a hole, and each begins at 1.
    for (const lines of laneBy(atDepot))
      expect(lines.map((line) => line.seq)).toEqual(lines.map((_, n) => n + 1));
  });
});

type Laid = Awaited<ReturnType<typeof layOut>>;
type Line = { text: string; journal: string; lane: string; seq: number };
const identityOf = ({ journal, lane, seq }: Line) => `${journal} ${lane} ${seq}`;

async function exports(place: Laid): Promise<{ van: Line[]; depot: Line[] }> {
  const lines = async (...args: string[]): Promise<Line[]> =>
    (await outputOf('export', ...args)).stdout
      .trim()
      .split('\n')
      .map((text) => ({ text, ...JSON.parse(text) }));
  return {
    van: await lines('--journal', place.at('gateway.db')),
    depot: await lines('--config', place.at('depot.yaml')),
  };
}

function laneBy(lines: readonly Line[]): Line[][] {
  const lanes = new Map<string, Line[]>();
  for (const line of lines) {
    const key = `${line.journal} ${line.lane}`;
    lanes.set(key, [...(lanes.get(key) ?? []), line]);
  }
  return [...lanes.values()];
}
