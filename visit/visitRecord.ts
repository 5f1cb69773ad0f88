import type { RowOf } from '../protocol/rows.ts';
import { msOf } from '../protocol/time.ts';

/** A stretch of time during which the agency was held to be at the stop: the solid bar of the tour line. */
export type HeldSpan = { readonly from: string; readonly to?: string; readonly open?: boolean };

/** When the depot received a row, and which one it is: `van/journal/lane/seq`; on board no identity is asked for. */
export type Received = { readonly receivedMs: number; readonly identity?: string };

/** What a van has told of one visit: its newest verdict, the newest act, and when it was held. */
export type VisitRecord = {
  readonly verdict?: RowOf<'visit'> & Received;
  readonly act?: RowOf<'act'> & Received;
  readonly held: readonly HeldSpan[];
  /** First arrival, by the van's own belief. */
  readonly arrivedAt?: string;
  readonly leftAt?: string;
};

type Records = ReadonlyMap<string, VisitRecord>;

/** Visits of the days around; older ones are read from the store. */
const MAX_RECORDS = 200;
/** Arrivals and departures of one visit that are drawn; a van that flaps more is an alert, not a picture. */
const MAX_SPANS = 24;

function withRecord(records: Records, visit: string, record: VisitRecord): Records {
  const next = new Map(records);
  next.delete(visit);
  next.set(visit, record);
  if (next.size > MAX_RECORDS) next.delete(next.keys().next().value!);
  return next;
}

const received = (receivedMs: number, identity: string | undefined): Received =>
  identity === undefined ? { receivedMs } : { receivedMs, identity };

/** The believed time of a change, in `evidence.since`; the time of telling without it. */
const sinceOf = (row: RowOf<'visit'>): string => {
  const { since } = row.evidence;
  return typeof since === 'string' && msOf(since) !== undefined ? since : row.at;
};

export function foldVisit(
  records: Records,
  row: RowOf<'visit'>,
  receivedMs: number,
  identity?: string,
): Records {
  const record = records.get(row.visit) ?? { held: [] };
  if (record.verdict && row.at < record.verdict.at) return records;
  const { leftAt, ...kept } = record;
  const left = row.state === 'left' ? sinceOf(row) : row.state === 'on_site' ? undefined : leftAt;
  return withRecord(records, row.visit, {
    ...kept,
    verdict: { ...row, ...received(receivedMs, identity) },
    held: heldAfter(record.held, row),
    ...(row.state === 'on_site' && !record.arrivedAt ? { arrivedAt: sinceOf(row) } : {}),
    ...(left === undefined ? {} : { leftAt: left }),
  });
}

/** `unknown` closes nothing: the agency is perhaps still there, and the bar ends where the news ends. */
function heldAfter(held: readonly HeldSpan[], row: RowOf<'visit'>): readonly HeldSpan[] {
  const last = held.at(-1);
  const running = last && last.to === undefined ? last : undefined;
  const before = running ? held.slice(0, -1) : held;
  if (row.state === 'on_site') {
    if (!running) return [...before, spanFrom(sinceOf(row), row.open)].slice(-MAX_SPANS);
    if ((running.open ?? false) === (row.open ?? false)) return held;
    return [...before, { ...running, to: row.at }, spanFrom(row.at, row.open)].slice(-MAX_SPANS);
  }
  if (!running || row.state === 'unknown') return held;
  return [...before, { ...running, to: sinceOf(row) < running.from ? row.at : sinceOf(row) }];
}

const spanFrom = (from: string, open: boolean | undefined): HeldSpan => (open ? { from, open } : { from });

export function foldAct(records: Records, row: RowOf<'act'>, receivedMs: number, identity?: string): Records {
  if (row.visit === undefined || row.act === 'pause') return records;
  const record = records.get(row.visit) ?? { held: [] };
  if (record.act && row.at !== null && record.act.at !== null && row.at < record.act.at) return records;
  return withRecord(records, row.visit, { ...record, act: { ...row, ...received(receivedMs, identity) } });
}
