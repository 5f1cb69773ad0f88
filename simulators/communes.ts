import type { Place } from '../protocol/geo.ts';

/**
 * Communes of the south of Indre-et-Loire: name, INSEE code, centre. Places © GeoNames (CC BY 4.0), codes from the
 * découpage administratif (Licence Ouverte); the two of the founding tour are as the agency gave them.
 */
const TABLE: readonly (readonly [name: string, insee: string, latitude: number, longitude: number])[] = [
  ['Abilly', '37001', 46.9333, 0.7333],
  ['Artannes-sur-Indre', '37006', 47.2745, 0.6004],
  ['Beaulieu-lès-Loches', '37020', 47.1253, 1.0158],
  ['La Celle-Saint-Avant', '37045', 47.022, 0.6049],
  ['Chambourg-sur-Indre', '37049', 47.1816, 0.9686],
  ['Cormery', '37083', 47.2681, 0.8358],
  ['Esvres', '37104', 47.2854, 0.7859],
  ['Genillé', '37111', 47.1833, 1.1],
  ['Le Grand-Pressigny', '37113', 46.9202, 0.8038],
  ['Descartes', '37115', 46.9667, 0.7],
  ['Ligueil', '37130', 47.0433, 0.8178],
  ['Loches', '37132', 47.1286, 0.9952],
  ['Manthelan', '37143', 47.1363, 0.7932],
  ['Montbazon', '37154', 47.2835, 0.6999],
  ['Monts', '37159', 47.2772, 0.6247],
  ['Perrusson', '37183', 47.0987, 1.0144],
  ['Preuilly-sur-Claise', '37189', 46.8544, 0.9291],
  ['Reignac-sur-Indre', '37192', 47.2266, 0.9159],
  ['Saint-Branchs', '37211', 47.2266, 0.7731],
  ['Sainte-Maure-de-Touraine', '37226', 47.1113, 0.6224],
  ['Sorigny', '37250', 47.2433, 0.6952],
  ['Thilouze', '37257', 47.2242, 0.5796],
  ['Truyes', '37263', 47.273, 0.8518],
  ['Veigné', '37266', 47.2856, 0.7408],
  ['Yzeures-sur-Creuse', '37282', 46.7861, 0.8717],
];

export type Commune = Place & { readonly name: string; readonly insee: string };

export const COMMUNES: readonly Commune[] = TABLE.map(([name, insee, latitude, longitude]) => ({
  name,
  insee,
  latitude,
  longitude,
}));

/** The commune of that name; a typing mistake is a bug. */
export function commune(name: string): Commune {
  const found = COMMUNES.find((c) => c.name === name);
  if (!found) throw new Error(`no commune ${name} in simulators/communes.ts`);
  return found;
}
