import type { PresenceState, StatementSource } from '../../protocol/presence.ts';
import { msOf } from '../../protocol/time.ts';
import { present } from './present.ts';
import type { HeldSpan, VisitView } from './vanView.ts';

/**
 * What was held, by visit and by commune and month. The ledger names no person and no position: it outlives the raw
 * rows (people.md §3.1).
 */
export type LedgerEntry = {
  readonly visit: string;
  readonly date: string;
  readonly commune: string;
  readonly name: string;
  readonly van: string;
  readonly from: string;
  readonly to: string;
  readonly plannedMin: number;
  readonly state: PresenceState;
  readonly source: StatementSource;
  readonly arrivedAt?: string;
  readonly leftAt?: string;
  readonly presentMin: number;
  /** Minutes that the crew told as open; absent when it never told. */
  readonly openMin?: number;
  /** Minutes from the window's begin to the arrival, when it was after. */
  readonly lateMin?: number;
  readonly reason?: string;
  readonly corrected?: true;
};

/** Arrivals up to this after the window's begin are on time (DESIGN §2: `late` from 5 min). */
const LATE_FROM_MIN = 5;

const minutes = (ms: number) => Math.round(ms / 60_000);
const ms = (iso: string) => msOf(iso)!;

export function ledgerEntry(visit: VisitView, nowMs: number): LedgerEntry {
  const arrivedAt = visit.arrivedAt ?? visit.held[0]?.from;
  const lateMin = arrivedAt === undefined ? undefined : minutes(ms(arrivedAt) - ms(visit.fromAt));
  const told = visit.held.some((span) => span.open);
  return {
    visit: visit.id,
    date: visit.date,
    commune: visit.commune,
    name: visit.name,
    van: visit.van,
    from: visit.from,
    to: visit.to,
    plannedMin: minutes(ms(visit.toAt) - ms(visit.fromAt)),
    state: visit.state,
    source: visit.source,
    ...present('arrivedAt', arrivedAt),
    ...present('leftAt', visit.leftAt),
    presentMin: spansMin(visit.held, visit, nowMs),
    ...(told
      ? {
          openMin: spansMin(
            visit.held.filter((span) => span.open),
            visit,
            nowMs,
          ),
        }
      : {}),
    ...(lateMin !== undefined && lateMin > LATE_FROM_MIN ? { lateMin } : {}),
    ...present('reason', visit.reason),
    ...(visit.correction ? { corrected: true as const } : {}),
  };
}

/** A span without an end is counted to the last news, at most to now. */
function spansMin(held: readonly HeldSpan[], visit: VisitView, nowMs: number): number {
  const last = Math.min(nowMs, ms(visit.at));
  return minutes(held.reduce((sum, { from, to }) => sum + Math.max(0, (to ? ms(to) : last) - ms(from)), 0));
}

export type CommuneMonth = {
  readonly commune: string;
  readonly name: string;
  readonly planned: number;
  readonly held: number;
  readonly plannedMin: number;
  readonly presentMin: number;
  readonly openMin: number;
  readonly late: number;
  readonly missed: number;
  readonly cancelled: number;
  readonly unknown: number;
  readonly corrected: number;
  /** Why what was lost was lost, each reason once. */
  readonly reasons: readonly string[];
  readonly next?: string;
};

/** Held: it was there, whoever says so. An arrival without a known end counts; its minutes are those that are known. */
export const wasHeld = ({ state, arrivedAt }: LedgerEntry): boolean =>
  state === 'left' || state === 'on_site' || (state === 'unknown' && arrivedAt !== undefined);

/** `next`: the commune's next planned date after the month, by INSEE code. */
export function accountOf(
  entries: readonly LedgerEntry[],
  names: ReadonlyMap<string, string>,
  next: ReadonlyMap<string, string>,
): CommuneMonth[] {
  const byCommune = new Map<string, LedgerEntry[]>();
  for (const entry of entries) {
    const own = byCommune.get(entry.commune);
    if (own) own.push(entry);
    else byCommune.set(entry.commune, [entry]);
  }
  return [...byCommune]
    .map(([commune, visits]): CommuneMonth => {
      const count = (of: (entry: LedgerEntry) => boolean) => visits.filter(of).length;
      const sum = (of: (entry: LedgerEntry) => number) =>
        visits.reduce((total, entry) => total + of(entry), 0);
      const lost = visits.filter((e) => e.state === 'cancelled' || e.state === 'missed' || e.corrected);
      return {
        commune,
        name: names.get(commune) ?? visits[0]!.name,
        planned: visits.length,
        held: count(wasHeld),
        plannedMin: sum((e) => e.plannedMin),
        presentMin: sum((e) => e.presentMin),
        openMin: sum((e) => e.openMin ?? 0),
        late: count((e) => wasHeld(e) && e.lateMin !== undefined),
        missed: count((e) => e.state === 'missed'),
        cancelled: count((e) => e.state === 'cancelled'),
        unknown: count((e) => e.state === 'unknown' && !wasHeld(e)),
        corrected: count((e) => e.corrected === true),
        reasons: [...new Set(lost.flatMap((e) => (e.reason ? [e.reason] : [])))],
        ...present('next', next.get(commune)),
      };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
