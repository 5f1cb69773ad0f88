import type { PresenceState } from '../../protocol/presence.ts';
import type { Day, TrueStay } from '../../simulators/days/day.ts';

/** What was told of a day against what was true, second by second (facts/presence.md §3). */
export type ToldChange = {
  /** Second of the day. */
  readonly s: number;
  readonly visit: string;
  readonly state: PresenceState;
  /** Believed arrival, second of the day. */
  readonly since?: number;
};

export type DayScore = {
  readonly visits: number;
  /** Seconds told on site while not at the stop. */
  falseS: number;
  missedS: number;
  never: number;
  stuck: number;
  extraFlips: number;
  goneS: number;
  silentS: number;
  readonly latencies: number[];
  readonly leavings: number[];
  readonly sinceErrors: number[];
  readonly softs: number[];
};

const ROLLING_IN_S = 20;
const AFTER_LEAVING_S = 180;
const MISSED_AFTER_S = 180;
const GONE_AFTER_S = 60;
const SILENT_AFTER_S = 600;
const EARLY_S = 45 * 60;
const GONE = new Set<PresenceState>(['left', 'missed', 'late']);

/** State of a visit at each second. */
function timeline(changes: readonly ToldChange[], visit: string, seconds: number): PresenceState[] {
  const states: PresenceState[] = new Array(seconds).fill('planned');
  for (const { s, visit: of, state } of changes)
    if (of === visit) states.fill(state, Math.max(0, Math.ceil(s)));
  return states;
}

export function scoreDay(day: Day, changes: readonly ToldChange[]): DayScore {
  const score: DayScore = {
    visits: Object.keys(day.windows).length,
    falseS: 0,
    missedS: 0,
    never: 0,
    stuck: 0,
    extraFlips: 0,
    goneS: 0,
    silentS: 0,
    latencies: [],
    leavings: [],
    sinceErrors: [],
    softs: [],
  };
  for (const visit of Object.keys(day.windows)) scoreVisit(day, changes, visit, score);
  return score;
}

function scoreVisit(day: Day, changes: readonly ToldChange[], visit: string, score: DayScore): void {
  const { seconds, seen } = day;
  const window = day.windows[visit]!;
  const states = timeline(changes, visit, seconds);
  const stays = day.stays.filter(
    (stay) => stay.visit === visit && stay.to > window.from - EARLY_S && stay.from < window.to,
  );
  const present = new Uint8Array(seconds);
  const forgiven = new Uint8Array(seconds);
  for (const { from, to } of stays) {
    present.fill(1, from, to);
    forgiven.fill(1, Math.max(0, from - ROLLING_IN_S), Math.min(seconds, to + AFTER_LEAVING_S));
  }
  let flips = 0;
  for (let s = 0; s < seconds; s++) {
    const isTold = states[s] === 'on_site';
    if (isTold && !forgiven[s]) score.falseS++;
    if (s > 0 && isTold !== (states[s - 1] === 'on_site')) flips++;
    const isWaiting = s >= window.from + SILENT_AFTER_S && s < window.to;
    if (isWaiting && states[s] === 'planned' && !present[s] && seen[s]) score.silentS++;
  }
  score.extraFlips += Math.max(0, flips - 2 * stays.length + (states.at(-1) === 'on_site' ? 1 : 0));
  if (states.at(-1) === 'on_site' && !present[seconds - 1]) score.stuck++;
  for (const stay of stays) scoreStay(day, changes, visit, stay, states, score);
}

function scoreStay(
  day: Day,
  changes: readonly ToldChange[],
  visit: string,
  stay: TrueStay,
  states: readonly PresenceState[],
  score: DayScore,
): void {
  const { seen, windows } = day;
  const window = windows[visit]!;
  const from = Math.max(stay.from, window.from - EARLY_S);
  const seenFrom = firstSeen(seen, from, stay.to);
  if (seenFrom === undefined) return;
  let goneFrom = seenFrom;
  for (let s = from; s < stay.to; s++) {
    if (s > 0 && seen[s] && !seen[s - 1]) goneFrom = s;
    if (GONE.has(states[s]!) && seen[s] && s >= goneFrom + GONE_AFTER_S) score.goneS++;
    const inWindow = s >= window.from && s < window.to;
    if (inWindow && seen[s] && states[s] !== 'on_site' && s >= seenFrom + MISSED_AFTER_S) score.missedS++;
  }
  const toldAt = told(states, seenFrom, stay.to + 1, (state) => state === 'on_site');
  if (toldAt === undefined) {
    if (stay.to - seenFrom > MISSED_AFTER_S) score.never++;
    return;
  }
  score.latencies.push(toldAt - seenFrom);
  const soft = told(states, seenFrom, stay.to + 1, (state) => state === 'approaching' || state === 'on_site');
  score.softs.push(soft! - seenFrom);
  const change = changes.find((c) => c.visit === visit && c.state === 'on_site' && c.s >= toldAt - 1);
  if (change?.since !== undefined) score.sinceErrors.push(Math.abs(change.since - stay.from));
  if (states[stay.to] !== 'on_site' || stay.to + 1 >= day.seconds || !seen[stay.to]) return;
  const left = told(states, stay.to, day.seconds, (state) => state !== 'on_site');
  if (left !== undefined) score.leavings.push(left - stay.to);
}

/** Seen for good: the first second with a position. */
function firstSeen(seen: Uint8Array, from: number, to: number): number | undefined {
  for (let s = from; s < to; s++) if (seen[s]) return s;
  return undefined;
}

function told(
  states: readonly PresenceState[],
  from: number,
  to: number,
  is: (state: PresenceState) => boolean,
): number | undefined {
  for (let s = from; s < Math.min(to, states.length); s++) if (is(states[s]!)) return s;
  return undefined;
}

export function addScore(sum: DayScore, day: DayScore): DayScore {
  return {
    visits: sum.visits + day.visits,
    falseS: sum.falseS + day.falseS,
    missedS: sum.missedS + day.missedS,
    never: sum.never + day.never,
    stuck: sum.stuck + day.stuck,
    extraFlips: sum.extraFlips + day.extraFlips,
    goneS: sum.goneS + day.goneS,
    silentS: sum.silentS + day.silentS,
    latencies: [...sum.latencies, ...day.latencies],
    leavings: [...sum.leavings, ...day.leavings],
    sinceErrors: [...sum.sinceErrors, ...day.sinceErrors],
    softs: [...sum.softs, ...day.softs],
  };
}

/** The value below which `share` of the values lie; `undefined` of none. */
export function percentile(values: readonly number[], share: number): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}
