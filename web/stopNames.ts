/**
 * Names for a narrow place: `Ligueil` of `Ligueil, place de la Mairie`. Stops that would share one are told apart by what
 * differs: `Place de la Mairie`, `Gare`.
 */
export function shortNames(names: readonly string[]): string[] {
  const stops = [...new Set(names)];
  const isShared = (name: string) => stops.some((s) => s !== name && townOf(s) === townOf(name));
  return names.map((name) => (isShared(name) ? (placeOf(name) ?? name) : townOf(name)));
}

const townOf = (name: string): string => name.split(',')[0]!.trim();

/** What stands after the commune, with a capital. */
function placeOf(name: string): string | undefined {
  const place = name.slice(name.indexOf(',') + 1).trim();
  return name.includes(',') && place !== '' ? place[0]!.toUpperCase() + place.slice(1) : undefined;
}
