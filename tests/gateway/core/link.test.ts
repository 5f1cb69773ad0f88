import { describe, expect, it } from 'vitest';
import { type CourierFacts, initialLink, type LinkInput, stepLink } from '../../../gateway/core/link.ts';
import { causeOf, p95 } from '../../../gateway/core/linkJudge.ts';
import type { LinkReading } from '../../../protocol/readings.ts';
import { LinkRow } from '../../../protocol/rows.ts';

const T0 = Date.parse('2026-11-24T09:00:00Z');
const GOOD: CourierFacts = { connected: true, roundTripMs: 180, pingAgeS: 5, receiptAgeS: 8 };
const GOOD_RADIO: LinkReading = {
  rsrpDbm: -88,
  sinrDb: 14,
  registration: 'home',
  technology: '4g',
  sim: 'READY',
};

function bench() {
  let state = initialLink();
  let at = T0;
  const rows: ReturnType<typeof stepLink>['events'][number][] = [];
  const step = (input: LinkInput) => {
    const result = stepLink(state, input);
    state = result.state;
    rows.push(...result.events);
    return result;
  };
  return {
    rows,
    shown: () =>
      state.shown ? `${state.shown.state}${state.shown.cause ? ` ${state.shown.cause}` : ''}` : undefined,
    radio: (reading: LinkReading) => step({ kind: 'radio', at, reading }),
    modem: (word: 'up' | 'lost') => step({ kind: 'modem', at, state: word }),
    /** The courier's facts every 5 s for `seconds`. */
    courier(facts: CourierFacts, seconds = 5) {
      for (let s = 0; s < seconds; s += 5) {
        at += 5000;
        step({ kind: 'courier', at, facts });
      }
    },
  };
}

describe('the link', () => {
  it('says nothing before the courier has spoken', () => {
    const b = bench();
    b.radio(GOOD_RADIO);
    expect(b.shown()).toBeUndefined();
    expect(b.rows).toEqual([]);
  });

  it.each<[string, LinkReading | undefined, CourierFacts, string]>([
    ['answers in time', GOOD_RADIO, GOOD, 'good'],
    ['answers, whatever the bars say', { ...GOOD_RADIO, rsrpDbm: -119 }, GOOD, 'good'],
    ['answers although the modem says searching', { registration: 'searching' }, GOOD, 'good'],
    ['answers slowly', GOOD_RADIO, { ...GOOD, roundTripMs: 3100 }, 'degraded slow'],
    [
      'answers slowly for want of signal',
      { rsrpDbm: -118 },
      { ...GOOD, roundTripMs: 3100 },
      'degraded radio',
    ],
    ['has a backlog of a minute', GOOD_RADIO, { ...GOOD, oldestUnreceivedS: 60 }, 'degraded backlog'],
    ['has a backlog of 6 min', GOOD_RADIO, { ...GOOD, oldestUnreceivedS: 360 }, 'bad backlog'],
    [
      'pings a broker whose depot is mute',
      GOOD_RADIO,
      { connected: true, pingAgeS: 3, receiptAgeS: 400, oldestUnreceivedS: 390 },
      'bad depot',
    ],
    [
      'is silent for more than 60 s',
      GOOD_RADIO,
      { connected: true, pingAgeS: 70, receiptAgeS: 90 },
      'bad depot',
    ],
    ['owes no receipt and has none', GOOD_RADIO, { connected: true, receiptAgeS: 900 }, 'good'],
    ['has no SIM', { sim: 'SIM PIN' }, { connected: false }, 'offline sim'],
    ['is denied', { registration: 'denied' }, { connected: false }, 'offline denied'],
    ['searches', { registration: 'searching' }, { connected: false }, 'offline searching'],
    [
      'is registered without data',
      { registration: 'home', attached: false },
      { connected: false },
      'offline bearer',
    ],
    ['has no route', GOOD_RADIO, { connected: false, lastErrorCause: 'ENETUNREACH' }, 'offline bearer'],
    ['finds no name', GOOD_RADIO, { connected: false, lastErrorCause: 'EAI_AGAIN' }, 'bad dns'],
    ['is refused by the depot', GOOD_RADIO, { connected: false, lastErrorCause: 'auth' }, 'bad credentials'],
    [
      'trusts no certificate',
      GOOD_RADIO,
      { connected: false, lastErrorCause: 'CERT_HAS_EXPIRED' },
      'bad tls',
    ],
    ['finds nobody there', undefined, { connected: false, lastErrorCause: 'ECONNREFUSED' }, 'bad broker'],
  ])('that %s', (_what, radio, facts, expected) => {
    const b = bench();
    if (radio) b.radio(radio);
    b.courier(facts);
    expect(b.shown()).toBe(expected);
  });

  it('takes two samples to worsen and a minute to better', () => {
    const b = bench();
    b.courier(GOOD, 30);
    b.courier({ ...GOOD, oldestUnreceivedS: 400 });
    expect(b.shown()).toBe('good');
    b.courier({ ...GOOD, oldestUnreceivedS: 400 });
    expect(b.shown()).toBe('bad backlog');
    b.courier(GOOD, 55);
    expect(b.shown()).toBe('bad backlog');
    b.courier(GOOD, 15);
    expect(b.shown()).toBe('good');
  });

  it('comes back by what was worst in the minute before: degraded while the reconnection is fresh', () => {
    const b = bench();
    b.courier(GOOD, 30);
    b.courier({ connected: false, lastErrorCause: 'timeout' }, 120);
    expect(b.shown()).toBe('bad broker');
    b.courier(GOOD, 70);
    expect(b.shown()).toBe('degraded reconnected');
    b.courier(GOOD, 330);
    expect(b.shown()).toBe('good');
  });

  it('blames a modem that is gone', () => {
    const b = bench();
    b.modem('lost');
    b.courier({ connected: false, lastErrorCause: 'timeout' }, 10);
    expect(b.shown()).toBe('offline modem');
  });

  it('writes sparse rows: changes, levels that moved, one in ten minutes', () => {
    const b = bench();
    for (let minute = 0; minute < 60; minute++) {
      b.radio({ ...GOOD_RADIO, rsrpDbm: -88 - (minute % 4) });
      b.courier(GOOD, 60);
    }
    expect(b.rows.length).toBeLessThanOrEqual(8);
    expect(b.rows.every((row) => LinkRow.safeParse(row).success)).toBe(true);
    const before = b.rows.length;
    b.radio({ ...GOOD_RADIO, rsrpDbm: -104 });
    b.courier(GOOD, 120);
    expect(b.rows.length).toBe(before + 1);
  });

  it('keeps its state small and serialisable', () => {
    let state = initialLink();
    for (let n = 0; n < 5000; n++)
      state = stepLink(state, {
        kind: 'courier',
        at: T0 + n * 100,
        facts: { ...GOOD, roundTripMs: n },
      }).state;
    expect(JSON.stringify(state).length).toBeLessThan(6000);
    expect(JSON.parse(JSON.stringify(state))).toEqual(state);
  });
});

it('reads the cause of an error text', () => {
  expect(
    ['dns', 'refused', 'unreachable', 'timeout', 'auth', 'tls', 'closed', 'no_receipt'].map(causeOf),
  ).toEqual(['dns', 'broker', 'bearer', 'broker', 'credentials', 'tls', 'broker', 'depot']);
  expect(causeOf(undefined)).toBeUndefined();
});

it('takes the 95th percentile by nearest rank', () => {
  expect(p95(Array.from({ length: 100 }, (_, n) => n + 1))).toBe(95);
  expect(p95([])).toBeUndefined();
});
