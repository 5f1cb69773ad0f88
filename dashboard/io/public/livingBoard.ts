import type { Clock } from '../../../runtime/clock.ts';
import type { PublicSource } from '../../../visit/public.ts';
import { type Board, boardOf, changesOf, type Told } from '../../core/publicBoard.ts';

/** The board kept true: told again when facts change (several at once as one) and as time passes. */
export type LivingBoard = {
  current(): Board;
  /** Grows when something of the commune, or of any, is said otherwise. */
  version(commune?: string): number;
  /** `gone`: communes of which a visit was withdrawn. */
  subscribe(listener: (changed: readonly Told[], gone: ReadonlySet<string>) => void): () => void;
  stop(): void;
};

/** Silence has limits of 90 and 150 s: a second is fine enough. */
const TICK_MS = 1000;
/**
 * The first change is told at once; a fleet's positions come hundreds a second: those of a while are told as one, so
 * that telling takes at most a fifth of the time. The while is bounded: an arrival waits for nobody's load.
 */
const REST_SHARE = 4;
const GATHER_MS = 100;
const MIN_REST_MS = 10;

export function startBoard(source: PublicSource, clock: Clock): LivingBoard {
  let board = boardOf(source.visits(clock.nowMs()), clock.nowMs());
  let total = 1;
  const versions = new Map<string, number>();
  const listeners = new Set<Parameters<LivingBoard['subscribe']>[0]>();
  let gathering: (() => void) | undefined;
  let freeMs = Number.NEGATIVE_INFINITY;

  function renew(): void {
    const now = clock.nowMs();
    const before = board;
    board = boardOf(source.visits(now), now, before);
    const changed = changesOf(before, board);
    const gone = new Set(
      before.visits.filter(({ facts }) => !board.byId.has(facts.id)).map(({ facts }) => facts.commune),
    );
    if (changed.length === 0 && gone.size === 0) return;
    total++;
    for (const commune of new Set([...changed.map((t) => t.facts.commune), ...gone]))
      versions.set(commune, total);
    for (const listener of listeners) listener(changed, gone);
  }

  const stopTicks = clock.every(TICK_MS, renew);
  const unsubscribe = source.subscribe(() => {
    gathering ??= clock.after(Math.max(0, freeMs - clock.monotonicMs()), () => {
      gathering = undefined;
      const beganMs = clock.monotonicMs();
      renew();
      const endMs = clock.monotonicMs();
      freeMs = endMs + Math.min(GATHER_MS, Math.max(MIN_REST_MS, REST_SHARE * (endMs - beganMs)));
    });
  });
  return {
    current: () => board,
    version: (commune) => (commune === undefined ? total : (versions.get(commune) ?? 1)),
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    stop() {
      stopTicks();
      gathering?.();
      unsubscribe();
      listeners.clear();
    },
  };
}
