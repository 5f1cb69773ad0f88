import { describe, expect, it } from 'vitest';
import { motorSettings } from '../../../gateway/core/motor.ts';
import {
  initialPower,
  POWER_DEFAULTS,
  type PowerSettings,
  type PowerView,
  stepPower,
} from '../../../gateway/core/power.ts';
import type { PowerReading } from '../../../protocol/readings.ts';

const REGULAR: PowerSettings = { ...POWER_DEFAULTS, ...motorSettings('regular') };
const SMART: PowerSettings = { ...POWER_DEFAULTS, ...motorSettings('smart') };

/** A timeline: `[second, reading]`; gives the view after each. */
function views(settings: PowerSettings, ...steps: (readonly [number, PowerReading?])[]): PowerView[] {
  let state = initialPower();
  return steps.map(([second, reading]) => {
    const at = 1_700_000_000_000 + second * 1000;
    const step = stepPower(
      state,
      reading ? { kind: 'reading', at, reading } : { kind: 'tick', at },
      settings,
    );
    // The state is JSON: what a restart reads back is what was written.
    state = JSON.parse(JSON.stringify(step.state));
    return step.view;
  });
}
const last = (settings: PowerSettings, ...steps: (readonly [number, PowerReading?])[]) =>
  views(settings, ...steps).at(-1)!;
/** The engine's word each second of a run of voltages. */
const engines = (settings: PowerSettings, ...runs: (readonly [number, number])[]) => {
  let second = 0;
  const steps: [number, PowerReading][] = [];
  for (const [starterV, seconds] of runs)
    for (let i = 0; i < seconds; i++) steps.push([second++, { starterV }]);
  return views(settings, ...steps).map((view) => view.engine);
};

describe('readings merged', () => {
  it('two blocks in turn make one reading, each field with its age', () => {
    const view = last(REGULAR, [0, { houseV: 12.8, soc: 80 }], [1, { sinceFullS: 60 }], [2]);
    expect(view.reading).toEqual({ houseV: 12.8, soc: 80, sinceFullS: 60 });
    expect(view.ages).toEqual({ houseV: 2000, soc: 2000, sinceFullS: 1000 });
  });

  it('a field that is not renewed is gone after 10 s', () => {
    const [before, after] = views(REGULAR, [0, { houseV: 12.8 }], [10], [10.001]).slice(1);
    expect(before!.reading).toEqual({ houseV: 12.8 });
    expect(after!.reading).toEqual({});
    expect(after).not.toHaveProperty('soc');
  });
});

describe('engine', () => {
  it('14 V is on at once', () => expect(engines(REGULAR, [14.0, 1])).toEqual(['on']));

  it('the on level is on after its hold', () => {
    expect(engines(REGULAR, [13.8, 11]).at(-2)).toBe('unknown');
    expect(engines(REGULAR, [13.8, 11]).at(-1)).toBe('on');
    expect(engines(REGULAR, [13.7, 30]).at(-1)).toBe('unknown');
    expect(engines(SMART, [13.3, 11]).at(-1)).toBe('on');
  });

  it('below the off level it is off after a minute, not before', () => {
    const words = engines(REGULAR, [14.2, 2], [12.8, 62]);
    expect(words.slice(0, 62).every((word) => word === 'on')).toBe(true);
    expect(words.at(-1)).toBe('off');
  });

  it('a dip of seconds changes nothing', () => {
    expect(new Set(engines(REGULAR, [14.2, 5], [10.0, 20], [14.2, 5], [12.9, 40]))).toEqual(new Set(['on']));
  });

  it('between the levels a regular alternator goes on as it was', () => {
    expect(engines(REGULAR, [14.2, 2], [13.5, 200]).at(-1)).toBe('on');
    expect(engines(REGULAR, [12.6, 70], [13.5, 200]).at(-1)).toBe('off');
    expect(engines(REGULAR, [13.5, 200]).at(-1)).toBe('unknown');
  });

  it('a smart alternator below its on level is not known to have stopped', () => {
    expect(engines(SMART, [14.2, 2], [12.8, 62]).at(-1)).toBe('unknown');
    expect(engines(SMART, [14.2, 2], [12.3, 62]).at(-1)).toBe('off');
    expect(engines(SMART, [12.3, 62], [12.8, 100]).at(-1)).toBe('off');
  });

  it('without a reading it is unknown at once', () => {
    expect(last(REGULAR, [0, { starterV: 14.2 }], [11]).engine).toBe('unknown');
    expect(last(REGULAR, [0, { houseV: 14.2 }]).engine).toBe('unknown');
  });

  it('a DC-DC charger that detects the shutdown is believed', () => {
    expect(last(REGULAR, [0, { starterV: 13.5, offReasons: ['engine_shutdown'] }]).engine).toBe('off');
  });
});

describe('charging, and from what', () => {
  const flow = (reading: PowerReading, settings = REGULAR) => {
    const { flow: word, from } = last(settings, [0, reading]);
    return [word, from];
  };
  it.each<[PowerReading, unknown, string[]]>([
    [{ houseA: 20, starterV: 14.2 }, 'charging', ['engine']],
    [{ houseA: 5, panelW: 80 }, 'charging', ['sun']],
    [{ houseA: 25, starterV: 14.2, panelW: 80 }, 'charging', ['engine', 'sun']],
    [{ houseA: 5 }, 'charging', []],
    [{ chargerA: 3, panelW: 40 }, 'charging', ['sun']],
    [{ chargerA: 0 }, undefined, []],
    [{ houseA: -2, panelW: 20 }, 'discharging', []],
    [{ houseA: 0.1 }, 'idle', []],
    [{ houseV: 12.8 }, undefined, []],
  ])('%j → %s %j', (reading, word, from) => expect(flow(reading)).toEqual([word, from]));

  it('shore is what is left when the engine stands still and the sun gives nothing', () => {
    const parked = Array.from(
      { length: 62 },
      (_, i) => [i, { starterV: 12.6, houseA: 10, panelW: 0 }] as const,
    );
    expect(last(REGULAR, ...parked)).toMatchObject({ flow: 'charging', from: ['shore'], engine: 'off' });
  });
});

describe('state of charge: believed, and why', () => {
  it.each<[string, PowerReading, object | undefined]>([
    ['full now', { soc: 100 }, { percent: 100, trusted: true, reason: 'full_seen' }],
    [
      'full yesterday',
      { soc: 80, sinceFullS: 86_400 },
      { percent: 80, trusted: true, reason: 'full_recently' },
    ],
    [
      'full long ago',
      { soc: 80, sinceFullS: 40 * 86_400 },
      { percent: 80, trusted: false, reason: 'full_long_ago' },
    ],
    [
      'never full',
      { soc: 80, sinceFullS: 86_400, synchronisations: 0 },
      { percent: 80, trusted: false, reason: 'never_full' },
    ],
    ['no history', { soc: 80 }, { percent: 80, trusted: false, reason: 'unproven' }],
    [
      'voltage says empty',
      { soc: 90, houseV: 11.4, houseA: -2, sinceFullS: 60 },
      { percent: 90, trusted: false, reason: 'voltage_disagrees' },
    ],
    [
      'under a heavy load voltage says nothing',
      { soc: 90, houseV: 11.4, houseA: -60, sinceFullS: 60 },
      { percent: 90, trusted: true, reason: 'full_recently' },
    ],
    [
      '24 V',
      { soc: 90, houseV: 25.2, sinceFullS: 60 },
      { percent: 90, trusted: true, reason: 'full_recently' },
    ],
    ['no SOC', { houseV: 12.8 }, undefined],
  ])('%s', (_name, reading, soc) => expect(last(REGULAR, [0, reading]).soc).toEqual(soc));

  it('having seen 100 % is remembered, and so is the history block', () => {
    expect(last(REGULAR, [0, { soc: 100 }], [3600, { soc: 70 }]).soc).toMatchObject({ trusted: true });
    expect(last(REGULAR, [0, { sinceFullS: 60 }], [3600, { soc: 70 }]).soc).toMatchObject({
      reason: 'full_recently',
    });
  });
});

describe('minutes left', () => {
  it('from capacity and current where the SOC holds, else what the shunt says', () => {
    const reading = { soc: 60, houseA: -10, timeToGoMin: 500, sinceFullS: 60 };
    expect(last({ ...REGULAR, capacityAh: 100 }, [0, reading]).minutesLeft).toBe(240);
    expect(last(REGULAR, [0, reading]).minutesLeft).toBe(500);
    expect(last({ ...REGULAR, capacityAh: 100 }, [0, { ...reading, sinceFullS: 9e8 }]).minutesLeft).toBe(500);
    expect(last({ ...REGULAR, capacityAh: 100 }, [0, { ...reading, soc: 10 }]).minutesLeft).toBe(0);
    expect(last(REGULAR, [0, { ...reading, houseA: 5 }])).not.toHaveProperty('minutesLeft');
  });
});
