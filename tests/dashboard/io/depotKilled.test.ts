import { expect, it } from 'vitest';
import { killDepots } from '../../parts/depotKills.ts';

it('loses and doubles nothing when the depot is killed in the middle of its ingest', async () => {
  const { rounds, rows, differing } = await killDepots(3, 1);
  expect(rounds.map(({ missing }) => missing)).toEqual([0, 0, 0]);
  expect(rounds.some(({ storedRows }) => storedRows > 0 && storedRows < rows)).toBe(true);
  expect(differing).toBe(0);
}, 120_000);
