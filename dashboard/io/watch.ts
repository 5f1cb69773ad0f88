import type { Clock } from '../../runtime/clock.ts';
import type { Part } from '../../runtime/lifecycle.ts';
import type { Publish } from './ports.ts';

/** A visible tab says every 30 s which van it looks at; the van is told at most twice a minute (DESIGN §4). */
const TELL_MS = 25_000;

export type Watch = Part & { look(van: string): void };

export function startWatch(publish: Publish, clock: Clock): Watch {
  const told = new Map<string, number>();
  return {
    look(van) {
      const now = clock.monotonicMs();
      if (now - (told.get(van) ?? Number.NEGATIVE_INFINITY) < TELL_MS) return;
      told.set(van, now);
      publish(van, 'cab', { watched: true }, false);
    },
    stop: () => told.clear(),
  };
}
