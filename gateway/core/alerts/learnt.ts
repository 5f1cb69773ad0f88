import * as z from 'zod';
import type { RowOf } from '../../../protocol/rows.ts';
import { isoOf } from '../../../protocol/time.ts';
import type { CoverageState } from '../coverage.ts';
import type { Facts } from './types.ts';

/**
 * What the alert fold has learnt over the days (usual currents, coverage by place), as a row beside each snapshot: a
 * restart takes it up again. It stays on board like any bulk row and says nothing of where the van drove.
 */

const WHAT = 'alerts learnt';
const MAX_PLACES = 150;

const Amount = z.number();
const Bin = z.object({ days: Amount, meanA: Amount, varianceA2: Amount });
const Detail = z.object({
  bins: z.partialRecord(z.enum(['stop', 'between', 'off']), z.record(z.string(), Bin)),
  capacityAh: Amount.optional(),
  engineChargedAt: Amount.optional(),
  cells: z.record(
    z.string(),
    z.object({
      latitude: Amount,
      longitude: Amount,
      passes: Amount,
      without: Amount,
      rsrpDbm: Amount.optional(),
      day: Amount,
      samples: Amount,
      bad: Amount,
    }),
  ),
});

const rounded = (_key: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isInteger(value) ? Math.round(value * 1e6) / 1e6 : value;

export function learntRow(facts: Facts, at: number): RowOf<'event'> {
  const { learnt } = facts.forecast;
  const cells = Object.entries(facts.places.cells)
    .sort(([, a], [, b]) => b.day - a.day)
    .slice(0, MAX_PLACES);
  const detail = {
    bins: learnt.bins,
    ...(learnt.capacityAh === undefined ? {} : { capacityAh: learnt.capacityAh }),
    ...(facts.engineChargedAt === undefined ? {} : { engineChargedAt: facts.engineChargedAt }),
    cells: Object.fromEntries(cells),
  };
  return {
    kind: 'event',
    at: isoOf(at),
    what: WHAT,
    detail: JSON.parse(JSON.stringify(detail, rounded)) as Record<string, unknown>,
  };
}

/** The facts with what the row says; a row of another kind, or of another version, changes nothing. */
export function withLearnt(facts: Facts, row: RowOf<'event'> | undefined): Facts {
  if (row?.what !== WHAT) return facts;
  const read = Detail.safeParse(row.detail);
  if (!read.success) return facts;
  const { bins, capacityAh, engineChargedAt, cells } = read.data;
  return {
    ...facts,
    forecast: {
      ...facts.forecast,
      learnt: {
        bins: bins as Facts['forecast']['learnt']['bins'],
        ...(capacityAh === undefined ? {} : { capacityAh }),
      },
    },
    places: { cells: cells as CoverageState['cells'] },
    ...(engineChargedAt === undefined ? {} : { engineChargedAt }),
  };
}

/** Is this such a row? */
export const isLearntRow = (row: { readonly kind: string; readonly what?: unknown }): boolean =>
  row.kind === 'event' && row.what === WHAT;
