import { GatewayConfig } from '../gateway/config.ts';
import { initialEngine, stepEngine } from '../gateway/core/engine/engine.ts';
import type { EngineInput, EngineState, LaneRow } from '../gateway/core/engine/types.ts';
import { engineSettingsOf } from '../gateway/engineSettings.ts';
import { canonicalText } from '../protocol/canonical.ts';
import { isoOf } from '../protocol/time.ts';
import { REFERENCE_START_MS, referenceDay } from '../simulators/referenceDay.ts';
import { referenceAgenda } from '../simulators/story.ts';

/** The reference day as the gateway journals it: the production engine over `simulate --day reference`. */
export type DayRow = LaneRow & {
  readonly atMs: number;
  readonly text: string;
  /** What the engine tells the writer: commits are closer together. */
  readonly dense: boolean;
};

const BOOT = 'reference';

export function referenceRows(seed: number): DayRow[] {
  const config = GatewayConfig.parse({
    van: 'reference',
    sources: { gps: 'file:day' },
    journal: 'reference.db',
    broker: 'mqtt://localhost',
  });
  const settings = engineSettingsOf(config, REFERENCE_START_MS - 86_400_000);
  const rows: DayRow[] = [];
  let state: EngineState = initialEngine(settings);
  let nextAt: number | undefined;
  const step = (input: EngineInput) => {
    const next = stepEngine(state, input, settings);
    ({ state, nextAt } = next);
    for (const row of next.rows)
      rows.push({
        ...row,
        atMs: input.at,
        text: canonicalText(row.row),
        dense: state.duty.on && state.locate.dense,
      });
  };
  const start = REFERENCE_START_MS;
  const anchor = { kind: 'anchor', at: isoOf(start), boot: BOOT, monoMs: 0, source: 'gnss' } as const;
  step({ kind: 'anchor', at: start, shiftMs: 0, row: anchor });
  step({ kind: 'agenda', at: start, agenda: referenceAgenda(start, 'Europe/Paris') });
  for (const input of referenceDay(seed)) {
    while (nextAt !== undefined && nextAt + 2000 < input.at) {
      const due: number = nextAt;
      step({ kind: 'tick', at: due });
      if (nextAt === due) break;
    }
    if (input.kind === 'fix') step({ kind: 'fix', at: input.at, fix: input.fix });
    else if (input.kind === 'power') step({ kind: 'power', at: input.at, reading: input.reading });
    else step({ kind: 'modem', at: input.at, reading: input.reading });
  }
  return rows;
}

/** Rows of each kind. */
export const kindsOf = (rows: readonly DayRow[]): Record<string, number> => {
  const kinds: Record<string, number> = {};
  for (const { row } of rows) kinds[row.kind] = (kinds[row.kind] ?? 0) + 1;
  return kinds;
};
