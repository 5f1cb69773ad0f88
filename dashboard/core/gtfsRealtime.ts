import type { Bilingual } from '../../visit/format.ts';
import type { PublicStatement } from '../../visit/statement.ts';
import { currentOf, gtfsDate, ROUTE } from './gtfs.ts';
import type { Board, Told } from './publicBoard.ts';

/**
 * What is live as GTFS-Realtime (gtfs.org/documentation/realtime/reference): a trip update of each visit that differs
 * from its plan or is seen, and an alert that carries the public statement in its words. Never a vehicle: no position
 * between stops is public. Times are POSIX seconds. Stop times are named by `stop_sequence`: both are at one stop.
 */
export type StopTimeEvent = { readonly time: number; readonly uncertainty?: number };
export type StopTimeUpdate = {
  readonly sequence: number;
  readonly relationship: 'scheduled' | 'skipped' | 'no data';
  readonly arrival?: StopTimeEvent;
  readonly departure?: StopTimeEvent;
};
export type TripUpdate = {
  readonly trip: string;
  readonly date: string;
  readonly isCancelled: boolean;
  readonly stops: readonly StopTimeUpdate[];
  readonly timestamp: number;
};
export type Alert = {
  readonly trip: string;
  readonly date: string;
  readonly effect: keyof typeof EFFECTS;
  readonly from: number;
  readonly to: number;
  readonly url: string;
  readonly header: Bilingual;
  readonly description: Bilingual;
};
export type RealtimeFeed = {
  readonly timestamp: number;
  readonly updates: readonly TripUpdate[];
  readonly alerts: readonly Alert[];
};

/** `Alert.Effect` of gtfs-realtime.proto. */
export const EFFECTS = { none: 1, late: 3, unknown: 8, moved: 9, as_planned: 10 } as const;

const EFFECT_OF: Partial<Record<PublicStatement['state'], Alert['effect']>> = {
  cancelled: 'none',
  missed: 'none',
  late: 'late',
  unknown: 'unknown',
  moved: 'moved',
};

const posix = (ms: number) => Math.floor(ms / 1000);
const event = (ms: number): StopTimeEvent => ({ time: posix(ms) });
const NO_DATA: StopTimeUpdate = { sequence: 1, relationship: 'no data' };

/** Of the visit's own stop time; `undefined`: nothing is known beside the plan. */
function stopsOf({ facts, statement }: Told, nowMs: number): readonly StopTimeUpdate[] | undefined {
  const { state, arrivedMs, leftMs, expectedFromMs, expectedToMs, movedTo } = statement;
  if (movedTo) return [1, 2].map((sequence) => ({ sequence, relationship: 'skipped' }));
  const visit = (arrivalMs: number | undefined, departureMs: number | undefined): StopTimeUpdate => ({
    sequence: 1,
    relationship: 'scheduled',
    ...(arrivalMs === undefined ? {} : { arrival: event(arrivalMs) }),
    ...(departureMs === undefined ? {} : { departure: event(Math.max(departureMs, arrivalMs ?? 0)) }),
  });
  if (state === 'unknown') return [NO_DATA];
  // Still there after its window: when it will go is not known, and its early arrival must not be spread onto that.
  if (state === 'on_site' && nowMs >= facts.toMs)
    return arrivedMs === undefined
      ? [NO_DATA]
      : [visit(arrivedMs, undefined), { sequence: 2, relationship: 'no data' }];
  if (state === 'on_site') return [visit(arrivedMs, facts.toMs)];
  if (state === 'left') return [visit(arrivedMs, leftMs ?? statement.atMs)];
  if (state !== 'late') return undefined;
  if (expectedFromMs === undefined || expectedToMs === undefined) return [NO_DATA];
  const late = visit(expectedFromMs, facts.toMs);
  const uncertainty = posix(expectedToMs - expectedFromMs);
  return [{ ...late, arrival: { ...late.arrival!, uncertainty } }];
}

function updateOf(told: Told, nowMs: number): TripUpdate[] {
  const { facts, statement } = told;
  const isCancelled = statement.state === 'cancelled' || statement.state === 'missed';
  const stops = isCancelled ? [] : stopsOf(told, nowMs);
  const timestamp = posix(Math.min(statement.atMs, nowMs));
  return stops ? [{ trip: facts.id, date: gtfsDate(facts.date), isCancelled, stops, timestamp }] : [];
}

function alertOf({ facts, statement }: Told, pageOf: (commune: string) => string): Alert[] {
  if (statement.state === 'planned' && !statement.movedTo) return [];
  return [
    {
      trip: facts.id,
      date: gtfsDate(facts.date),
      effect: EFFECT_OF[statement.state] ?? (statement.movedTo ? 'moved' : 'as_planned'),
      from: posix(Math.min(facts.dutyFromMs, facts.fromMs)),
      to: posix(Math.max(facts.dutyToMs, facts.toMs)),
      url: pageOf(facts.commune),
      header: statement.sentence,
      description: statement.text,
    },
  ];
}

/** The feed of one moment; `pageOf` gives the address of a commune's page. */
export function realtimeOf(board: Board, nowMs: number, pageOf: (commune: string) => string): RealtimeFeed {
  const visits = currentOf(board.visits, nowMs);
  return {
    timestamp: posix(nowMs),
    updates: visits.flatMap((told) => updateOf(told, nowMs)),
    alerts: visits.flatMap((told) => alertOf(told, pageOf)),
  };
}

export { ROUTE };
