import { localDate } from '../../visit/format.ts';
import type { PublicFacts } from '../../visit/public.ts';
import { type PublicVisit, publicVisitOf } from '../../visit/publicVisit.ts';
import { type PublicStatement, statementOf } from '../../visit/statement.ts';

/** All public visits at one moment, in words: what every page, feed and message of that moment is made from. */
export type Board = {
  readonly atMs: number;
  readonly visits: readonly Told[];
  readonly byCommune: ReadonlyMap<string, readonly Told[]>;
  readonly byId: ReadonlyMap<string, Told>;
};

export type Told = {
  readonly facts: PublicFacts;
  readonly statement: PublicStatement;
  readonly json: PublicVisit;
  /** Changes when what is said changes; a newer age alone does not. */
  readonly mark: string;
};

const markOf = ({ at: _age, ...said }: PublicVisit): string => JSON.stringify(said);

function told(facts: PublicFacts, nowMs: number): Told {
  const statement = statementOf(facts, nowMs);
  const json = publicVisitOf(facts, statement);
  return { facts, statement, json, mark: markOf(json) };
}

/**
 * A visit of a coming day says the same until its day begins: it is told again only when its facts change. News of
 * the van change nothing of it.
 */
function isAsBefore(facts: PublicFacts, before: Told | undefined, today: string): before is Told {
  if (!before || facts.date <= today) return false;
  return facts === before.facts || sameFacts(facts, before.facts);
}

function sameFacts(a: PublicFacts, b: PublicFacts): boolean {
  const { heardMs: _h, moving: _m, claims, next, services, ...plain } = a;
  for (const key of Object.keys(plain) as (keyof typeof plain)[]) if (a[key] !== b[key]) return false;
  return same(claims, b.claims) && same(next, b.next) && same(services, b.services);
}

const same = (a: unknown, b: unknown) => a === b || JSON.stringify(a) === JSON.stringify(b);

/** The board of `nowMs`; entries of `before` that cannot have changed are taken over. */
export function boardOf(visits: readonly PublicFacts[], nowMs: number, before?: Board): Board {
  // One agenda has one zone; two would only cost a look more.
  let [zone, today] = ['', ''];
  const all = visits.map((facts) => {
    const known = before?.byId.get(facts.id);
    if (facts.timezone !== zone) [zone, today] = [facts.timezone, localDate(nowMs, facts.timezone)];
    return isAsBefore(facts, known, today) ? known : told(facts, nowMs);
  });
  const byCommune = new Map<string, Told[]>();
  for (const one of all) {
    const own = byCommune.get(one.facts.commune);
    if (own) own.push(one);
    else byCommune.set(one.facts.commune, [one]);
  }
  return { atMs: nowMs, visits: all, byCommune, byId: new Map(all.map((t) => [t.facts.id, t])) };
}

/** What is said otherwise now than before; a visit that left the board by age says nothing. */
export function changesOf(before: Board, now: Board): Told[] {
  return now.visits.filter((one) => {
    const known = before.byId.get(one.facts.id);
    return known !== one && known?.mark !== one.mark;
  });
}

/** What a page of one commune puts first: today's visits, else the next one; then the dates that follow. */
export function chosenOf(
  visits: readonly Told[],
  nowMs: number,
): { now: readonly Told[]; later: readonly Told[] } {
  const current = visits.filter(
    ({ facts }) => facts.toMs > nowMs || facts.date >= localDate(nowMs, facts.timezone),
  );
  const today = current.filter(
    ({ facts }) => facts.fromMs <= nowMs || facts.date === localDate(nowMs, facts.timezone),
  );
  const isOver = ({ facts }: Told) => (facts.toMs <= nowMs ? 1 : 0);
  const now = today.length > 0 ? [...today].sort((a, b) => isOver(a) - isOver(b)) : current.slice(0, 1);
  return { now, later: current.filter((one) => !now.includes(one)) };
}
