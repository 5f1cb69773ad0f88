import type { PresenceState, StatementSource } from '../protocol/presence.ts';
import type { Language } from '../visit/format.ts';

/**
 * The words of the pages, French first. A text that is missing in one language does not compile. Sentences about a
 * visit are not here: `visit/statement.ts` makes them for every form.
 */

/** The same keys in the other language; a function keeps its arguments. */
export type Same<T> = {
  [K in keyof T]: T[K] extends (...args: infer A) => string
    ? (...args: A) => string
    : T[K] extends string
      ? string
      : Same<T[K]>;
};

/** A page's own words: `const words = dictionary({ … }, { … }); words[language].title`. */
export function dictionary<const T>(fr: T, en: Same<T>): Record<Language, Same<T>> {
  return { fr: fr as Same<T>, en };
}

/** One word a state, beside its sign. */
export const STATE_WORDS: Record<Language, Record<PresenceState, string>> = {
  fr: {
    planned: 'prévu',
    approaching: 'en approche',
    on_site: 'sur place',
    left: 'terminé',
    late: 'en retard',
    missed: 'non venu',
    cancelled: 'annulé',
    moved: 'déplacé',
    unknown: 'sans nouvelles',
  },
  en: {
    planned: 'planned',
    approaching: 'arriving',
    on_site: 'here',
    left: 'over',
    late: 'late',
    missed: 'did not come',
    cancelled: 'cancelled',
    moved: 'moved',
    unknown: 'no news',
  },
};

export const SOURCE_WORDS: Record<Language, Record<StatementSource, string>> = {
  fr: {
    plan: "d'après le planning",
    gps: 'vue par GPS',
    crew: "dit par l'équipe",
    office: 'dit par le siège',
  },
  en: {
    plan: 'from the planning',
    gps: 'seen by GPS',
    crew: 'told by the crew',
    office: 'told by head office',
  },
};
