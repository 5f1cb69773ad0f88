import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Batch, decide, START, stepIdentity } from '../../../dashboard/core/ingest.ts';
import { crcAfter, runCrc } from '../../../protocol/canonical.ts';

const JOURNAL = '0f2c8a4e-6b1d-4f3a-9c57-1e2d3c4b5a69';
const text = (seq: number, word = '') => `{"kind":"event","at":null,"what":"${word}${seq}"}`;
/** CRCs of a lane whose rows are `text(1)`, `text(2)` … */
const crcs = [0];
for (let seq = 1; seq <= 50; seq++) crcs.push(crcAfter(crcs[seq - 1]!, text(seq)));
const batch = (from: number, to: number, word = '', prevCrc = crcs[from - 1]!): Batch => {
  const rows = Array.from({ length: to - from + 1 }, (_, i) => ({
    seq: from + i,
    text: text(from + i, word),
  }));
  return {
    van: 'van-7',
    journal: JOURNAL,
    lane: 'bulk',
    prevCrc,
    rows,
    crc: rows.reduce((crc, row) => runCrc(crc, 'bulk', row.seq, row.text), prevCrc),
  };
};
const held = (upTo: number) => ({ upTo, crc: crcs[upTo]! });
const decideOn = (b: Batch, upTo: number) => decide(b, held(upTo), (seq) => crcs[seq]);

describe('what the depot does with a batch', () => {
  it.each([
    ['continues an empty lane', batch(1, 5), 0, 'stored'],
    ['continues what is held', batch(6, 9), 5, 'stored'],
    ['all held already', batch(2, 4), 5, 'duplicate'],
    ['held up to its last row', batch(2, 5), 5, 'duplicate'],
    ['rows before it are missing', batch(8, 9), 5, 'wait'],
    ['another history, right behind', batch(6, 7, '', 12345), 5, 'fork'],
    ['another history of rows that are held', batch(3, 5, 'other'), 5, 'fork'],
    ['another history that overlaps', batch(3, 8, 'other'), 5, 'fork'],
    ['a CRC that does not vouch for the rows', { ...batch(6, 9), crc: 1 }, 5, 'broken'],
    ['no row', { ...batch(6, 9), rows: [] }, 5, 'broken'],
    ['a hole inside', { ...batch(6, 9), rows: [batch(6, 6).rows[0]!, batch(9, 9).rows[0]!] }, 5, 'broken'],
  ] as const)('%s', (_name, b, upTo, decision) => {
    expect(decideOn(b, upTo).decision).toBe(decision);
  });

  it('stores only the new rows of a batch that overlaps', () => {
    const verdict = decideOn(batch(3, 8), 5);
    expect(verdict).toMatchObject({ decision: 'stored' });
    expect(verdict.decision === 'stored' && verdict.rows.map((r) => [r.seq, r.crc])).toEqual([
      [6, crcs[6]],
      [7, crcs[7]],
      [8, crcs[8]],
    ]);
  });

  it('goes on over a gap row, whose CRC the chain takes up, even where some of its rows are held', () => {
    const gap = JSON.stringify({
      kind: 'gap',
      at: null,
      lane: 'bulk',
      journal: JOURNAL,
      from: 3,
      to: 20,
      reason: 'size_cap',
      crc: crcs[20],
    });
    const rows = [
      { seq: 20, text: gap },
      { seq: 21, text: text(21) },
    ];
    const b: Batch = { ...batch(21, 21), prevCrc: crcs[2]!, rows };
    for (const upTo of [2, 7]) {
      const verdict = decideOn(b, upTo);
      expect(verdict.decision === 'stored' && verdict.rows.map((r) => r.seq)).toEqual([20, 21]);
    }
    expect(decideOn(b, 1).decision).toBe('wait');
    expect(decideOn({ ...b, prevCrc: 9 }, 7).decision).toBe('fork');
    expect(decideOn(b, 21).decision).toBe('duplicate');
  });

  it('comes to the same lane whatever the order, the cuts and the repetitions', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 40 }), fc.nat(9)), { minLength: 30, maxLength: 120 }),
        (cuts) => {
          let cursor = START;
          const lane: string[] = [];
          const offer = (b: Batch) => {
            const verdict = decide(b, cursor, (seq) => crcs[seq]);
            if (verdict.decision !== 'stored') return verdict.decision;
            for (const row of verdict.rows) lane.push(row.text);
            cursor = { upTo: verdict.rows.at(-1)!.seq, crc: verdict.rows.at(-1)!.crc };
            return 'stored';
          };
          for (const [from, length] of cuts)
            expect(['stored', 'duplicate', 'wait']).toContain(offer(batch(from, from + length)));
          offer(batch(1, 49));
          expect(lane).toEqual(Array.from({ length: 49 }, (_, i) => text(i + 1)));
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('who writes for a van', () => {
  const seen = (...journals: string[]) =>
    journals.reduce<ReturnType<typeof stepIdentity> | undefined>(
      (before, journal, i) => stepIdentity(before, { journal, session: `${i}` }),
      undefined,
    )!.alternations;
  it('takes a gateway that restarts for one, and two journals that alternate for two', () => {
    expect(seen('a', 'b', 'c', 'd')).toBe(0);
    expect(seen('a', 'a', 'b', 'b')).toBe(0);
    expect(seen('a', 'b', 'a')).toBe(1);
    expect(seen('a', 'b', 'a', 'b')).toBe(2);
  });
});
