import { quantile, runTrial, type Tour } from '../tests/gateway/core/forecastTrial.ts';

/** `npm run bench -- forecast`: error of the battery forecast three hours before the end, beside two plain estimates. */
const SEEDS = [1, 2, 3];
const AHEAD_MS = 3 * 3_600_000;

export default async function run(): Promise<void> {
  console.log('tour  seed  days | forecast p50 p80 p95 | time-to-go p50 | straight line p50 | within spread');
  for (const tour of ['one', 'two'] satisfies Tour[])
    for (const seed of SEEDS) {
      const trial = runTrial({ tour, seed, trainingDays: 20, testDays: 60, aheadMs: AHEAD_MS });
      const minutes = (values: readonly number[], q: number) => quantile(values, q).toFixed(0).padStart(4);
      console.log(
        `${tour}   ${seed}     ${trial.ours.length}   |      ${[0.5, 0.8, 0.95].map((q) => minutes(trial.ours, q)).join('')}  |     ${minutes(trial.timeToGo, 0.5)}       |      ${minutes(trial.straight, 0.5)}         | ${(trial.within * 100).toFixed(0)} %`,
      );
    }
}
