import { describe, expect, it } from 'vitest';
import {
  COMMUNES,
  communeOf,
  prefixDistance,
  searchCommunes,
  slugOf,
} from '../../../dashboard/core/communes.ts';

const found = (typed: string) => searchCommunes(typed).map((c) => c.name);

describe('search of communes', () => {
  it('holds the department', () => {
    expect(COMMUNES).toHaveLength(272);
    expect(communeOf('37130')).toEqual({ insee: '37130', name: 'Ligueil', postcodes: ['37240'] });
  });

  it.each([
    ['Ligueil', 'Ligueil'],
    ['LIGUEIL ', 'Ligueil'],
    ['ligeuil', 'Ligueil'],
    ['ligueuil', 'Ligueil'],
    ['liguel', 'Ligueil'],
    ['preuilly', 'Preuilly-sur-Claise'],
    ['preuily sur claise', 'Preuilly-sur-Claise'],
    ['prueilly', 'Preuilly-sur-Claise'],
    ['celle st avant', 'La Celle-Saint-Avant'],
    ['la celle saint avant', 'La Celle-Saint-Avant'],
    ['le grand pressigny', 'Le Grand-Pressigny'],
    ['grand-presigny', 'Le Grand-Pressigny'],
    ['ste maure', 'Sainte-Maure-de-Touraine'],
    ['génillé', 'Genillé'],
  ])('«%s»', (typed, name) => {
    expect(found(typed)[0]).toBe(name);
  });

  it('takes a postcode, whole or begun', () => {
    expect(found('37240')).toContain('Ligueil');
    expect(found('37130'), 'an INSEE code after the postcode of others').toContain('Ligueil');
    expect(found('372').length).toBeGreaterThan(1);
  });

  it('finds nothing rather than anything', () => {
    expect(found('zzzzzz')).toEqual([]);
    expect(found('')).toEqual([]);
    expect(found('   ')).toEqual([]);
    expect(found('99999')).toEqual([]);
    expect(found('<script>alert(1)</script>')).toEqual([]);
    expect(found('x'.repeat(100_000))).toEqual([]);
  });

  it('counts slips against the nearest beginning', () => {
    expect(prefixDistance('ligeuil', 'ligueil', 2)).toBe(1);
    expect(prefixDistance('lig', 'ligueil', 2)).toBe(0);
    expect(prefixDistance('tours', 'ligueil', 2)).toBe(3);
  });

  it('makes an address for every commune, each its own', () => {
    const paths = COMMUNES.map((c) => `${c.insee}-${slugOf(c.name)}`);
    expect(new Set(paths).size).toBe(272);
    expect(paths.every((path) => /^37\d{3}-[a-z0-9]+(-[a-z0-9]+)*$/.test(path))).toBe(true);
  });
});
