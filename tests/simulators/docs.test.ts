import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FAULTS } from '../../simulators/faults.ts';
import { referenceVan } from '../../simulators/referenceDay.ts';

describe('docs/SIMULATORS.md', () => {
  const text = readFileSync('docs/SIMULATORS.md', 'utf8');

  it('names every fault, its device and what is wrong', () => {
    const rows = [...text.matchAll(/^\| `([a-z_]+)` \| (gps|shunt|modem) \| (.+) \|$/gm)];
    expect(rows.map(([, name, device, what]) => [name, { device, what }])).toEqual(
      Object.entries(FAULTS).map(([name, { device, what }]) => [name, { device, what }]),
    );
  });

  it('tells the length of the reference day', () => {
    expect(text).toContain(`${Math.round(referenceVan(1).lengthM / 1000)} km with seed 1`);
  });
});
