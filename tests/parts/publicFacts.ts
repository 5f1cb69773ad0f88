import { instantOf } from '../../visit/agenda.ts';
import type { Claim, PublicFacts, PublicSource } from '../../visit/public.ts';

/** A visit of Tuesday 24 November 2026 at Ligueil, 9:30 to 12:00, as the depot's views would tell it. */
export const ZONE = 'Europe/Paris';
export const DAY = '2026-11-24';
/** `at('10:12')`: that wall time on the day of the visit. */
export const at = (time: string, date = DAY): number => instantOf(date, time, ZONE);

export function factsOf(changed: Partial<PublicFacts> = {}): PublicFacts {
  const { date = DAY, from = '09:30', to = '12:00' } = changed;
  const fromMs = instantOf(date, from, ZONE);
  const toMs = instantOf(date, to, ZONE, to <= from ? 1 : 0);
  return {
    id: 'v1',
    stop: 's1',
    name: 'Place de la Mairie',
    commune: '37130',
    timezone: ZONE,
    date,
    from,
    to,
    fromMs,
    toMs,
    lat: 47.0433,
    lon: 0.8183,
    plannedAtMs: fromMs - 30 * 86_400_000,
    dutyFromMs: fromMs - 3_600_000,
    dutyToMs: toMs + 3_600_000,
    claims: {},
    ...changed,
  };
}

/** The van's word on the visit. */
export const gps = (claim: Claim): Pick<PublicFacts, 'claims'> => ({ claims: { gps: claim } });

/** A source whose facts a test sets by hand. */
export function sourceOf(
  first: readonly PublicFacts[],
): PublicSource & { set(facts: readonly PublicFacts[]): void } {
  let facts = first;
  const listeners = new Set<() => void>();
  return {
    visits: () => facts,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    set(next) {
      facts = next;
      for (const listener of listeners) listener();
    },
  };
}
