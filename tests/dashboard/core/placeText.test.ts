import { describe, expect, it } from 'vitest';
import { circleOf, placeOfText, placesOfText, textOfPlace } from '../../../dashboard/core/placeText.ts';

describe('places as text', () => {
  it('reads what people write, and refuses what is no place', () => {
    expect(placeOfText('47.0421, 0.8189')).toEqual({ lat: 47.0421, lon: 0.8189 });
    expect(placeOfText(' 47,0421; -0,8189 ')).toEqual({ lat: 47.0421, lon: -0.8189 });
    expect(placeOfText(textOfPlace({ lat: -1.5, lon: 179 }))).toEqual({ lat: -1.5, lon: 179 });
    for (const bad of ['', '47.04', 'Ligueil', '95, 1', '47, 181', '47.1, 0.2, 3'])
      expect(placeOfText(bad)).toBeUndefined();
    expect(placesOfText('47, 1\n\n47, 2\n')).toHaveLength(2);
    expect(placesOfText('47, 1\nthere')).toBeUndefined();
  });
  it('gives an outline its circle', () => {
    const corners = [
      { lat: 47, lon: 0.8 },
      { lat: 47.001, lon: 0.8 },
      { lat: 47.001, lon: 0.802 },
      { lat: 47, lon: 0.802 },
    ];
    expect(circleOf(corners)).toEqual({ lat: 47.0005, lon: 0.801, radius: 95 });
  });
});
