import { describe, expect, it } from 'vitest';
import { type AlertInput, learntRow, openEpisodes, restoreAlerts } from '../../../gateway/core/alerts.ts';
import { alertSettings } from '../../../gateway/core/settings.ts';
import type { PowerReading } from '../../../protocol/readings.ts';
import { AlertRow, EventRow } from '../../../protocol/rows.ts';
import { FAULT_LASTS, FAULTS, settingsOf } from './alertFaults.ts';
import { DAY, HOUR, MINUTE, MONDAY, makeFold, runWeek, timeOf } from './alertsWeek.ts';

const T0 = MONDAY + 10 * HOUR;
const S = 1000;

/** A fold and a shunt that speaks every 2 s. */
function bench(settings = alertSettings({ chemistry: 'agm' })) {
  const fold = makeFold(settings);
  let at = T0;
  const said = () => fold.events.map((e) => `${e.change} ${e.severity}`);
  return {
    fold,
    said,
    now: () => at,
    /** Holds a reading for `ms`. */
    hold(ms: number, reading: PowerReading, engine: 'on' | 'off' = 'off') {
      for (const end = at + ms; at < end; at += 2 * S) fold.step({ kind: 'power', at, reading, engine });
    },
    say(input: Record<string, unknown>) {
      fold.step({ at, ...input } as AlertInput);
    },
    pass(ms: number) {
      at += ms;
      fold.step({ kind: 'tick', at });
    },
  };
}

describe('an episode of the house battery', () => {
  it('is raised after its hold, worsens, is acknowledged, eases and is cleared, one row each', () => {
    const b = bench();
    b.hold(9 * MINUTE, { houseV: 12.1 });
    expect(b.said()).toEqual([]);
    b.hold(2 * MINUTE, { houseV: 12.1 });
    expect(b.said()).toEqual(['raised warning']);
    b.say({ kind: 'acknowledge', episode: openEpisodes(b.fold.state())[0]!.id });
    b.hold(3 * MINUTE, { houseV: 11.7 });
    expect(b.said()).toEqual(['raised warning', 'acknowledged warning', 'worsened critical']);
    // Worse than what was seen is to be seen anew.
    expect(openEpisodes(b.fold.state())[0]!.acknowledgedAt).toBeUndefined();
    b.hold(11 * MINUTE, { houseV: 12.1 });
    b.hold(11 * MINUTE, { houseV: 12.9 });
    expect(b.said().slice(3)).toEqual(['eased warning', 'cleared warning']);
    expect(b.fold.events.every((row) => AlertRow.safeParse(row).success)).toBe(true);
    expect(new Set(b.fold.events.map((row) => row.episode)).size).toBe(1);
  });

  it('lets a voltage that plays around the threshold say one thing at the most', () => {
    const b = bench();
    b.hold(11 * MINUTE, { houseV: 12.15 });
    for (let n = 0; n < 40; n++) b.hold(30 * S, { houseV: n % 2 ? 12.15 : 12.3 });
    expect(b.said()).toEqual(['raised warning']);
  });

  it('is the same episode when it comes back within the cool-down, and interrupts nobody again', () => {
    const b = bench();
    b.hold(11 * MINUTE, { houseV: 12.1 });
    b.hold(11 * MINUTE, { houseV: 13.4 });
    b.hold(11 * MINUTE, { houseV: 12.1 });
    expect(b.said()).toEqual(['raised warning', 'cleared warning', 'raised warning']);
    expect(b.fold.notices()).toHaveLength(1);
    expect(b.fold.events[2]).toMatchObject({ episode: b.fold.events[0]!.episode, values: { again: true } });
  });

  it('forgives a dip of cranking: it neither raises nor breaks a recovery', () => {
    const b = bench();
    b.hold(11 * MINUTE, { houseV: 12.1 });
    b.hold(6 * MINUTE, { houseV: 13 });
    b.hold(8 * S, { houseV: 10.2 });
    b.hold(4 * MINUTE + 10 * S, { houseV: 13 });
    expect(b.said()).toEqual(['raised warning', 'cleared warning']);
    const longer = bench();
    longer.hold(11 * MINUTE, { houseV: 12.1 });
    longer.hold(6 * MINUTE, { houseV: 13 });
    longer.hold(20 * S, { houseV: 12.1 });
    longer.hold(5 * MINUTE, { houseV: 13 });
    expect(longer.said()).toEqual(['raised warning']);
  });

  it('knows nothing from a silent shunt: the episode stays open, unknown, and nothing new is raised', () => {
    const b = bench();
    b.hold(11 * MINUTE, { houseV: 12.1 });
    b.pass(HOUR);
    const [episode] = openEpisodes(b.fold.state());
    expect(episode!.alert).toBe('house_battery');
    expect(episode!.knownAt - (T0 + 11 * MINUTE)).toBeLessThanOrEqual(30 * S);
    expect(b.said()).toEqual(['raised warning']);
    const fresh = bench();
    fresh.hold(9 * MINUTE, { houseV: 12.1 });
    fresh.pass(HOUR);
    expect(fresh.said()).toEqual([]);
  });

  it('disbelieves a LiFePO4 shunt whose charge its voltage at rest contradicts', () => {
    const lifepo4 = alertSettings({ chemistry: 'lifepo4' });
    const drifted = bench(lifepo4);
    drifted.hold(20 * MINUTE, { houseV: 13.3, soc: 12, houseA: -1 });
    expect(drifted.said()).toEqual([]);
    const empty = bench(lifepo4);
    empty.hold(20 * MINUTE, { houseV: 12.9, soc: 12, houseA: -1 });
    expect(empty.said()).toEqual(['raised warning']);
  });

  it('takes thresholds by chemistry: 12.3 V is half an AGM and no news of a LiFePO4', () => {
    const lifepo4 = bench(alertSettings({ chemistry: 'lifepo4' }));
    lifepo4.hold(20 * MINUTE, { houseV: 12.1 });
    expect(lifepo4.said()).toEqual([]);
  });
});

describe('the starter battery', () => {
  it('is judged at rest alone', () => {
    const b = bench();
    b.hold(6 * S, { starterV: 9.8 });
    b.hold(31 * MINUTE, { starterV: 12.0 }, 'on');
    expect(b.said()).toEqual([]);
    b.hold(31 * MINUTE, { starterV: 12.0 }, 'off');
    expect(b.said()).toEqual(['raised warning']);
    // An engine that runs does not make it well.
    b.hold(HOUR, { starterV: 14.2 }, 'on');
    expect(b.said()).toEqual(['raised warning']);
  });
});

describe('causes that explain one another', () => {
  it('tells an unplugged shunt once, not as a silent one too', () => {
    const b = bench();
    b.say({ kind: 'device', device: 'power', state: 'up' });
    b.hold(10 * S, { houseV: 12.7 });
    b.say({ kind: 'device', device: 'power', state: 'lost', detail: 'usb-VictronEnergy_1234' });
    b.pass(5 * MINUTE);
    expect(b.fold.events.map((e) => e.alert)).toEqual(['device_lost']);
    expect(b.fold.events[0]).toMatchObject({ values: { device: 'power', detail: 'usb-VictronEnergy_1234' } });
  });

  it('tells a SIM that wants its PIN, not the link that it bars', () => {
    const b = bench();
    b.say({ kind: 'duty', on: true });
    b.say({ kind: 'link', state: 'offline', cause: 'sim' });
    for (let n = 0; n < 40; n++) {
      b.say({ kind: 'modem', reading: { sim: 'SIM PIN' } });
      b.pass(30 * S);
    }
    expect(b.fold.events.map((e) => e.alert)).toEqual(['sim']);
  });

  it('says nothing of position and link off duty', () => {
    const b = bench();
    b.say({ kind: 'gps', believed: false, lastAt: T0 });
    b.say({ kind: 'link', state: 'offline', cause: 'searching' });
    b.pass(2 * HOUR);
    expect(b.fold.events).toEqual([]);
  });
});

describe('a restart', () => {
  it('keeps episodes and acknowledgements from the snapshot: nothing is told twice', () => {
    const b = bench();
    b.hold(11 * MINUTE, { houseV: 12.1 });
    b.say({ kind: 'acknowledge', episode: b.fold.events[0]!.episode });
    b.fold.restart();
    b.hold(20 * MINUTE, { houseV: 12.1 });
    expect(b.said()).toEqual(['raised warning', 'acknowledged warning']);
  });

  it('keeps them from the alert rows alone, too', () => {
    const b = bench();
    b.hold(11 * MINUTE, { houseV: 12.1 });
    b.say({ kind: 'acknowledge', episode: b.fold.events[0]!.episode });
    const settings = alertSettings({ chemistry: 'agm' });
    const after = makeFold(settings, restoreAlerts(b.fold.events, settings));
    expect(openEpisodes(after.state())).toMatchObject([
      { id: b.fold.events[0]!.episode, severity: 'warning' },
    ]);
    for (let s = 0; s < 1200; s += 2)
      after.step({ kind: 'power', at: b.now() + s * S, reading: { houseV: 12.1 } });
    expect(after.events).toEqual([]);
    for (let s = 1200; s < 2000; s += 2)
      after.step({ kind: 'power', at: b.now() + s * S, reading: { houseV: 13 } });
    expect(after.events.map((e) => e.change)).toEqual(['cleared']);
  });

  it('takes its time from its inputs and never goes back', () => {
    const b = bench();
    b.hold(11 * MINUTE, { houseV: 12.1 });
    b.fold.step({ kind: 'part', at: T0 - DAY, part: 'cab', state: 'failed' });
    expect(timeOf(b.fold.events.at(-1)!)).toBeGreaterThanOrEqual(T0 + 10 * MINUTE);
  });

  it('does not grow with names from outside', () => {
    const b = bench();
    for (let n = 0; n < 500; n++) b.say({ kind: 'part', part: `part${n}`, state: 'failed' });
    expect(openEpisodes(b.fold.state()).length).toBeLessThanOrEqual(16);
  });
});

describe('the simulated week', () => {
  it.each([1, 2, 3])('a normal tour (seed %i) interrupts nobody', (seed) => {
    const week = runWeek({ seed });
    expect(week.events.map((e) => `${e.at} ${e.alert} ${e.change}`)).toEqual([]);
  });

  it('a stop without 4G, known for hours, interrupts twice at the most', () => {
    const from = MONDAY + DAY + 9.4 * HOUR;
    const week = runWeek({
      seed: 4,
      days: 2,
      faults: [
        {
          from,
          to: from + 3 * HOUR,
          bend: (scene) => {
            scene.link = { state: 'offline', cause: 'searching' };
          },
        },
      ],
    });
    expect(week.notices().map((e) => `${e.alert} ${e.severity}`)).toEqual(['link warning', 'link critical']);
  });

  it.each(Object.entries(FAULTS))('%s is raised in time, with nothing else, and cleared', (_name, fault) => {
    const from = MONDAY + (fault.hour ?? 10.1) * HOUR;
    const faults = [{ from, to: from + FAULT_LASTS, bend: fault.bend }];
    const week = runWeek({ seed: 1, days: 1, settings: settingsOf(fault), faults });
    const raised = week
      .notices()
      .find(
        (e) => e.alert === fault.alert && (fault.severity === undefined || e.severity === fault.severity),
      );
    expect(raised && timeOf(raised) - from).toBeGreaterThanOrEqual(0);
    expect(raised && timeOf(raised) - from).toBeLessThanOrEqual(fault.withinMs);
    const allowed = new Set<string>([fault.alert, ...(fault.also ?? [])]);
    expect(week.notices().filter((e) => !allowed.has(e.alert))).toEqual([]);
    expect(week.notices().length).toBeLessThanOrEqual(3);
    expect(openEpisodes(week.state()).map((e) => e.alert)).toEqual([]);
  });
});

describe('what is learnt', () => {
  const PLACE = { latitude: 47.0437, longitude: 0.8183 };

  /** Two days parked at a stop without 4G. */
  function taught() {
    const b = bench();
    for (let day = 0; day < 2; day++) {
      const at = T0 + day * DAY;
      b.fold.step({ kind: 'duty', at, on: true });
      b.fold.step({ kind: 'link', at, state: 'offline', cause: 'searching' });
      for (let minute = 0; minute < 60; minute++) {
        b.fold.step({ kind: 'place', at: at + minute * MINUTE, place: PLACE });
        b.fold.step({ kind: 'power', at: at + minute * MINUTE, reading: { houseA: -9, soc: 80 } });
      }
      b.fold.step({ kind: 'duty', at: at + HOUR, on: false });
    }
    return b;
  }

  it('goes through its row and back: usual currents and coverage by place', () => {
    const b = taught();
    const row = learntRow(b.fold.state().facts, T0 + 2 * DAY);
    expect(EventRow.safeParse(row).success).toBe(true);
    const restored = restoreAlerts([], alertSettings(), row);
    expect(learntRow(restored.facts, T0 + 2 * DAY)).toEqual(row);
    expect(JSON.stringify(row.detail)).toContain('"without":1');
  });

  it('of a row that is spoilt, nothing is taken', () => {
    const row = { ...learntRow(taught().fold.state().facts, T0), detail: { bins: 'none' } };
    expect(restoreAlerts([], alertSettings(), row).facts).toEqual(restoreAlerts([], alertSettings()).facts);
  });

  it('is told before the next visit there, once, and cleared with it', () => {
    const b = taught();
    const fromMs = T0 + 7 * DAY;
    const visits = [{ visit: 'v', name: 'Ligueil', fromMs, toMs: fromMs + HOUR, place: PLACE }];
    b.fold.step({ kind: 'visits', at: fromMs - 3 * HOUR, visits });
    for (let m = -120; m < 120; m++) b.fold.step({ kind: 'tick', at: fromMs + m * MINUTE });
    const said = b.fold.events.filter((e) => e.alert === 'no_coverage');
    expect(said.map((e) => e.change)).toEqual(['raised', 'cleared']);
    expect(said[0]).toMatchObject({ severity: 'notice', values: { stop: 'Ligueil', passes: 2, without: 2 } });
    expect(fromMs - timeOf(said[0]!)).toBeLessThanOrEqual(45 * MINUTE);
  });
});
