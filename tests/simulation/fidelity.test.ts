import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Journal, type JournalSettings, type NewRow, openJournal } from '../../gateway/io/journal.ts';
import { LANES, type Lane } from '../../protocol/rows.ts';
import { isoOf } from '../../protocol/time.ts';
import { fakeClock } from '../../runtime/clock.ts';
import { silentLog } from '../../runtime/log.ts';
import { makeRandom, type Random } from '../../simulators/random.ts';
import { makeModelCard } from './modelCard.ts';
import { MEMORY_FOLDER } from './sqliteCard.ts';

/** The same operations on the model of the journal and on real SQLite, which must never tell them apart. */
const START = Date.UTC(2026, 10, 24, 8);
const SEQUENCES = 60;
const OPERATIONS = 40;

/** Ids in the order of the openings: they are minted at random on both sides. */
const named = (journal: Journal) => {
  const ids = journal.extents().map((e) => e.journal);
  // The ids are in the openings' texts, hence in the CRC of the urgent lane and in the bytes of what was refused twice.
  const plain = (text: string) =>
    ids.reduce(
      (t, id, i) => t.replaceAll(id, `journal-${i}`),
      text.replace(/,"crc":\d+|,"bytes":"[^"]*"/g, ''),
    );
  const lanes = journal.extents().flatMap(({ journal: id, lanes }) =>
    LANES.map((lane) => {
      const { prevCrc, rows } = journal.outbox(id, lane, lanes[lane].received + 1, 1000);
      return { prevCrc, texts: rows.map((r) => `${r.seq} ${r.after} ${plain(r.text)}`) };
    }),
  );
  return {
    opening: journal.opening,
    extents: journal
      .extents()
      .map(({ lanes: { urgent, bulk } }) => [urgent.received, urgent.last, bulk.received, bulk.last]),
    merged: [...journal.merged()].map((r) => `${r.lane} ${r.seq} ${plain(r.text)}`),
    duty: journal.last('duty')?.text,
    backlog: [journal.backlog().rows, journal.backlog().urgent],
    lanes: lanes.map(({ texts }) => texts),
  };
};

type Pair = { model: Journal; real: Journal };

/** One operation on both; what each answers is compared too. */
function operate(random: Random, { model, real }: Pair, made: () => NewRow): void {
  const roll = random.next();
  if (roll < 0.6) {
    const rows = Array.from({ length: 1 + Math.floor(12 * random.next()) }, made);
    const places = (journal: Journal) => journal.commit(rows).map((r) => [r.lane, r.seq, r.after]);
    expect(places(model)).toEqual(places(real));
    return;
  }
  const n = Math.floor(random.next() * model.extents().length);
  const share = random.next();
  const lane: Lane = random.next() < 0.5 ? 'urgent' : 'bulk';
  const false_ = random.next() < 0.05;
  const mayRewind = random.next() < 0.3;
  const act = (journal: Journal) => {
    const extent = journal.extents()[n]!;
    const upTo = (of: Lane) => {
      const seq = Math.floor(share * (extent.lanes[of].last + 1));
      const row = journal.outbox(extent.journal, of, seq, 1).rows[0];
      return seq > 0 && row?.seq === seq ? { upTo: seq, crc: false_ ? 1 : row.crc } : { upTo: 0, crc: 0 };
    };
    if (roll < 0.95)
      return journal.settle(
        { journal: extent.journal, lanes: { urgent: upTo('urgent'), bulk: upTo('bulk') } },
        mayRewind,
      );
    const seq = extent.lanes[lane].received + 1;
    if (seq <= extent.lanes[lane].last && !(lane === 'urgent' && seq === 1))
      journal.refuse(extent.journal, lane, seq);
    return undefined;
  };
  expect(act(model)).toEqual(act(real));
}

describe('model of the journal', () => {
  it(`is not told apart from SQLite in ${SEQUENCES} sequences of operations`, () => {
    const folder = mkdtempSync(join(MEMORY_FOLDER, 'tournee-card-'));
    try {
      for (let seed = 1; seed <= SEQUENCES; seed++) {
        const random = makeRandom(seed);
        const card = makeModelCard(random.fork('card'));
        const clock = fakeClock(START);
        const settings: JournalSettings = {
          van: 'van-7',
          software: 'fidelity',
          boot: 'boot',
          retentionMs: 20_000 + 200_000 * random.next(),
          maxBytes: 256e6,
          clock,
          log: silentLog,
        };
        const open = (): Pair => ({
          model: card.open(settings),
          real: openJournal(join(folder, `${seed}.db`), settings),
        });
        let n = 0;
        const made = (): NewRow => {
          const at = isoOf(START + 1000 * n++);
          return random.next() < 0.2
            ? { lane: 'urgent', row: { kind: 'duty', at, on: n % 2 === 0, why: 'switch' } }
            : {
                lane: 'bulk',
                row: { kind: 'fix', at, latitude: 47 + n / 1e6, longitude: 0.5, moving: false },
              };
        };
        let pair = open();
        for (let i = 0; i < OPERATIONS; i++) {
          operate(random, pair, made);
          if (random.next() < 0.05) {
            pair.model.close();
            pair.real.close();
            pair = open();
          }
          if (i % 8 === 7)
            expect(named(pair.model), `seed ${seed}, operation ${i}`).toEqual(named(pair.real));
        }
        expect(named(pair.model), `seed ${seed}`).toEqual(named(pair.real));
        pair.real.close();
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }, 120_000);
});
