import type { Agenda } from '../../protocol/agenda.ts';
import type { PublicFacts } from '../../visit/public.ts';
import type { FeedEvent } from './feed.ts';
import type { OfficeWord } from './office.ts';
import { type Plan, planOf } from './plan.ts';
import { factsOfVan, type Words } from './publicFacts.ts';
import { judged, newVan, stepVan, type VanState } from './vanFold.ts';
import type { VanView } from './vanView.ts';
import { viewOf } from './viewOf.ts';

/**
 * The depot's views as a fold: committed rows, retained snapshots, the published agenda, head office's words and the
 * passing of time. One time, `at`: epoch ms of the depot's clock. Nothing is decided here that visit/ decides.
 */
export type DepotInput =
  | { readonly kind: 'feed'; readonly event: FeedEvent }
  /** What the store holds of one van, in the order of its reception: folded whole, seen once. */
  | { readonly kind: 'restored'; readonly van: string; readonly events: readonly FeedEvent[] }
  | { readonly kind: 'agenda'; readonly agenda: Agenda; readonly at: number }
  | { readonly kind: 'office'; readonly word: OfficeWord; readonly at: number }
  | { readonly kind: 'seen'; readonly episode: string; readonly seenAt: string; readonly at: number }
  /** Whether the depot's own verdict of a day is the van's: a difference is an alert (issue 8). */
  | {
      readonly kind: 'verdict';
      readonly van: string;
      readonly date: string;
      readonly differs: boolean;
      readonly at: number;
    }
  | { readonly kind: 'enrolled'; readonly van: string; readonly at: number }
  | { readonly kind: 'tick'; readonly at: number };

export type DepotState = {
  readonly at: number;
  readonly vanIds: readonly string[];
  readonly plan?: Plan;
  readonly words: Words;
  /** Alerts acknowledged at the depot: episode → ISO time. */
  readonly seen: ReadonlyMap<string, string>;
  readonly vans: ReadonlyMap<string, VanEntry>;
};

/** `text` is the view as JSON: what the live stream compares and sends. */
export type VanEntry = {
  readonly state: VanState;
  readonly facts: readonly PublicFacts[];
  readonly view: VanView;
  readonly text: string;
};

/** What a step changed: the live stream sends no more than this. */
export type DepotStep = { readonly state: DepotState; readonly changed: readonly string[] };

export function newDepot(vanIds: readonly string[], at: number): DepotState {
  const empty: DepotState = { at, vanIds, words: new Map(), seen: new Map(), vans: new Map() };
  const vans = new Map(vanIds.map((van) => [van, entryOf(empty, newVan(van), [])]));
  return { ...empty, vans };
}

export function stepDepot(state: DepotState, input: DepotInput): DepotStep {
  switch (input.kind) {
    case 'feed':
      return stepFeed(state, input.event.van, [input.event]);
    case 'restored':
      return stepFeed(state, input.van, input.events);
    case 'agenda':
      return replan({ ...state, at: later(state, input.at) }, input.agenda, input.at);
    case 'office':
      return stepOffice({ ...state, at: later(state, input.at) }, input.word);
    case 'seen': {
      const seen = new Map(state.seen).set(input.episode, input.seenAt);
      const next = { ...state, at: later(state, input.at), seen };
      return withEntries(state, next, (van) => factsFor(next, van));
    }
    case 'verdict': {
      const entry = state.vans.get(input.van);
      const next = { ...state, at: later(state, input.at) };
      return entry
        ? replaceEntry(next, judged(entry.state, input.date, input.differs, input.at))
        : { state, changed: [] };
    }
    case 'enrolled': {
      if (state.vans.has(input.van)) return { state, changed: [] };
      const next = { ...state, at: later(state, input.at), vanIds: [...state.vanIds, input.van] };
      const { state: joined, changed } = replaceEntry(next, newVan(input.van));
      if (!joined.plan) return { state: joined, changed };
      const done = replan(joined, joined.plan.agenda, input.at);
      return { ...done, changed: [...new Set([...changed, ...done.changed])] };
    }
    case 'tick': {
      const next = { ...state, at: later(state, input.at) };
      if (state.plan && next.at >= state.plan.day.toMs) return replan(next, state.plan.agenda, next.at);
      return refresh(next);
    }
  }
}

const later = (state: DepotState, at: number) => Math.max(state.at, at);

/** A van that the configuration does not name has no view: the broker's fence is the first wall, this the second. */
function stepFeed(state: DepotState, id: string, events: readonly FeedEvent[]): DepotStep {
  const entry = state.vans.get(id);
  if (!entry) return { state, changed: [] };
  const at = events.reduce((latest, event) => Math.max(latest, event.receivedAt), state.at);
  return replaceEntry({ ...state, at }, events.reduce(stepVan, entry.state));
}

function stepOffice(state: DepotState, word: OfficeWord): DepotStep {
  const words = new Map(state.words);
  words.set(word.visit, [...(words.get(word.visit) ?? []), word]);
  const van = state.plan?.byId.get(word.visit)?.van;
  const entry = van === undefined ? undefined : state.vans.get(van);
  const next = { ...state, words };
  return entry ? replaceEntry(next, entry.state) : { state: next, changed: [] };
}

function replan(state: DepotState, agenda: Agenda, takenAtMs: number): DepotStep {
  const plan = planOf(agenda, takenAtMs, state.at, state.vanIds, state.plan);
  const next = { ...state, plan };
  return withEntries(state, next, (van) => factsFor(next, van));
}

/** The views again at `state.at`: time alone changes what may be said. */
const refresh = (state: DepotState): DepotStep => withEntries(state, state, (_, entry) => entry.facts);

function withEntries(
  before: DepotState,
  next: DepotState,
  facts: (van: VanState, entry: VanEntry) => readonly PublicFacts[],
): DepotStep {
  const vans = new Map<string, VanEntry>();
  for (const [id, entry] of before.vans) vans.set(id, entryOf(next, entry.state, facts(entry.state, entry)));
  return { state: { ...next, vans }, changed: differing(before, vans) };
}

const differing = (state: DepotState, vans: ReadonlyMap<string, VanEntry>): string[] =>
  state.vanIds.filter((id) => state.vans.get(id)?.text !== vans.get(id)?.text);

function replaceEntry(state: DepotState, van: VanState): DepotStep {
  const entry = entryOf(state, van, factsFor(state, van));
  const changed = entry.text === state.vans.get(van.van)?.text ? [] : [van.van];
  return { state: { ...state, vans: new Map(state.vans).set(van.van, entry) }, changed };
}

/**
 * Two gateways under one identity: nothing that either says is told until staff have seen it and chosen (hazards §3).
 */
function factsFor(state: DepotState, van: VanState): readonly PublicFacts[] {
  if (!state.plan) return [];
  const quarantined = [...van.concerns.values()].some(
    ({ alert, episode, at }) => alert === 'clone' && (state.seen.get(episode) ?? '') < at!,
  );
  return factsOfVan(state.plan, van, state.words, quarantined);
}

function entryOf(state: DepotState, van: VanState, facts: readonly PublicFacts[]): VanEntry {
  const view = viewOf(state, van, facts);
  return { state: van, facts, view, text: JSON.stringify(view) };
}

/** All visits that may be told, in order of their windows: the tenants' source. */
export const publicFacts = (state: DepotState): readonly PublicFacts[] =>
  [...state.vans.values()].flatMap((entry) => entry.facts).sort((a, b) => a.fromMs - b.fromMs);

/** Keys of the newest acts received from a van: the `seen` of an agenda published now (DESIGN §1.9). */
export const actKeys = (state: DepotState, van: string): string[] =>
  [...(state.vans.get(van)?.state.visits.values() ?? [])]
    .flatMap((record) => (record.act ? [record.act.key] : []))
    .slice(-200);
