import type { RowOf } from '../../../protocol/rows.ts';
import { isoOf } from '../../../protocol/time.ts';
import type { Episode } from './types.ts';

/** The row of a change of an episode; `again` says that it was told before and interrupts nobody. */
export function alertRow(
  episode: Episode,
  change: RowOf<'alert'>['change'],
  at: number,
  again = false,
): RowOf<'alert'> {
  return {
    kind: 'alert',
    at: isoOf(at),
    episode: episode.id,
    alert: episode.alert,
    change,
    severity: episode.severity,
    values: again ? { ...episode.values, again: true } : episode.values,
  };
}

/** Does this row interrupt somebody? An episode that came back within its cool-down does not. */
export const isNotice = (row: RowOf<'alert'>): boolean =>
  (row.change === 'raised' || row.change === 'worsened') && row.values.again !== true;
