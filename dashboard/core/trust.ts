import type { FeedEvent, StoredRow, TrustConcern } from './feed.ts';

export type Trust = Extract<FeedEvent, { kind: 'trust' }>;

const concern = (row: StoredRow, what: TrustConcern, values: Trust['values']): Trust => ({
  kind: 'trust',
  van: row.van,
  concern: what,
  journal: row.journal,
  lane: row.lane,
  values,
  receivedAt: row.receivedAt,
});

/** What newly stored rows say about the chain of trust: every loss is told, and every possible one. */
export function concernsOf(rows: readonly StoredRow[]): Trust[] {
  return rows.flatMap((stored) => {
    const { row } = stored;
    if (row.kind === 'gap')
      return [
        concern(stored, 'gap', {
          from: row.from,
          to: row.to,
          reason: row.reason,
          rows: row.to - row.from + 1,
        }),
      ];
    if (row.kind === 'open' && row.previous && !row.previous.clean)
      return [
        concern(stored, 'possible_gap', { previous: row.previous.journal, salvaged: row.salvaged ? 1 : 0 }),
      ];
    return [];
  });
}
