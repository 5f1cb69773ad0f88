import type { HealthReading } from '../../../protocol/readings.ts';
import type { Row } from '../../../protocol/rows.ts';
import { isoOf } from '../../../protocol/time.ts';
import { plannedVisits } from '../../../visit/agenda.ts';
import { foldAct, foldVisit } from '../../../visit/visitRecord.ts';
import { type AlertInput, initialAlerts, learntRow, stepAlerts } from '../alerts.ts';
import { initialDataPlan, stepDataPlan } from '../dataPlan.ts';
import { type DutyInput, dutyWindows, initialDuty, stepDuty } from '../duty.ts';
import { initialLink, type LinkInput, stepLink } from '../link.ts';
import { initialLocate, type LocateInput, locateSnapshot, stepLocate } from '../locate.ts';
import { initialPower, type PowerInput, stepPower } from '../power.ts';
import { stepPowerKeep } from '../powerKeep.ts';
import { rebaseAlerts } from './rebase.ts';
import type { Act, Due, EngineInput, EngineSettings, EngineState, EngineStep, LaneRow } from './types.ts';

/**
 * Everything that the van decides, as one pure fold: gate, keep and presence (`locate`), power, link, alerts and duty,
 * each asked in turn. Rows come out in the order in which they were decided; nothing here knows where they go.
 *
 * Time: an input older than the fold is folded at fold time; before an input, whatever fell due earlier is decided at
 * its own due time, so that verdicts do not depend on when anybody looked (DESIGN §1.1).
 */

/** Visits further away than this concern nobody on board today. */
const VISITS_BEHIND_MS = 12 * 3_600_000;
const VISITS_AHEAD_MS = 36 * 3_600_000;
const MAX_ACT_KEYS = 100;
const MAX_HELD_ACTS = 50;

const URGENT: ReadonlySet<Row['kind']> = new Set<Row['kind']>([
  'open',
  'anchor',
  'visit',
  'alert',
  'act',
  'duty',
  'sms',
  'gap',
]);
const laneOf = (row: Row): LaneRow => ({ lane: URGENT.has(row.kind) ? 'urgent' : 'bulk', row });

export const initialEngine = (settings: EngineSettings): EngineState => ({
  at: 0,
  timeKnown: false,
  duty: initialDuty(),
  locate: initialLocate(settings.locate),
  power: { fold: initialPower(), keep: {} },
  link: initialLink(),
  alerts: initialAlerts(),
  dataPlan: initialDataPlan(),
  due: {},
  records: new Map(),
  actKeys: [],
  heldActs: [],
});

/** A step under way. */
type Turn = { state: EngineState; at: number; readonly rows: LaneRow[]; readonly settings: EngineSettings };

export function stepEngine(before: EngineState, input: EngineInput, settings: EngineSettings): EngineStep {
  const at = Math.max(before.at, input.at);
  const turn: Turn = { state: before, at: before.at, rows: [], settings };
  // A clock that jumps makes nothing due: what waited is taken up again under the new time.
  if (input.kind !== 'anchor') catchUp(turn, at);
  moveTo(turn, at);
  take(turn, input);
  refreshPlan(turn);
  const nextAt = earliest(turn.state);
  const state = { ...turn.state, records: recordsAfter(before.records, turn.rows, at) };
  return { state, rows: turn.rows, ...(nextAt === undefined ? {} : { nextAt }) };
}

/** What was told of each visit, with these rows. */
export function recordsAfter(
  before: EngineState['records'],
  rows: readonly LaneRow[],
  at: number,
): EngineState['records'] {
  return rows.reduce((records, { row }) => {
    if (row.kind === 'visit') return foldVisit(records, row, at);
    return row.kind === 'act' ? foldAct(records, row, at) : records;
  }, before);
}

function moveTo(turn: Turn, at: number): void {
  turn.at = at;
  turn.state = { ...turn.state, at };
}

/** Presence waits for the next duty: off duty there is no presence row. */
function earliest({ due, duty }: EngineState): number | undefined {
  const times = [due.duty, duty.on ? due.locate : undefined, due.power, due.link, due.alerts].filter(
    (t) => t !== undefined,
  );
  return times.length > 0 ? Math.min(...times) : undefined;
}

function catchUp(turn: Turn, until: number): void {
  for (let next = earliest(turn.state); next !== undefined && next <= until; next = earliest(turn.state)) {
    moveTo(turn, Math.max(turn.at, next));
    const { due, duty } = turn.state;
    if (due.duty !== undefined && due.duty <= next) askDuty(turn, { kind: 'tick', at: turn.at });
    if (duty.on && due.locate !== undefined && due.locate <= next)
      askLocate(turn, { kind: 'tick', at: turn.at });
    if (due.power !== undefined && due.power <= next) askPower(turn, { kind: 'tick', at: turn.at });
    if (due.link !== undefined && due.link <= next) askLink(turn, { kind: 'tick', at: turn.at });
    if (due.alerts !== undefined && due.alerts <= next) askAlerts(turn, { kind: 'tick', at: turn.at });
  }
}

function take(turn: Turn, input: EngineInput): void {
  const { at } = turn;
  switch (input.kind) {
    case 'fix':
      if (turn.state.timeKnown && turn.state.duty.on) askLocate(turn, { kind: 'fix', at, fix: input.fix });
      break;
    case 'power':
      askPower(turn, { kind: 'reading', at, reading: input.reading });
      break;
    case 'modem':
      askLink(turn, { kind: 'radio', at, reading: input.reading });
      askAlerts(turn, { kind: 'modem', at, reading: input.reading });
      break;
    case 'courier':
      askLink(turn, { kind: 'courier', at, facts: input.facts });
      break;
    case 'health':
      takeHealth(turn, input.reading);
      break;
    case 'event':
      turn.rows.push(laneOf({ kind: 'event', at: isoOf(at), what: input.what, detail: input.detail }));
      break;
    case 'device':
      turn.rows.push(laneOf(deviceRow(at, input)));
      if (input.device === 'modem') askLink(turn, { kind: 'modem', at, state: input.state });
      askAlerts(turn, { ...input, at });
      break;
    case 'agenda':
      turn.state = { ...turn.state, agenda: input.agenda };
      turn.rows.push(laneOf({ kind: 'agenda', at: isoOf(at), agenda: input.agenda }));
      takePlan(turn, true);
      break;
    case 'restored':
      takePlan(turn, false);
      break;
    case 'act':
      takeAct(turn, input.act);
      break;
    case 'anchor':
      takeAnchor(turn, input.shiftMs, input.row);
      break;
    case 'journal':
    case 'part':
    case 'acknowledge':
      askAlerts(turn, { ...input, at });
      break;
    case 'traffic':
      takeTraffic(turn, input);
      break;
    case 'tick':
      break;
  }
}

/** A month has dates: what was counted before they are known comes with the next look. */
function takeTraffic(turn: Turn, { bytes, boot }: Extract<EngineInput, { kind: 'traffic' }>): void {
  const { at, settings } = turn;
  if (!settings.dataPlan || !turn.state.timeKnown) return;
  const { state, forecast, row } = stepDataPlan(turn.state.dataPlan, { at, bytes, boot }, settings.dataPlan);
  turn.state = { ...turn.state, dataPlan: state };
  if (row) turn.rows.push(laneOf(row));
  askAlerts(turn, { kind: 'plan', at, ...forecast });
}

type DeviceInput = Extract<EngineInput, { kind: 'device' }>;

const deviceRow = (at: number, { device, state, detail }: DeviceInput): Row => ({
  kind: 'event',
  at: isoOf(at),
  what: `${device}_${state}`,
  ...(detail === undefined ? {} : { detail: { text: detail } }),
});

/** The Pi's health is a row every ten minutes, and when its clock, root or supply changes. */
const HEALTH_BEAT_MS = 10 * 60_000;

function takeHealth(turn: Turn, reading: HealthReading): void {
  const { at } = turn;
  const { health } = turn.state;
  const mark = (r: HealthReading) => `${r.throttled} ${r.rootReadOnly} ${r.clockSynchronised}`;
  if (!health || at - health.at >= HEALTH_BEAT_MS || mark(health.reading) !== mark(reading)) {
    const { diskFreeMb: _told, ...told } = reading;
    turn.rows.push(laneOf({ kind: 'health', at: isoOf(at), ...told }));
    turn.state = { ...turn.state, health: { at, reading } };
  }
  askAlerts(turn, { kind: 'health', at, reading });
}

/** A reading, or the moment at which the last one says nothing any more: then the engine is unknown, not what it was. */
function askPower(turn: Turn, input: PowerInput): void {
  const { at } = turn;
  const { fold, keep } = turn.state.power;
  const { state, view, nextAt } = stepPower(fold, input, turn.settings.power);
  const engine = view.engine === 'unknown' ? undefined : view.engine;
  const kept = stepPowerKeep(keep, at, view.reading, engine);
  turn.state = { ...turn.state, power: { fold: state, keep: kept.state, view } };
  setDue(turn, 'power', nextAt);
  if (kept.row) {
    turn.rows.push(laneOf(kept.row));
    if (turn.state.timeKnown && turn.state.duty.on) askLocate(turn, { kind: 'row', at, row: kept.row });
  }
  if (input.kind === 'reading')
    askAlerts(turn, { kind: 'power', at, reading: view.reading, ...(engine ? { engine } : {}) });
}

const PLAN_MS = 3_600_000;

/** The evening before is off duty: what comes near is taken up by the hour. */
function refreshPlan(turn: Turn): void {
  const { planAt } = turn.state;
  if (planAt !== undefined && turn.at - planAt >= PLAN_MS) takePlan(turn, false);
}

/** Makes the plan known to those who follow it: under a new agenda, at a new duty, after a restart, by the hour. */
function takePlan(turn: Turn, isNew: boolean): void {
  const { agenda, timeKnown } = turn.state;
  if (!agenda || !timeKnown) return;
  const { at } = turn;
  turn.state = { ...turn.state, planAt: at };
  const planned = plannedVisits(agenda);
  const near = planned.filter((p) => p.toMs > at - VISITS_BEHIND_MS && p.fromMs < at + VISITS_AHEAD_MS);
  const visits = near
    .filter(({ visit }) => !visit.cancelled)
    .map(({ visit, stop, fromMs, toMs }) => ({
      visit: visit.id,
      name: stop.name,
      fromMs,
      toMs,
      place: { latitude: stop.lat, longitude: stop.lon },
    }));
  askAlerts(turn, { kind: 'visits', at, visits });
  if (isNew) askLocate(turn, { kind: 'agenda', at, agenda });
  askDuty(turn, { kind: 'windows', at, windows: dutyWindows(planned) });
}

function takeAct(turn: Turn, act: Act): void {
  const { actKeys, heldActs, timeKnown } = turn.state;
  if (actKeys.includes(act.key)) return;
  const { at } = turn;
  turn.state = { ...turn.state, actKeys: [...actKeys, act.key].slice(-MAX_ACT_KEYS) };
  turn.rows.push(laneOf({ kind: 'act', at: isoOf(at), ...act }));
  if (timeKnown) tellAct(turn, at, act);
  else turn.state = { ...turn.state, heldActs: [...heldActs, { at, act }].slice(-MAX_HELD_ACTS) };
}

function tellAct(turn: Turn, at: number, act: Act): void {
  askDuty(turn, {
    kind: 'act',
    at,
    act: act.act,
    ...(act.minutes === undefined ? {} : { minutes: act.minutes }),
  });
  askLocate(turn, { kind: 'row', at, row: { kind: 'act', at: isoOf(at), ...act } });
}

function takeAnchor(turn: Turn, shiftMs: number, row: Extract<EngineInput, { kind: 'anchor' }>['row']): void {
  const { heldActs, alerts } = turn.state;
  turn.rows.push(laneOf(row));
  turn.state = {
    ...turn.state,
    timeKnown: true,
    heldActs: [],
    alerts: rebaseAlerts(alerts, turn.at, shiftMs, turn.settings.alerts),
  };
  // What was read just before the jump is not old.
  if (turn.state.due.power !== undefined) setDue(turn, 'power', turn.at + turn.settings.power.freshMs);
  takePlan(turn, true);
  askDuty(turn, { kind: 'tick', at: turn.at });
  for (const { at, act } of heldActs) tellAct(turn, Math.min(turn.at, at + shiftMs), act);
}

function setDue(turn: Turn, fold: keyof Due, at: number | undefined): void {
  const { [fold]: _before, ...due } = turn.state.due;
  // A fold that asks for a time already reached would be asked for ever.
  turn.state = { ...turn.state, due: at === undefined ? due : { ...due, [fold]: Math.max(at, turn.at + 1) } };
}

function askDuty(turn: Turn, input: DutyInput): void {
  if (!turn.state.timeKnown) return;
  const before = turn.state.duty;
  const step = stepDuty(before, input, turn.settings.duty);
  turn.state = { ...turn.state, duty: step.state };
  setDue(turn, 'duty', step.nextAt);
  turn.rows.push(...step.events.map(laneOf));
  if (step.state.on === before.on) return;
  askAlerts(turn, { kind: 'duty', at: turn.at, on: step.state.on });
  if (step.state.on) {
    pushSnapshot(turn);
    takePlan(turn, false);
  }
}

/** The place from which a replay may begin: at the start of a duty and after each visit (DESIGN §1.2). */
function pushSnapshot(turn: Turn): void {
  turn.rows.push(laneOf(locateSnapshot(turn.state.locate, turn.at)));
  turn.rows.push(laneOf(learntRow(turn.state.alerts.facts, turn.at)));
}

function askLocate(turn: Turn, input: LocateInput): void {
  const step = stepLocate(turn.state.locate, input, turn.settings.locate);
  turn.state = { ...turn.state, locate: step.state };
  setDue(turn, 'locate', step.nextAt);
  turn.rows.push(...step.rows.map(laneOf));
  for (const row of step.rows)
    if (row.kind === 'fix' && !row.moving)
      askAlerts(turn, {
        kind: 'place',
        at: turn.at,
        place: { latitude: row.latitude, longitude: row.longitude },
      });
  // One fix more that is believed is no news to them: every alert would be judged for nothing, ten times a second.
  if (step.believed && (!step.believed.believed || turn.state.alerts.facts.gps?.believed !== true))
    askAlerts(turn, { kind: 'gps', at: turn.at, ...step.believed });
  for (const change of step.changes) {
    const { visit, state } = change;
    askAlerts(turn, { kind: 'presence', at: turn.at, visit, state });
    askDuty(turn, { kind: 'presence', at: turn.at, visit, state });
    if (state === 'left' || state === 'missed') pushSnapshot(turn);
  }
}

function askLink(turn: Turn, input: LinkInput): void {
  const step = stepLink(turn.state.link, input, turn.settings.link);
  turn.state = { ...turn.state, link: step.state };
  setDue(turn, 'link', step.nextAt);
  turn.rows.push(...step.events.map(laneOf));
  const shown = step.state.shown;
  if (step.changed && shown)
    askAlerts(turn, {
      kind: 'link',
      at: turn.at,
      state: shown.state,
      ...(shown.cause ? { cause: shown.cause } : {}),
    });
}

function askAlerts(turn: Turn, input: AlertInput): void {
  const step = stepAlerts(turn.state.alerts, input, turn.settings.alerts);
  turn.state = { ...turn.state, alerts: step.state };
  setDue(turn, 'alerts', step.nextAt);
  turn.rows.push(...step.events.map(laneOf));
}
