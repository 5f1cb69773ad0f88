import type { RowOf } from '../../protocol/rows.ts';
import { QUANTUM, quantise } from '../../protocol/rows.ts';
import { isoOf } from '../../protocol/time.ts';
import type { LinkState } from './link.ts';

/** Link rows are sparse: what changed, a real change of level, else one in ten minutes. */
const BEAT_MS = 10 * 60_000;
const LEVEL_MS = 60_000;
const LEVEL_DB = 6;

/** The row of the present state; levels quantised, no cell id (off duty too it may be kept). */
export function linkRow(state: LinkState): RowOf<'link'> {
  const radio = state.radio?.reading ?? {};
  const shown = state.shown!;
  const facts = state.courier?.facts;
  const dbm = (name: string, value: number | undefined) =>
    value === undefined ? {} : { [name]: quantise(value, QUANTUM.dbm) };
  return {
    kind: 'link',
    at: isoOf(state.at),
    state: shown.state,
    ...(shown.cause ? { cause: shown.cause } : {}),
    ...dbm('rsrpDbm', radio.rsrpDbm),
    ...dbm('rsrqDb', radio.rsrqDb),
    ...dbm('sinrDb', radio.sinrDb),
    ...dbm('rssiDbm', radio.rssiDbm),
    ...(radio.registration ? { registration: radio.registration } : {}),
    ...(radio.technology ? { technology: radio.technology } : {}),
    ...(radio.operator ? { operator: radio.operator.slice(0, 40) } : {}),
    ...(facts?.roundTripMs === undefined ? {} : { roundTripMs: Math.round(facts.roundTripMs) }),
    ...(facts?.oldestUnreceivedS === undefined ? {} : { backlogAgeS: Math.round(facts.oldestUnreceivedS) }),
  };
}

/** Is the present state worth a row? */
export function rowIsDue(state: LinkState): boolean {
  const last = state.lastRow;
  if (!last) return true;
  const { row } = last;
  const radio = state.radio?.reading;
  if (row.state !== state.shown!.state || row.cause !== state.shown!.cause) return true;
  if (state.at - last.at >= BEAT_MS) return true;
  if (state.at - last.at < LEVEL_MS || !radio) return false;
  const moved = (now: number | undefined, then: number | undefined) =>
    now !== undefined && Math.abs(now - (then ?? Number.NEGATIVE_INFINITY)) >= LEVEL_DB;
  return (
    row.registration !== radio.registration ||
    row.technology !== radio.technology ||
    row.operator !== radio.operator?.slice(0, 40) ||
    moved(radio.rsrpDbm, row.rsrpDbm) ||
    moved(radio.rssiDbm, row.rssiDbm)
  );
}
