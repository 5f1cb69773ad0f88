import { defineConfig } from 'vitest/config';

/**
 * Two groups, one after the other: `unit` on both cores; `system` (real processes, brokers, browsers, attackers) one
 * file at a time, so that what it measures is not the other tests' load.
 */
const SYSTEM = ['browser', 'cli', 'hostile', 'packaging', 'parts', 'scenarios'].map(
  (folder) => `tests/${folder}/**/*.test.{ts,tsx}`,
);

export default defineConfig({
  test: {
    testTimeout: 30_000,
    hookTimeout: 30_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['tests/**/*.test.{ts,tsx}'],
          exclude: SYSTEM,
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'system',
          include: SYSTEM,
          maxWorkers: 1,
          testTimeout: 120_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
