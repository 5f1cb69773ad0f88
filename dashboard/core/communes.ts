import table from './communes.generated.json' with { type: 'json' };

/** The communes of the department (INSEE, La Poste; Licence Ouverte 2.0) and the search that forgives typing. */
export type Commune = {
  readonly insee: string;
  readonly name: string;
  readonly postcodes: readonly string[];
};

export const COMMUNES: readonly Commune[] = (table as [string, string, string[]][]).map(
  ([insee, name, postcodes]) => ({ insee, name, postcodes }),
);
const BY_INSEE = new Map(COMMUNES.map((c) => [c.insee, c]));

export const communeOf = (insee: string): Commune | undefined => BY_INSEE.get(insee);

/** Lower case, no accents, no punctuation, `st` and `ste` written out: what people type and what is printed. */
export function folded(text: string): string {
  return text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/œ/g, 'oe')
    .replace(/[^a-z0-9]+/g, ' ')
    .trim()
    .replace(/\bst\b/g, 'saint')
    .replace(/\bste\b/g, 'sainte');
}

/** `ligueil`, `la-celle-saint-avant`: the readable half of a stop page's address. */
export const slugOf = (name: string): string => folded(name).replaceAll(' ', '-') || 'commune';

const MAX_QUERY = 60;
const MAX_FOUND = 8;
const ARTICLES = /^(l|la|le|les) /;

/** Fewer is better; `undefined`: not what was meant. */
function rank(query: string, commune: Commune, name: string): number | undefined {
  if (/^\d{2,5}$/.test(query)) {
    if (commune.postcodes.some((p) => p === query)) return 0;
    if (commune.insee === query) return 1;
    return commune.postcodes.some((p) => p.startsWith(query)) ? 2 : undefined;
  }
  const bare = name.replace(ARTICLES, '');
  if (name === query || bare === query) return 0;
  if (name.startsWith(query) || bare.startsWith(query)) return 1;
  if (` ${name}`.includes(` ${query}`)) return 2;
  const allowed = query.length >= 8 ? 2 : query.length >= 4 ? 1 : 0;
  if (allowed === 0) return undefined;
  const found = Math.min(prefixDistance(query, name, allowed), prefixDistance(query, bare, allowed));
  return found <= allowed ? 2 + found : undefined;
}

/** Communes for what was typed, best first; a postcode, a part of a name, a name with a slip or two. */
export function searchCommunes(typed: string, among: readonly Commune[] = COMMUNES): Commune[] {
  const query = folded(typed.slice(0, MAX_QUERY)).replace(ARTICLES, '');
  if (query === '') return [];
  return among
    .flatMap((commune) => {
      const found = rank(query, commune, folded(commune.name));
      return found === undefined ? [] : [{ commune, found }];
    })
    .sort((a, b) => a.found - b.found || (a.commune.name < b.commune.name ? -1 : 1))
    .slice(0, MAX_FOUND)
    .map(({ commune }) => commune);
}

/**
 * Slips (optimal string alignment: a letter more, less, other, two swapped) between `query` and the nearest beginning
 * of `name`; more than `most` is told as `most + 1`.
 */
export function prefixDistance(query: string, name: string, most: number): number {
  const width = Math.min(name.length, query.length + most);
  let before: number[] = [];
  let row = Array.from({ length: width + 1 }, (_, j) => j);
  for (let i = 1; i <= query.length; i++) {
    const next = [i];
    for (let j = 1; j <= width; j++) {
      const same = query[i - 1] === name[j - 1];
      let cost = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && query[i - 1] === name[j - 2] && query[i - 2] === name[j - 1])
        cost = Math.min(cost, before[j - 2]! + 1);
      next.push(cost);
    }
    before = row;
    row = next;
  }
  return Math.min(most + 1, ...row);
}
