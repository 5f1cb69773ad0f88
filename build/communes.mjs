// Writes dashboard/core/communes.generated.json from @etalab/decoupage-administratif (Licence Ouverte 2.0; INSEE, La
// Poste): `[insee, name, [postcodes]]` of one department. Run once; the result is committed.
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
const target = new URL('../dashboard/core/communes.generated.json', import.meta.url);
await writeFile(target, `[\n${rows.join(',\n')}\n]\n`);
process.stdout.write(`${rows.length} communes\n`);
