import { describe, expect, it } from 'vitest';
import { GatewayConfig } from '../../../../gateway/config.ts';
import { initialEngine, stepEngine } from '../../../../gateway/core/engine/engine.ts';
import type { EngineInput, EngineStep } from '../../../../gateway/core/engine/types.ts';
import { engineSettingsOf } from '../../../../gateway/engineSettings.ts';
import type { Row } from '../../../../protocol/rows.ts';

const START_MS = Date.UTC(2026, 8, 7, 6);
const config = {
  van: 'van-1',
  sources: { gps: 'tcp://127.0.0.1:1', power: 'tcp://127.0.0.1:2' },
  journal: 'van.db',
  broker: 'mqtt://127.0.0.1:1883',
};
const settings = engineSettingsOf(GatewayConfig.parse(config), 0);

/** The engine's fold over inputs, with all rows that it gave. */
function engine() {
  let step: EngineStep = { state: initialEngine(settings), rows: [] };
  const rows: Row[] = [];
  return {
    rows,
    give(input: EngineInput) {
      step = stepEngine(step.state, input, settings);
      rows.push(...step.rows.map(({ row }) => row));
      return step;
    },
  };
}
const reading = (second: number) =>
  ({
    kind: 'power',
    at: START_MS + second * 1000,
    reading: { starterV: 14.2, houseV: 13.9, soc: 80 },
  }) as const;

describe('a shunt that falls silent', () => {
  it('leaves the engine and the charge unknown, and says so in a row', () => {
    const { give, rows } = engine();
    for (let second = 0; second <= 5; second++) give(reading(second));
    const told = give({ kind: 'tick', at: START_MS + 15_000 });
    expect(told.state.power.view).toMatchObject({ engine: 'on', soc: { percent: 80 } });
    expect(told.nextAt).toBe(START_MS + 15_001);

    const { power } = give({ kind: 'tick', at: START_MS + 15_001 }).state;
    expect(power.view).toMatchObject({ engine: 'unknown', reading: {} });
    expect(power.view).not.toHaveProperty('soc');
    expect(rows.at(-1)).toEqual({ kind: 'power', at: '2026-09-07T06:00:15.001Z' });
    // Nothing more falls due by itself: an absent shunt costs nothing.
    expect(give({ kind: 'tick', at: START_MS + 16_000 }).state.due).not.toHaveProperty('power');
  });

  it('is not seen in a clock that jumps', () => {
    const { give } = engine();
    give(reading(0));
    const at = START_MS + 86_400_000;
    const row = {
      kind: 'anchor',
      at: '2026-09-08T06:00:00.000Z',
      boot: 'b',
      monoMs: 1,
      source: 'gnss',
    } as const;
    give({ kind: 'anchor', at, shiftMs: 86_400_000, row });
    expect(give({ kind: 'tick', at: at + 1000 }).state.power.view?.engine).toBe('on');
    expect(give({ kind: 'tick', at: at + 10_001 }).state.power.view?.engine).toBe('unknown');
  });
});
