import { isoOf } from '../../protocol/time.ts';
import type { PublicFacts } from '../../visit/public.ts';
import { statementOf } from '../../visit/statement.ts';
import { openAlerts } from './alertFold.ts';
import { freshnessOf, positionView } from './freshness.ts';
import { effectiveCorrection, type OfficeWord, officeActs } from './office.ts';
import { present } from './present.ts';
import type { VanState } from './vanFold.ts';
import type { AlertView, VanVerdict, VanView, VisitView } from './vanView.ts';
import type { DepotState } from './views.ts';
import type { VisitRecord } from './visitFold.ts';

/** What staff see of one van at `state.at`. */
export function viewOf(state: DepotState, van: VanState, facts: readonly PublicFacts[]): VanView {
  const { plan, at } = state;
  const position = positionView(van, at);
  const today = plan ? facts.filter((f) => f.fromMs < plan.day.toMs && f.toMs > plan.day.fromMs) : [];
  return {
    van: van.van,
    freshness: freshnessOf(van, plan, at),
    ...(van.heardMs === undefined ? {} : { heardAt: isoOf(van.heardMs) }),
    ...present('duty', van.duty),
    ...present('position', position),
    visits: today.map((f) => visitView(van, f, state.words.get(f.id) ?? [], at)),
    alerts: openAlerts([...depotAlerts(van, plan?.agenda.version), ...van.alerts.values()], state.seen),
    ...present('power', van.power),
    ...present('link', van.link),
    ...present('backlog', van.backlog),
    devices: [...van.devices.values()],
    messages: van.messages,
    ...present('software', van.software),
    ...present('journal', van.journal),
    agenda: { ...present('taken', van.agendaTaken), ...present('published', plan?.agenda.version) },
  };
}

/** A van that holds a higher agenda than ours: the depot was restored, or two depots speak (DESIGN §1.9). */
function depotAlerts(van: VanState, published: number | undefined): AlertView[] {
  const concerns = [...van.concerns.values()];
  if (van.agendaTaken === undefined || published === undefined || van.agendaTaken <= published)
    return concerns;
  return [
    ...concerns,
    {
      episode: `agenda_ahead:${van.agendaTaken}`,
      alert: 'agenda_ahead',
      severity: 'warning',
      values: { taken: van.agendaTaken, published },
      byDepot: true,
    },
  ];
}

const NO_RECORD: VisitRecord = { held: [] };

export function visitView(
  van: VanState,
  facts: PublicFacts,
  words: readonly OfficeWord[],
  at: number,
): VisitView {
  const told = statementOf(facts, at);
  const record = van.visits.get(facts.id) ?? NO_RECORD;
  const correction = effectiveCorrection(words);
  const acts = officeActs(words);
  return {
    id: facts.id,
    van: van.van,
    stop: facts.stop,
    name: facts.name,
    commune: facts.commune,
    latitude: facts.lat,
    longitude: facts.lon,
    date: facts.date,
    from: facts.from,
    to: facts.to,
    fromAt: isoOf(facts.fromMs),
    toAt: isoOf(facts.toMs),
    state: told.state,
    ...present('open', told.open),
    ...iso('arrivedAt', told.arrivedMs),
    ...iso('leftAt', told.leftMs),
    ...iso('expectedFrom', told.expectedFromMs),
    ...iso('expectedTo', told.expectedToMs),
    ...present('reason', told.reason),
    ...present('movedTo', told.movedTo),
    source: told.source,
    at: isoOf(told.atMs),
    statement: told.text,
    held: correction?.from ? [{ from: correction.from, ...present('to', correction.to) }] : record.held,
    ...present('byVan', record.verdict && verdictView(record.verdict)),
    ...present('crewAct', record.act && crewActView(record.act)),
    ...present('correction', correction),
    ...(acts.length > 0 ? { officeActs: acts } : {}),
    ...(inConflict(facts) ? { conflict: true as const } : {}),
  };
}

const iso = <K extends string>(key: K, ms: number | undefined) =>
  present(key, ms === undefined ? undefined : isoOf(ms));

const verdictView = (row: NonNullable<VisitRecord['verdict']>): VanVerdict => ({
  state: row.state,
  at: row.at,
  because: row.because,
  evidence: row.evidence,
  agenda: row.agenda,
});

const crewActView = ({ act, at, minutes, reason }: NonNullable<VisitRecord['act']>) => ({
  act,
  ...present('at', at ?? undefined),
  ...present('minutes', minutes),
  ...present('reason', reason),
});

/** Planner and driver contradict each other, neither had seen the other's word: both are shown. */
const inConflict = ({ claims: { planner, crew } }: PublicFacts): boolean =>
  planner !== undefined &&
  crew !== undefined &&
  !planner.sawCrew &&
  !crew.sawPlanner &&
  planner.state !== crew.state;
