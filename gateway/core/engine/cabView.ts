import type { RowOf } from '../../../protocol/rows.ts';
import { msOf } from '../../../protocol/time.ts';
import { type PlannedVisit, plannedVisits } from '../../../visit/agenda.ts';
import { actClaim, gpsClaim, plannerClaim } from '../../../visit/claims.ts';
import { localDate } from '../../../visit/format.ts';
import type { PublicFacts } from '../../../visit/public.ts';
import { statementOf } from '../../../visit/statement.ts';
import { openEpisodes } from '../alerts.ts';
import type { CabAct, CabMessage, CabSms, CabView, CabVisit } from '../cabView.ts';
import { believedPosition } from '../locate.ts';
import type { EngineState } from './types.ts';

/**
 * What the cab page shows, from the engine's state. Tenants are told what the van knows as soon as the link carries it:
 * the sentence here is made by the same function as theirs, from the van's own rows.
 */

/** A reading older than this is shown with its age, not as now. */
const POWER_SILENT_MS = 30_000;
const GPS_SILENT_MS = 10_000;
/** An alert that could not be judged for so long is shown with the time of its last figure. */
const UNKNOWN_MS = 90_000;
const DAY_MS = 86_400_000;

/** What the view needs beside the folds' state. */
export type CabSurroundings = {
  readonly session: string;
  readonly van: string;
  readonly timezone: string;
  readonly waiting: number;
  /** Key of the last act, once the depot has received it. */
  readonly receivedAct?: string;
  readonly messages: readonly CabMessage[];
  readonly sms: readonly CabSms[];
};

export function makeCabView(state: EngineState, around: CabSurroundings): CabView {
  const { session, van, timezone, messages, sms } = around;
  const at = state.at;
  const today = state.timeKnown ? visitsOfToday(state, timezone) : nextVisits(state);
  // Without the time nobody but the driver knows which visit is meant.
  const current = state.timeKnown ? currentOf(state, today) : undefined;
  const next = state.timeKnown && today.find((p) => p.fromMs > at && p.visit.id !== current?.visit.id);
  const lastAct = lastActOf(state, around.receivedAct);
  return {
    ...(state.timeKnown ? { at } : {}),
    session,
    van,
    timezone,
    visits: today.map((planned) => cabVisit(state, planned)),
    ...(current
      ? { current: current.visit.id, statement: statementFor(state, current, today, timezone) }
      : {}),
    ...(next ? { next: next.visit.id } : {}),
    ...(around.waiting > 0 && state.link.shown?.state === 'offline' ? { statementUnreceived: true } : {}),
    alerts: openEpisodes(state.alerts).map((e) => ({
      episode: e.id,
      alert: e.alert,
      severity: e.severity,
      values: e.values,
      ...(state.timeKnown ? { raisedAt: e.raisedAt } : {}),
      acknowledged: e.acknowledgedAt !== undefined,
      ...(state.timeKnown && at - e.knownAt > UNKNOWN_MS ? { unknownSince: e.knownAt } : {}),
    })),
    ...powerOf(state),
    ...linkOf(state, around.waiting),
    gps: gpsOf(state),
    duty: {
      on: state.duty.on,
      why: state.duty.why,
      ...dutyUntil(state),
    },
    messages,
    ...(lastAct ? { lastAct } : {}),
    sms,
  };
}

/** Off by the switch, only a pause has an end of its own: the next duty is not the end of a rest. */
function dutyUntil({ duty, due }: EngineState): { readonly until?: number } {
  const until = duty.why === 'switch' ? duty.switched?.until : due.duty;
  return until === undefined ? {} : { until };
}

/** Visits to choose from while the time is not known: it is not before the last row of the journal. */
const NEXT_VISITS = 8;
const nextVisits = ({ agenda, at }: EngineState): PlannedVisit[] =>
  agenda
    ? plannedVisits(agenda)
        .filter((p) => p.toMs > at - DAY_MS / 2)
        .slice(0, NEXT_VISITS)
    : [];

function visitsOfToday({ agenda, at }: EngineState, timezone: string): PlannedVisit[] {
  if (!agenda) return [];
  const date = localDate(at, timezone);
  return plannedVisits(agenda).filter(
    (p) => localDate(p.fromMs, timezone) === date || (p.fromMs <= at && at - p.toMs < DAY_MS && p.toMs > at),
  );
}

/** The visit that the gestures are about: the one on site, else the first whose window is not over, else the last. */
function currentOf({ records, at }: EngineState, today: readonly PlannedVisit[]): PlannedVisit | undefined {
  const onSite = today.find((p) => records.get(p.visit.id)?.verdict?.state === 'on_site');
  return onSite ?? today.find((p) => p.toMs > at) ?? today.at(-1);
}

/** Id of that visit: what a gesture that names none is about. */
export const currentVisit = (state: EngineState, timezone: string): string | undefined =>
  state.timeKnown ? currentOf(state, visitsOfToday(state, timezone))?.visit.id : undefined;

function cabVisit(state: EngineState, planned: PlannedVisit): CabVisit {
  const { visit, stop, fromMs, toMs } = planned;
  const record = state.records.get(visit.id);
  const verdict = record?.verdict;
  const told = record?.act && actClaim(planned, record.act, 0, record);
  const byPlan = plannerClaim(planned, 0);
  const claim = byPlan ?? (told && told.state !== 'on_site' && !record?.arrivedAt ? told : undefined);
  const open = verdict?.open;
  const reason = claim?.reason;
  const movedTo = (claim?.movedTo ?? told?.movedTo)?.name;
  return {
    visit: visit.id,
    stop: stop.id,
    name: stop.name,
    ...(stop.address === undefined ? {} : { address: stop.address }),
    fromMs,
    toMs,
    state: claim?.state ?? verdict?.state ?? 'planned',
    ...(open === undefined ? {} : { open }),
    held: (record?.held ?? []).map(({ from, to }) => ({
      fromMs: msOf(from)!,
      ...(to === undefined ? {} : { toMs: msOf(to)! }),
    })),
    ...(movedTo === undefined ? {} : { movedTo }),
    ...(reason === undefined ? {} : { reason }),
  };
}

function statementFor(
  state: EngineState,
  planned: PlannedVisit,
  today: readonly PlannedVisit[],
  timezone: string,
): NonNullable<CabView['statement']> {
  const { text, source } = statementOf(factsOf(state, planned, today, timezone), state.at);
  return { fr: text.fr, en: text.en, source };
}

function factsOf(
  state: EngineState,
  planned: PlannedVisit,
  today: readonly PlannedVisit[],
  timezone: string,
): PublicFacts {
  const { visit, stop, fromMs, toMs } = planned;
  const record = state.records.get(visit.id);
  const verdict = record?.verdict;
  const crew = record?.act && actClaim(planned, record.act, record.act.receivedMs, record);
  const planner = plannerClaim(planned, 0);
  return {
    id: visit.id,
    stop: stop.id,
    name: stop.name,
    commune: stop.commune,
    timezone,
    date: visit.date,
    from: visit.from,
    to: visit.to,
    fromMs,
    toMs,
    lat: stop.lat,
    lon: stop.lon,
    agenda: state.agenda?.version ?? 0,
    plannedAtMs: 0,
    dutyFromMs: Math.min(...today.map((p) => p.fromMs)) - 3_600_000,
    dutyToMs: Math.max(...today.map((p) => p.toMs)) + 3_600_000,
    // The van hears itself: its silence is for the depot to tell.
    heardMs: state.at,
    claims: {
      ...(planner ? { planner } : {}),
      ...(crew ? { crew } : {}),
      ...(verdict ? { gps: gpsClaim(verdict, verdict.receivedMs, record!) } : {}),
    },
  };
}

function powerOf({ power, alerts, at }: EngineState): Pick<CabView, 'power'> {
  const readAt = power.fold.at;
  if (!power.view || readAt === undefined) return {};
  const { soc, houseV, houseA, starterV } = power.view.reading;
  const { engine } = power.view;
  const { forecast } = alerts.facts.expected ?? {};
  return {
    power: {
      at: readAt,
      ...(soc === undefined ? {} : { soc }),
      ...(houseV === undefined ? {} : { houseV }),
      ...(houseA === undefined ? {} : { houseA }),
      ...(starterV === undefined ? {} : { starterV }),
      ...(engine === 'unknown' ? {} : { engine }),
      ...(forecast ? { untilAt: forecast.emptyAt, earlyAt: forecast.earlyAt, lateAt: forecast.lateAt } : {}),
      ...(at - readAt > POWER_SILENT_MS ? { silent: true } : {}),
    },
  };
}

function linkOf({ link }: EngineState, waiting: number): Pick<CabView, 'link'> {
  const { shown, radio } = link;
  if (!shown) return {};
  const { technology, operator } = radio?.reading ?? {};
  return {
    link: {
      state: shown.state,
      ...(shown.cause ? { cause: shown.cause } : {}),
      since: shown.since,
      ...(technology ? { technology } : {}),
      ...(operator ? { operator } : {}),
      ...(waiting > 0 ? { waiting } : {}),
    },
  };
}

function gpsOf({ locate, at }: EngineState): CabView['gps'] {
  const position = believedPosition(locate);
  if (!position) return { state: 'none' };
  return {
    state: at - position.at > GPS_SILENT_MS ? 'lost' : 'good',
    at: position.at,
    ...(position.accuracyM === undefined ? {} : { accuracyM: position.accuracyM }),
  };
}

function lastActOf({ records, timeKnown }: EngineState, receivedAct: string | undefined): CabAct | undefined {
  const acts = [...records.values()].flatMap(({ act }) => (act ? [act] : []));
  const last = acts.reduce<RowOf<'act'> | undefined>(
    (newest, act) => (!newest || (act.at ?? '') >= (newest.at ?? '') ? act : newest),
    undefined,
  );
  if (!last?.at) return undefined;
  return {
    key: last.key,
    act: last.act,
    ...(timeKnown ? { at: msOf(last.at)! } : {}),
    ...(last.visit === undefined ? {} : { visit: last.visit }),
    ...(last.minutes === undefined ? {} : { minutes: last.minutes }),
    received: last.key === receivedAct,
  };
}
