/**
 * The planted bugs: by what they are found, and on which seeds they were. `form` is what the check is told beside the
 * seed.
 */
type Plant = {
  readonly check: 'simulation' | 'images' | 'absence';
  readonly form: { readonly sqliteShare?: number };
  readonly seeds: readonly number[];
};

const model = { sqliteShare: 0 } as const;
/** Bugs of the SQLite journal or store: only there can they be seen. */
const sqlite = { sqliteShare: 1 } as const;

export const PLANTS = {
  'receipt-on-puback': { check: 'simulation', form: model, seeds: [2] },
  'synchronous-normal': { check: 'images', form: {}, seeds: [1] },
  'one-journal-id': { check: 'simulation', form: sqlite, seeds: [2] },
  'dedupe-by-seq': { check: 'simulation', form: sqlite, seeds: [1] },
  'delete-before-receipt': { check: 'simulation', form: sqlite, seeds: [42] },
  'wall-clock-duration': { check: 'simulation', form: model, seeds: [1] },
  'missed-instead-of-unknown': { check: 'absence', form: {}, seeds: [1] },
  'unbounded-queue': { check: 'simulation', form: model, seeds: [38] },
  'retry-after-sync-error': { check: 'simulation', form: sqlite, seeds: [2] },
  'alert-behind-backlog': { check: 'simulation', form: model, seeds: [1] },
  'will-not-checked': { check: 'simulation', form: model, seeds: [4] },
  'retained-trusted': { check: 'simulation', form: model, seeds: [2] },
  'sms-resent': { check: 'simulation', form: model, seeds: [1] },
  'gap-row-omitted': { check: 'simulation', form: sqlite, seeds: [1] },
} as const satisfies Record<string, Plant>;
export type PlantName = keyof typeof PLANTS;
