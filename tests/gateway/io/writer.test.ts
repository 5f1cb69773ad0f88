import { describe, expect, it } from 'vitest';
import type { Journal, NewRow } from '../../../gateway/io/journal.ts';
import { startWriter } from '../../../gateway/io/writer.ts';
import { fakeClock } from '../../../runtime/clock.ts';
import { silentLog } from '../../../runtime/log.ts';

const row = (what: string, lane: NewRow['lane'] = 'urgent'): NewRow => ({
  lane,
  row: { kind: 'event', at: null, what },
});

/** Records what is committed and tells its listener, as the journal does. */
function recorder() {
  const commits: string[][] = [];
  let listener: (() => void) | undefined;
  const journal = {
    commit(rows: readonly NewRow[]) {
      commits.push(rows.map(({ row: r }) => ('what' in r ? r.what : '')));
      listener?.();
      return [];
    },
  } as unknown as Journal;
  return { commits, journal, hear: (then: () => void) => (listener = then) };
}

describe('writer', () => {
  it('commits what a listener of a commit adds once, after it', () => {
    const { commits, journal, hear } = recorder();
    const writer = startWriter(journal, fakeClock(0), silentLog);
    let told = false;
    hear(() => {
      if (told) return;
      told = true;
      writer.add([row('answer')], true);
    });
    writer.add([row('first')], true);
    expect(commits).toEqual([['first'], ['answer']]);
  });

  it('groups bulk rows for 2 s while dense and 30 s otherwise, and takes them along with an urgent one', async () => {
    const { commits, journal } = recorder();
    const clock = fakeClock(0);
    const writer = startWriter(journal, clock, silentLog);
    writer.add([row('a', 'bulk')], true);
    await clock.advance(1);
    writer.add([row('b', 'bulk')], true);
    writer.add([row('c', 'bulk')], true);
    expect(commits).toEqual([['a']]);
    expect(writer.waitingMs()).toBe(0);
    await clock.advance(1998);
    expect(writer.waitingMs()).toBe(1998);
    await clock.advance(1);
    expect(commits).toEqual([['a'], ['b', 'c']]);
    writer.add([row('d', 'bulk')], false);
    await clock.advance(10_000);
    writer.add([row('now')], false);
    expect(commits.at(-1)).toEqual(['d', 'now']);
  });
});
