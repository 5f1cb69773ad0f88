import type { Clock } from '../../runtime/clock.ts';
import type { OfficeDb } from './officeDb.ts';

/** Who looked at which van's positions, and when: the driver may see it (people.md §2.11, CNIL). */
export type AccessEntry = {
  readonly at: string;
  readonly account: string;
  readonly van: string;
  readonly what: 'live' | 'day' | 'export' | 'positions';
  readonly day?: string;
};

/** One look that goes on is one entry an hour. */
const SAME_LOOK_MS = 3_600_000;

export function makeAccessJournal(db: OfficeDb, clock: Clock) {
  const insert = db.prepare('insert into access (at, account, van, what, day) values (?, ?, ?, ?, ?)');
  const last = db.prepare(
    'select at from access where account = ? and van = ? and what = ? and day is ? order by id desc limit 1',
  );
  const list = db.prepare(
    'select at, account, van, what, day from access where (? is null or van = ?) order by id desc limit ?',
  );
  const listeners = new Set<(van: string) => void>();
  const span = db.prepare(
    'select at, account, van, what, day from access where van = ? and at >= ? and at < ? order by id',
  );
  return {
    /** Calls back with the van after each new entry; returns its end. */
    onNote(listener: (van: string) => void): () => void {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    note(account: string, van: string, what: AccessEntry['what'], day?: string): void {
      const now = clock.nowMs();
      const before = last.get(account, van, what, day ?? null) as { at: string } | undefined;
      if (before && now - Date.parse(before.at) < SAME_LOOK_MS) return;
      insert.run(new Date(now).toISOString(), account, van, what, day ?? null);
      for (const listener of listeners) listener(van);
    },
    entries: (van: string | undefined, limit: number): AccessEntry[] =>
      list.all(van ?? null, van ?? null, limit) as AccessEntry[],
    /** All looks at a van in a span of ISO times. */
    between: (van: string, from: string, to: string): AccessEntry[] =>
      span.all(van, from, to) as AccessEntry[],
    sweep: (beforeIso: string): number =>
      db.prepare('delete from access where at < ?').run(beforeIso).changes,
  };
}
export type AccessJournal = ReturnType<typeof makeAccessJournal>;
