import type { LinkReading } from '../../protocol/readings.ts';
import type { RowOf } from '../../protocol/rows.ts';
import { judgeLink, type LinkVerdict } from './linkJudge.ts';
import { linkRow, rowIsDue } from './linkRow.ts';
import { LINK_DEFAULTS, type LinkSettings } from './settings.ts';

/**
 * The state of the link to the depot: pure fold of the modem's radio readings and of what the courier knows. Radio
 * values explain, they do not decide (facts/devices.md §4): a session that answers is a link, whatever the bars say.
 */

/** What the courier knows at one moment; ages are monotonic, in seconds. */
export type CourierFacts = {
  readonly connected: boolean;
  readonly roundTripMs?: number;
  /** Age of the oldest row that the depot has not received, from its first offer to the link. */
  readonly oldestUnreceivedS?: number;
  /** Code or text of the last failed attempt; ignored while connected. */
  readonly lastErrorCause?: string;
  readonly receiptAgeS?: number;
  readonly pingAgeS?: number;
};

export type LinkInput =
  | { readonly kind: 'radio'; readonly at: number; readonly reading: LinkReading }
  | { readonly kind: 'modem'; readonly at: number; readonly state: 'up' | 'lost' | 'silent' | 'wrong' }
  | { readonly kind: 'courier'; readonly at: number; readonly facts: CourierFacts }
  | { readonly kind: 'tick'; readonly at: number };

/** JSON-serialisable. */
export type LinkState = {
  readonly at: number;
  readonly radio?: { readonly at: number; readonly reading: LinkReading };
  readonly modemGone?: true;
  readonly courier?: { readonly at: number; readonly facts: CourierFacts };
  /** Round trips of the last 5 min, oldest first. */
  readonly roundTrips: readonly { readonly at: number; readonly ms: number }[];
  readonly connectedOnce?: true;
  readonly disconnectedAt?: number;
  readonly reconnectedAt?: number;
  /** What is said; absent until the courier has spoken. */
  readonly shown?: LinkVerdict & { readonly since: number };
  readonly worse?: { readonly samples: number };
  /** Better since then, at worst `verdict`. */
  readonly better?: { readonly since: number; readonly verdict: LinkVerdict };
  readonly lastRow?: { readonly at: number; readonly row: RowOf<'link'> };
};

export type LinkStep = {
  readonly state: LinkState;
  readonly events: readonly RowOf<'link'>[];
  /** State or cause changed: the alert fold and the page are told. */
  readonly changed: boolean;
  readonly nextAt?: number;
};

const ROUND_TRIPS_MS = 5 * 60_000;
const MAX_ROUND_TRIPS = 100;
const RANK = { good: 0, degraded: 1, bad: 2, offline: 3 } as const;

export const initialLink = (): LinkState => ({ at: Number.MIN_SAFE_INTEGER, roundTrips: [] });

export function stepLink(
  before: LinkState,
  input: LinkInput,
  settings: LinkSettings = LINK_DEFAULTS,
): LinkStep {
  const at = Math.max(before.at, input.at);
  const told = take({ ...before, at }, input, at);
  const settled = told.courier === undefined ? told : settle(told, input.kind !== 'tick', settings);
  const due = settled.shown !== undefined && rowIsDue(settled);
  const row = due ? linkRow(settled) : undefined;
  const state = row ? { ...settled, lastRow: { at, row } } : settled;
  return {
    state,
    events: row ? [row] : [],
    changed: state.shown?.state !== before.shown?.state || state.shown?.cause !== before.shown?.cause,
    ...(state.better ? { nextAt: state.better.since + settings.betterMs } : {}),
  };
}

/** Takes the input's facts over. */
function take(state: LinkState, input: LinkInput, at: number): LinkState {
  switch (input.kind) {
    case 'radio':
      return without({ ...state, radio: { at, reading: input.reading } }, 'modemGone');
    case 'modem':
      return input.state === 'up'
        ? without(state, 'modemGone')
        : without({ ...state, modemGone: true }, 'radio');
    case 'courier':
      return takeCourier(state, input.facts, at);
    case 'tick':
      return state;
  }
}

function takeCourier(state: LinkState, facts: CourierFacts, at: number): LinkState {
  const was = state.courier?.facts.connected ?? false;
  const roundTrips = state.roundTrips.filter((r) => at - r.at < ROUND_TRIPS_MS).slice(-MAX_ROUND_TRIPS + 1);
  const last = roundTrips.at(-1);
  const isNew = facts.roundTripMs !== undefined && facts.roundTripMs !== last?.ms;
  const next: LinkState = {
    ...state,
    courier: { at, facts },
    roundTrips: isNew ? [...roundTrips, { at, ms: facts.roundTripMs! }] : roundTrips,
  };
  if (facts.connected)
    return without(
      {
        ...next,
        connectedOnce: true,
        ...(!was && state.connectedOnce ? { reconnectedAt: at } : {}),
      },
      'disconnectedAt',
    );
  return { ...next, disconnectedAt: state.disconnectedAt ?? at };
}

/** Hysteresis: two samples to worsen, a minute of better to better. */
function settle(state: LinkState, isSample: boolean, settings: LinkSettings): LinkState {
  const verdict = judgeLink(state, settings);
  const shown = state.shown;
  if (!shown) return { ...state, shown: { ...verdict, since: state.at } };
  const rise = RANK[verdict.state] - RANK[shown.state];
  if (rise > 0) {
    const samples = (state.worse?.samples ?? 0) + (isSample ? 1 : 0);
    const calm = without(state, 'better');
    if (samples < settings.samplesToWorsen) return { ...calm, worse: { samples } };
    return without({ ...calm, shown: { ...verdict, since: state.at } }, 'worse');
  }
  const steady = without(state, 'worse');
  if (rise === 0) return without({ ...steady, shown: { ...verdict, since: shown.since } }, 'better');
  const better = {
    since: state.better?.since ?? state.at,
    verdict:
      state.better && RANK[state.better.verdict.state] > RANK[verdict.state] ? state.better.verdict : verdict,
  };
  if (state.at - better.since < settings.betterMs) return { ...steady, better };
  return without({ ...steady, shown: { ...better.verdict, since: state.at } }, 'better');
}

function without<K extends keyof LinkState>(state: LinkState, key: K): LinkState {
  if (state[key] === undefined) return state;
  const { [key]: _gone, ...rest } = state;
  return rest as LinkState;
}
