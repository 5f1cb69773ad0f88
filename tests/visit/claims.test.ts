import { expect, it } from 'vitest';
import { plannedVisits } from '../../visit/agenda.ts';
import { actClaim } from '../../visit/claims.ts';
import { agenda } from './day.ts';

const [planned] = plannedVisits(agenda());

it('«late by 0» claims nothing: the plan and the van speak again', () => {
  expect(actClaim(planned!, { act: 'late', minutes: 0 }, 1, undefined)).toBeUndefined();
  expect(actClaim(planned!, { act: 'late', minutes: 10 }, 1, undefined)).toMatchObject({ state: 'late' });
});
