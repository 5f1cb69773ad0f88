import type { PresenceState } from '../protocol/presence.ts';
import type { Claim, PublicFacts, PublicState } from './public.ts';

/**
 * Which voice is believed (DESIGN §1.9: office, planner, crew, van, plan), and when nobody can know: the van's silence
 * and a window that ended without a verdict become `unknown` (DESIGN §1.7).
 */

/** Nothing heard for so long is silence; the heartbeat is 60 s, a moving van speaks each 10 s. */
export const SILENT_MOVING_MS = 90_000;
export const SILENT_PARKED_MS = 150_000;
/** The van's own verdict on an ended window may be on its way for so long. */
export const VERDICT_GRACE_MS = 120_000;
/** Estimates are told in steps, so that nobody reads a position out of them (hazards §4). */
const ESTIMATE_STEP_MS = 300_000;

const SETTLED = new Set<PresenceState>(['missed', 'cancelled', 'left']);
/** From sure to cautious: what tenants get while planner and driver contradict each other unseen. */
const CAUTION: readonly PresenceState[] = ['cancelled', 'moved', 'late'];

const caution = (claim: Claim) => {
  const rank = CAUTION.indexOf(claim.state);
  return rank < 0 ? CAUTION.length : rank;
};

/** Between planner and driver, the one who had seen the other's word; else the more cautious word. */
function plannerWins({ claims: { planner, crew } }: PublicFacts): boolean {
  if (!planner) return false;
  if (!crew) return true;
  if (planner.sawCrew !== crew.sawPlanner) return planner.sawCrew === true;
  return caution(planner) <= caution(crew);
}

/** Two words that came together after a time without a link are in the order in which they were said. */
const saidMs = ({ toldMs, atMs }: Claim): number => Math.min(toldMs ?? atMs, atMs);

/** Whether what the van has seen since answers the driver's word: «late» ends when it is there. */
function answered(crew: Claim, gps: Claim | undefined): boolean {
  if (!gps || saidMs(gps) < saidMs(crew)) return false;
  if (crew.state === 'late') return gps.state === 'on_site' || gps.state === 'left' || gps.state === 'missed';
  if (crew.state === 'moved') return gps.state !== 'planned' && gps.state !== 'moved';
  // The button opens and closes; that the van has left is seen, not told.
  if (crew.state === 'on_site') return gps.state === 'left' || gps.state === 'on_site';
  return false;
}

function believed(facts: PublicFacts): PublicState {
  const { office, planner, crew, gps } = facts.claims;
  const movedTo = (office ?? planner ?? crew)?.movedTo ?? crew?.movedTo ?? gps?.movedTo;
  const place = movedTo ? { movedTo } : {};
  if (office) return { ...claimed(office), source: 'office', ...place };
  if (planner && plannerWins(facts)) {
    const arrival = planner.state === 'moved' && gps && gps.atMs >= planner.atMs && gps.state !== 'planned';
    if (!arrival) return { ...claimed(planner), source: 'plan', ...place };
  } else if (crew && !answered(crew, gps)) {
    return { ...claimed(crew), atMs: saidMs(crew), source: 'crew', ...arrivalOf(crew, gps), ...place };
  }
  if (gps && gps.state !== 'planned') {
    const open = gps.open ?? (gps.state === 'on_site' ? crew?.open : undefined);
    return {
      ...claimed(gps),
      source: 'gps',
      ...(live(gps.state) ? { atMs: Math.max(gps.atMs, facts.heardMs ?? 0) } : {}),
      ...(open === undefined ? {} : { open }),
      ...place,
    };
  }
  return { state: 'planned', source: 'plan', atMs: facts.plannedAtMs, ...place };
}

const live = (state: PresenceState) => state === 'approaching' || state === 'on_site' || state === 'late';

/** The arrival is the van's, whoever speaks: an act never moves it (DESIGN §6). */
const arrivalOf = (crew: Claim, gps: Claim | undefined) =>
  crew.arrivedMs === undefined && gps?.arrivedMs !== undefined ? { arrivedMs: gps.arrivedMs } : {};

function claimed(claim: Claim): Omit<PublicState, 'source'> {
  const { state, atMs, open, arrivedMs, leftMs, expectedFromMs, expectedToMs, reason } = claim;
  return {
    state,
    atMs: state === 'unknown' ? (claim.lastSeenMs ?? atMs) : atMs,
    ...(open === undefined || state !== 'on_site' ? {} : { open }),
    ...(arrivedMs === undefined ? {} : { arrivedMs }),
    ...(leftMs === undefined || state !== 'left' ? {} : { leftMs }),
    ...(expectedFromMs === undefined || expectedToMs === undefined || state !== 'late'
      ? {}
      : {
          expectedFromMs: Math.floor(expectedFromMs / ESTIMATE_STEP_MS) * ESTIMATE_STEP_MS,
          expectedToMs: Math.ceil(expectedToMs / ESTIMATE_STEP_MS) * ESTIMATE_STEP_MS,
        }),
    ...(reason === undefined ? {} : { reason }),
  };
}

/** Whether the van is silent while its duty is expected. Never heard counts as silent since the duty began. */
export function silentNow(facts: PublicFacts, nowMs: number): boolean {
  if (nowMs < facts.dutyFromMs || nowMs > facts.dutyToMs) return false;
  return unheard({ ...facts, heardMs: Math.max(facts.heardMs ?? 0, facts.dutyFromMs) }, nowMs);
}

function unheard({ heardMs = 0, moving, quarantined }: PublicFacts, nowMs: number): boolean {
  return quarantined === true || nowMs - heardMs > (moving ? SILENT_MOVING_MS : SILENT_PARKED_MS);
}

/**
 * The public state of a visit at `nowMs`. Pure: equal facts and time give an equal state, on the depot and in a test.
 * Silence changes nothing that is settled, told by head office, over, or of another day.
 */
export function publicStateOf(facts: PublicFacts, nowMs: number): PublicState {
  const told = believed(facts);
  if (SETTLED.has(told.state) || told.source === 'office') return told;
  const unknown = (atMs: number): PublicState => ({
    state: 'unknown',
    source: told.source,
    atMs,
    ...(told.arrivedMs === undefined ? {} : { arrivedMs: told.arrivedMs }),
    ...(told.movedTo ? { movedTo: told.movedTo } : {}),
  });
  const newsMs = told.state === 'unknown' ? told.atMs : (facts.heardMs ?? told.atMs);
  if (nowMs < facts.toMs) return silentNow(facts, nowMs) ? unknown(newsMs) : told;
  // An agency still there after its window is believed only while the van says so, duty or not.
  if (told.state === 'on_site') return unheard(facts, nowMs) ? unknown(newsMs) : told;
  return nowMs < facts.toMs + VERDICT_GRACE_MS ? told : unknown(newsMs);
}
