import type { PowerReading } from '../../protocol/readings.ts';
import { QUANTUM, quantise, type RowOf } from '../../protocol/rows.ts';
import { isoOf } from '../../protocol/time.ts';

/**
 * Which power readings are worth a row: what changes presence (the engine) at once, what changes the battery's story
 * soon, else one a minute (five when nothing is charged or drawn). Decides on the reading in hand.
 */

const BEAT_MS = 60_000;
const QUIET_BEAT_MS = 5 * 60_000;
const STEP = { soc: 1, houseV: 0.2, houseA: 5, starterV: 0.3 } as const;
/** A change of level is told at most this often; a change of the engine always. */
const LEVEL_MS = 10_000;
/**
 * Presence sees an engine that stops as the starter's voltage falling through this band and staying below for 4 s
 * (facts/presence.md §6): the fall is a row at once, and so is the first reading that proves it held.
 */
const BAND = { highV: 13.4, lowV: 13.2, provenMs: 4000 } as const;

export type PowerRow = RowOf<'power'>;
export type PowerKeepState = {
  readonly last?: { readonly at: number; readonly row: PowerRow };
  /** Side of the band on which the starter's voltage is, and since when; `proven` once a row has said that it held. */
  readonly band?: { readonly high: boolean; readonly since: number; readonly proven: boolean };
};

/** The row for a reading, when it is worth one. */
export function stepPowerKeep(
  state: PowerKeepState,
  at: number,
  reading: PowerReading,
  engine: 'on' | 'off' | undefined,
): { state: PowerKeepState; row?: PowerRow } {
  const row = powerRow(at, reading, engine);
  const { band, due } = stepBand(state.band, at, reading.starterV);
  const kept = band ? { band } : {};
  if (!due && !isDue(state, at, row)) return { state: { ...state, ...kept } };
  return { state: { last: { at, row }, ...kept }, row };
}

type Band = PowerKeepState['band'];

function stepBand(band: Band, at: number, starterV: number | undefined): { band: Band; due: boolean } {
  if (starterV === undefined) return { band, due: false };
  const high = starterV >= BAND.highV ? true : starterV < BAND.lowV ? false : band?.high;
  if (high === undefined) return { band, due: false };
  if (!band || band.high !== high)
    return { band: { high, since: at, proven: false }, due: band !== undefined };
  if (band.proven || at - band.since < BAND.provenMs) return { band, due: false };
  return { band: { ...band, proven: true }, due: true };
}

function isDue({ last }: PowerKeepState, at: number, row: PowerRow): boolean {
  if (!last || last.row.engine !== row.engine) return true;
  const ageMs = at - last.at;
  const isQuiet = row.engine !== 'on' && Math.abs(row.houseA ?? 0) < 1;
  if (ageMs >= (isQuiet ? QUIET_BEAT_MS : BEAT_MS)) return true;
  return (
    ageMs >= LEVEL_MS &&
    Object.entries(STEP).some(([field, step]) => {
      const name = field as keyof typeof STEP;
      const [now, then] = [row[name], last.row[name]];
      return (now === undefined) !== (then === undefined) || Math.abs((now ?? 0) - (then ?? 0)) >= step;
    })
  );
}

function powerRow(at: number, reading: PowerReading, engine: 'on' | 'off' | undefined): PowerRow {
  const value = (name: keyof PowerRow & keyof PowerReading, quantum: number) => {
    const v = reading[name] as number | undefined;
    return v === undefined ? {} : { [name]: quantise(v, quantum) };
  };
  return {
    kind: 'power',
    at: isoOf(at),
    ...value('houseV', QUANTUM.volts),
    ...value('houseA', QUANTUM.amperes),
    ...value('houseW', QUANTUM.watts),
    ...value('starterV', QUANTUM.volts),
    ...value('soc', QUANTUM.soc),
    ...value('timeToGoMin', 1),
    ...value('temperatureC', 1),
    ...value('panelW', QUANTUM.watts),
    ...(engine ? { engine } : {}),
  };
}
