import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isPlainFix, readBody } from '../../../dashboard/io/store/body.ts';
import { BulkRow } from '../../../protocol/rows.ts';

const fix = {
  kind: 'fix',
  at: '2026-11-24T09:24:00.000Z',
  latitude: 47.1,
  longitude: 0.7,
  accuracyM: 2.1,
  moving: false,
  satellitesUsed: 9,
};

it('takes a plain fix without the schema only where the schema takes it as it is', () => {
  expect(isPlainFix(fix)).toBe(true);
  const value = fc.oneof(
    fc.constantFrom<unknown>(-1, -0.5, 90, 90.1, 180.5, 1e300, 2 ** 53, true, null, '', 'fix', [], {}),
    fc.constantFrom(
      '2026-02-30T09:24:00.000Z',
      '2026-11-24T09:24:00+0100',
      '2026-11-24T09:24:00,000Z',
      '2026-11-24T09:24:00.0000Z',
    ),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
  );
  const key = fc.constantFrom(...Object.keys(fix), 'rejected', 'late', 'toString', '__proto__');
  fc.assert(
    fc.property(fc.array(fc.tuple(key, fc.option(value)), { maxLength: 3 }), (changes) => {
      const row: Record<string, unknown> = { ...fix };
      for (const [name, to] of changes)
        if (to === null) delete row[name];
        else
          Object.defineProperty(row, name, {
            value: to,
            enumerable: true,
            configurable: true,
            writable: true,
          });
      const raw = JSON.parse(JSON.stringify(row)) as Record<string, unknown>;
      const bySchema = BulkRow.safeParse(raw).data;
      if (isPlainFix(raw)) expect(bySchema).toEqual(raw);
      expect(readBody('bulk', JSON.stringify(raw)).row).toEqual(bySchema);
    }),
    { numRuns: 2000 },
  );
});
