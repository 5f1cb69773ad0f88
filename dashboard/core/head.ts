import { isoOf } from '../../protocol/time.ts';
import type { DepotState } from './views.ts';

/** What every message of the live stream says beside the vans: the server's time, from which ages are counted. */
export type Head = {
  readonly at: string;
  readonly timezone: string;
  /** Local day that `visits` are of. */
  readonly date?: string;
  readonly agenda?: number;
};

export const headOf = ({ plan }: DepotState, atMs: number): Head => ({
  at: isoOf(atMs),
  timezone: plan?.agenda.timezone ?? 'Europe/Paris',
  ...(plan ? { date: plan.day.date, agenda: plan.agenda.version } : {}),
});
