import { describe, expect, it } from 'vitest';
import { powerCuts } from '../../../bench/powercut.ts';
import { hasStrace } from '../../parts/powerCut.ts';

if (!hasStrace && process.env.TOURNEE_REQUIRE_ALL) throw new Error('strace is needed');

/** Some images of campaign C3; `npm run bench -- powercut` makes 10,000. */
describe.skipIf(!hasStrace)('journal', () => {
  it('opens after any power cut on an honest disk, with every row that it had called durable', () => {
    expect(powerCuts(250, 7)).toMatchObject({ unreadable: 0, lost: 0 });
  });
});
