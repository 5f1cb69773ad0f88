import { takeInput } from '../alerts/facts.ts';
import { type AlertInput, type AlertsState, initialAlerts } from '../alerts.ts';
import type { AlertSettings } from '../settings.ts';

/**
 * The alerts under a new time: open episodes are moved with the clock, and every hold begins anew, so that a jump of
 * years raises nothing by itself (hazards.md §3: no alert storm).
 */
export function rebaseAlerts(
  before: AlertsState,
  at: number,
  shiftMs: number,
  settings: AlertSettings,
): AlertsState {
  const moved = (time: number) => time + shiftMs;
  const episodes = Object.fromEntries(
    Object.entries(before.episodes).map(([key, e]) => [
      key,
      {
        ...e,
        raisedAt: moved(e.raisedAt),
        knownAt: moved(e.knownAt),
        ...(e.acknowledgedAt === undefined ? {} : { acknowledgedAt: moved(e.acknowledgedAt) }),
        ...(e.clearedAt === undefined ? {} : { clearedAt: moved(e.clearedAt) }),
      },
    ]),
  );
  return { ...initialAlerts(), at, episodes, facts: factsAt(before, at, settings) };
}

/** The newest reading of each kind, told again under the new time. */
function factsAt({ facts }: AlertsState, at: number, settings: AlertSettings): AlertsState['facts'] {
  const { power, engine, link, modem, health, gps, journal } = facts;
  const again: (AlertInput | undefined)[] = [
    power && { kind: 'power', at, reading: power.reading, ...(engine ? { engine: engine.state } : {}) },
    link && { kind: 'link', at, state: link.state, ...(link.cause ? { cause: link.cause } : {}) },
    modem && { kind: 'modem', at, reading: modem.reading },
    health && { kind: 'health', at, reading: health.reading },
    gps && { kind: 'gps', at, believed: gps.believed },
    journal && { kind: 'journal', at, state: journal.state },
    { kind: 'duty', at, on: facts.duty },
    ...Object.entries(facts.devices).map(
      ([device, d]): AlertInput => ({
        kind: 'device',
        at,
        device: device as 'gps' | 'power' | 'modem',
        state: d.state,
        ...(d.detail ? { detail: d.detail } : {}),
      }),
    ),
    ...Object.entries(facts.parts).map(
      ([part, p]): AlertInput => ({
        kind: 'part',
        at,
        part,
        state: p.state,
        ...(p.detail ? { detail: p.detail } : {}),
      }),
    ),
  ];
  return again.reduce<AlertsState['facts']>(
    (told, input) => (input ? takeInput(told, input, at, settings) : told),
    // What was learnt over the days does not depend on the clock of this boot.
    { ...initialAlerts().facts, forecast: { learnt: facts.forecast.learnt }, places: facts.places },
  );
}
