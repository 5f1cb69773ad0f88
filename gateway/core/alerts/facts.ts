import type { HealthReading, PowerReading } from '../../../protocol/readings.ts';
import { coverageNews, initialCoverage, stepCoverage } from '../coverage.ts';
import { forecastOf, initialForecast, stepForecast } from '../forecast.ts';
import type { AlertSettings } from '../settings.ts';
import type { AlertInput, Facts } from './types.ts';

/** What the inputs say, kept as facts with the time since which each holds. */

export const initialFacts = (): Facts => ({
  devices: {},
  duty: false,
  visits: [],
  parts: {},
  forecast: initialForecast(),
  places: initialCoverage(),
});

const COVERAGE_MS = 5 * 60_000;

/** Asks the coverage memory about the next stop, now and then. */
function expectCoverage(facts: Facts, at: number, settings: AlertSettings): Facts {
  if (facts.coverageAt !== undefined && at - facts.coverageAt < COVERAGE_MS) return facts;
  const visits = facts.visits.flatMap(({ place, ...visit }) => (place ? [{ ...visit, place }] : []));
  const expected = coverageNews(facts.places, visits, at, settings.timezone);
  const asked = { ...facts, coverageAt: at };
  return expected ? { ...asked, coverage: expected } : omit(asked, 'coverage');
}

/** A name from outside may not grow the state. */
const MAX_PARTS = 16;
/** Cranking sets the under-voltage bit: not told within this of the engine's start. */
const CRANK_MS = 120_000;
const UNDERVOLTAGE_OCCURRED = 0x10000;
/** A charge is one from this current on, amperes. */
const CHARGE_A = 1;

export function takeInput(before: Facts, input: AlertInput, at: number, settings: AlertSettings): Facts {
  const facts = expectCoverage(before, at, settings);
  switch (input.kind) {
    case 'power':
      return takePower(facts, input, at, settings);
    case 'link': {
      const isSame = facts.link?.state === input.state && facts.link.cause === input.cause;
      const { state, cause } = input;
      return isSame
        ? facts
        : { ...facts, link: { state, ...(cause ? { cause } : {}), since: sinceOf(facts.link, state, at) } };
    }
    case 'modem':
      return { ...facts, modem: { at, reading: input.reading } };
    case 'health':
      return takeHealth(facts, input.reading, at);
    case 'device': {
      const { device, state, detail } = input;
      const since = sinceOf(facts.devices[device], state, at);
      return {
        ...facts,
        devices: {
          ...facts.devices,
          [device]: { state, since, ...(detail ? { detail: short(detail) } : {}) },
        },
      };
    }
    case 'gps': {
      const { believed, lastAt = facts.gps?.lastAt } = input;
      const since = facts.gps?.believed === believed ? facts.gps.since : at;
      return { ...facts, gps: { believed, since, ...(lastAt === undefined ? {} : { lastAt }) } };
    }
    case 'presence': {
      if (input.state === 'on_site')
        return facts.onSite?.visit === input.visit
          ? facts
          : { ...facts, onSite: { visit: input.visit, since: at } };
      return facts.onSite?.visit === input.visit ? omit(facts, 'onSite') : facts;
    }
    case 'visits':
      return { ...facts, visits: input.visits.slice(0, 50) };
    case 'duty':
      return facts.duty === input.on ? facts : { ...facts, duty: input.on, dutySince: at };
    case 'journal': {
      const { state, detail } = input;
      const since = sinceOf(facts.journal, state, at);
      return { ...facts, journal: { state, since, ...(detail ? { detail: short(detail) } : {}) } };
    }
    case 'part': {
      const part = short(input.part).slice(0, 20);
      const known = facts.parts[part];
      if (!known && Object.keys(facts.parts).length >= MAX_PARTS) return facts;
      const { state, detail } = input;
      const next = { state, since: sinceOf(known, state, at), ...(detail ? { detail: short(detail) } : {}) };
      return { ...facts, parts: { ...facts.parts, [part]: next } };
    }
    case 'place': {
      const link = facts.link?.state;
      if (link === undefined || !facts.duty) return facts;
      const rsrpDbm = facts.modem?.reading.rsrpDbm;
      const sample = { at, place: input.place, link, ...(rsrpDbm === undefined ? {} : { rsrpDbm }) };
      return { ...facts, places: stepCoverage(facts.places, sample) };
    }
    case 'plan': {
      const { usedPercent, runsOutAt, renewsAt } = input;
      return { ...facts, plan: { usedPercent, renewsAt, ...(runsOutAt === undefined ? {} : { runsOutAt }) } };
    }
    case 'acknowledge':
    case 'tick':
      return facts;
  }
}

const short = (text: string): string => text.slice(0, 100);

const sinceOf = (
  known: { readonly state: string; readonly since: number } | undefined,
  state: string,
  at: number,
): number => (known?.state === state ? known.since : at);

function omit<K extends keyof Facts>(facts: Facts, key: K): Facts {
  if (!(key in facts)) return facts;
  const { [key]: _gone, ...rest } = facts;
  return rest as Facts;
}

function takePower(
  facts: Facts,
  input: Extract<AlertInput, { kind: 'power' }>,
  at: number,
  settings: AlertSettings,
): Facts {
  const { reading, engine } = input;
  const charges = engine === 'on' && (reading.houseA ?? 0) >= CHARGE_A;
  const next: Facts = {
    ...facts,
    power: { at, reading },
    ...(charges ? { engineChargedAt: at } : {}),
    ...foresee(facts, reading, at, settings),
  };
  if (engine === undefined) return omit(next, 'engine');
  return { ...next, engine: { state: engine, since: sinceOf(facts.engine, engine, at) } };
}

/** The forecast learns from every reading and is made anew once a minute. */
const FORECAST_MS = 60_000;

function foresee(
  facts: Facts,
  reading: PowerReading,
  at: number,
  settings: AlertSettings,
): Pick<Facts, 'forecast' | 'expected'> {
  const forecast = stepForecast(facts.forecast, at, reading, facts.visits, settings.timezone);
  if (facts.expected && at - facts.expected.at < FORECAST_MS) return { forecast };
  const made = forecastOf(forecast, at, facts.visits, settings);
  return { forecast, expected: { at, ...(made ? { forecast: made } : {}) } };
}

function takeHealth(facts: Facts, reading: HealthReading, at: number): Facts {
  const next: Facts = { ...facts, health: { at, reading } };
  const bit = (r: HealthReading | undefined) => ((r?.throttled ?? 0) & UNDERVOLTAGE_OCCURRED) !== 0;
  // The first reading tells of the time before us: «since boot», not news.
  const isNew = bit(reading) && facts.health !== undefined && !bit(facts.health.reading);
  const cranked = facts.engine?.state === 'on' && at - facts.engine.since < CRANK_MS;
  return isNew && !cranked ? { ...next, undervoltageSeenAt: at } : next;
}
