import { expect, it } from 'vitest';
import { shortNames } from '../../web/stopNames.ts';

it('is the commune, or what tells two stops of one commune apart', () => {
  expect(shortNames(['Ligueil, mairie', 'Preuilly-sur-Claise'])).toEqual(['Ligueil', 'Preuilly-sur-Claise']);
  expect(shortNames(['Ligueil, mairie', 'Loches, gare', 'Ligueil, place de la gare'])).toEqual([
    'Mairie',
    'Loches',
    'Place de la gare',
  ]);
  // The same stop twice a day is one place; a name without a place stays whole.
  expect(shortNames(['Ligueil, mairie', 'Ligueil, mairie'])).toEqual(['Ligueil', 'Ligueil']);
  expect(shortNames(['Ligueil', 'Ligueil, gare'])).toEqual(['Ligueil', 'Gare']);
});
