import type { Agenda } from '../../protocol/agenda.ts';
import type { Bilingual } from '../../visit/format.ts';
import { statementOf } from '../../visit/statement.ts';
import { planOf } from './plan.ts';
import { factsOfVan } from './publicFacts.ts';
import { newVan } from './vanFold.ts';
import type { DepotState } from './views.ts';

/** What tenants of one commune would read of its next visit, before and after a draft; only where it differs. */
export type CommunePreview = {
  readonly commune: string;
  readonly name: string;
  readonly before?: Bilingual;
  readonly after?: Bilingual;
};

export function agendaPreview(
  before: Agenda,
  after: Agenda,
  state: DepotState,
  nowMs: number,
): CommunePreview[] {
  const told = (agenda: Agenda, version: number) => nextSentences({ ...agenda, version }, state, nowMs);
  const old = told(before, before.version);
  const now = told(after, before.version + 1);
  const names = new Map(
    [...before.stops, ...after.stops].map((stop) => [stop.commune, stop.name.split(',')[0]!]),
  );
  return [...new Set([...old.keys(), ...now.keys()])]
    .filter((commune) => JSON.stringify(old.get(commune)) !== JSON.stringify(now.get(commune)))
    .map((commune) => ({
      commune,
      name: names.get(commune) ?? commune,
      ...(old.has(commune) ? { before: old.get(commune)! } : {}),
      ...(now.has(commune) ? { after: now.get(commune)! } : {}),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Each commune's next visits in words: the three that its page shows first. */
function nextSentences(agenda: Agenda, state: DepotState, nowMs: number): Map<string, Bilingual> {
  const plan = planOf(agenda, nowMs, nowMs, state.vanIds, state.plan);
  const facts = state.vanIds
    .flatMap((van) => factsOfVan(plan, state.vans.get(van)?.state ?? newVan(van), state.words, false))
    .filter((f) => f.toMs > nowMs)
    .sort((a, b) => a.fromMs - b.fromMs);
  const told = new Map<string, Bilingual[]>();
  for (const fact of facts) {
    const own = told.get(fact.commune) ?? [];
    if (own.length < 3) told.set(fact.commune, [...own, statementOf(fact, nowMs).text]);
  }
  return new Map(
    [...told].map(([commune, texts]) => [
      commune,
      { fr: texts.map((t) => t.fr).join(' '), en: texts.map((t) => t.en).join(' ') },
    ]),
  );
}
