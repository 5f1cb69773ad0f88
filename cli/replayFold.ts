import { repairedAt } from '../gateway/core/gate.ts';
import { fixOfTpv } from '../gateway/core/gpsd.ts';
import { initialLocate, type LocateInput, type LocateState, stepLocate } from '../gateway/core/locate.ts';
import { type PowerKeepState, stepPowerKeep } from '../gateway/core/powerKeep.ts';
import type { Agenda } from '../protocol/agenda.ts';
import type { Fix, PowerReading } from '../protocol/readings.ts';
import { ActRow, type Row, type RowOf } from '../protocol/rows.ts';
import { isoOf, msOf } from '../protocol/time.ts';
import { PRESENCE_DEFAULTS, type PresenceSettings } from '../visit/presence.ts';
import type { Learnt } from '../visit/travel.ts';

/**
 * `replay --fixes`: lines in, changes out, by the gateway's own gate, keep and presence, ticked as on the van
 * (DESIGN §1.1, §6). What a line answers depends on the lines before it and on nothing else.
 */
export type Replay = {
  /** One line of the input; gives what can be told now, in order. */
  push(line: string): RowOf<'visit'>[];
  readonly counters: Readonly<ReplayCounters>;
};
export type ReplayCounters = { lines: number; malformed: number; undated: number; rows: number };

/**
 * A replay has no build date of its own: the same input gives the same output with any version. The newest week
 * rollover of GPS stands for it; what is older is a date that has lost 1024 weeks.
 */
const OLDEST_MS = Date.UTC(2019, 3, 7);
/** A line so far ahead of all others is believed when the next one agrees. */
const LEAP_MS = 36 * 3_600_000;

export type ReplayOptions = {
  readonly presence?: PresenceSettings;
  /** Rows that the van would have journaled. */
  readonly onRow?: (row: Row) => void;
  /** What earlier weeks taught. */
  readonly learnt?: readonly Learnt[];
};

export function makeReplay(
  agenda: Agenda,
  { presence = PRESENCE_DEFAULTS, onRow = () => {}, learnt = [] }: ReplayOptions = {},
): Replay {
  const settings = { buildMs: OLDEST_MS, presence };
  const counters: ReplayCounters = { lines: 0, malformed: 0, undated: 0, rows: 0 };
  let state: LocateState = initialLocate(settings);
  let power: PowerKeepState = {};
  let now: number | undefined;
  let nextAt: number | undefined;
  let leapAt: number | undefined;
  let acts = 0;
  let told: RowOf<'visit'>[] = [];

  function ask(input: LocateInput): void {
    const step = stepLocate(state, input, settings);
    state = step.state;
    nextAt = step.nextAt;
    for (const row of step.rows) {
      counters.rows++;
      onRow(row);
      if (row.kind === 'visit') told.push(row);
    }
  }

  /** Moves the clock; what fell due before is decided at its own time. */
  function moveTo(at: number): boolean {
    if (now === undefined) {
      now = at;
      ask({ kind: 'agenda', at, agenda });
      for (const row of learnt) ask({ kind: 'row', at, row: { kind: 'learnt', at: isoOf(at), learnt: row } });
      return true;
    }
    if (at - now > LEAP_MS && (leapAt === undefined || Math.abs(at - leapAt) > LEAP_MS)) {
      leapAt = at;
      return false;
    }
    leapAt = undefined;
    while (nextAt !== undefined && nextAt <= at) {
      now = Math.max(now, nextAt);
      ask({ kind: 'tick', at: now });
    }
    now = Math.max(now, at);
    return true;
  }

  function takeTpv(tpv: Record<string, unknown>, time: number): void {
    const at = repairedAt(time, OLDEST_MS);
    const fix = fixOf(tpv);
    if (moveTo(at) && fix) ask({ kind: 'fix', at: now!, fix });
  }

  function takePower(line: Record<string, unknown>, at: number): void {
    if (!moveTo(at)) return;
    const kept = stepPowerKeep(power, now!, readingOf(line), undefined);
    power = kept.state;
    if (kept.row) ask({ kind: 'row', at: now!, row: kept.row });
  }

  function takeAct(line: Record<string, unknown>, at: number): void {
    const row = ActRow.safeParse({ key: `replay-${++acts}`, ...line, kind: 'act', at: isoOf(at) });
    if (!row.success) counters.malformed++;
    else if (moveTo(at)) ask({ kind: 'row', at: now!, row: { ...row.data, at: isoOf(now!) } });
  }

  return {
    counters,
    push(text) {
      told = [];
      counters.lines++;
      const line = objectOf(text);
      const at = line && typeof line.time === 'string' ? msOf(line.time) : undefined;
      if (!line) counters.malformed++;
      else if (at === undefined) counters.undated++;
      else if (line.class === 'TPV') takeTpv(line, at);
      else if (line.class === 'POWER') takePower(line, at);
      else if (line.class === 'ACT') takeAct(line, at);
      return told;
    },
  };
}

function objectOf(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

const positive = (value: unknown, max: number): number | undefined =>
  typeof value === 'number' && value >= 0 && value <= max ? value : undefined;

/** A TPV in gpsd's form, with what gpsd gives elsewhere (`hdop`, `satellitesUsed`). */
function fixOf(tpv: Record<string, unknown>): Fix | undefined {
  const fix: { -readonly [K in keyof Fix]: Fix[K] } | undefined = fixOfTpv(tpv);
  if (!fix) return undefined;
  const hdop = positive(tpv.hdop, 100);
  const satellitesUsed = positive(tpv.satellitesUsed, 200);
  if (hdop !== undefined) fix.hdop = hdop;
  if (satellitesUsed !== undefined) fix.satellitesUsed = satellitesUsed;
  return fix;
}

function readingOf(line: Record<string, unknown>): PowerReading {
  const starterV = positive(line.starterV, 100);
  const houseV = positive(line.houseV, 100);
  const soc = positive(line.soc, 100);
  return {
    ...(starterV === undefined ? {} : { starterV }),
    ...(houseV === undefined ? {} : { houseV }),
    ...(soc === undefined ? {} : { soc }),
  };
}

/** A change as `replay` prints it. */
export function lineOfChange({ at, visit, state, open, movedTo, because, evidence }: RowOf<'visit'>): string {
  return JSON.stringify({ time: at, visit, state, open, movedTo, because, evidence });
}
