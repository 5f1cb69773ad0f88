// `npm run sbom [> tournee.cdx.json]`: the packages of a release, from package-lock.json, as CycloneDX 1.6 JSON
// (https://cyclonedx.org/docs/1.6/json/). Development packages are left out; the same lock file gives the same bytes.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from './bundle.mjs';

const nameOf = (path) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
/** https://github.com/package-url/purl-spec: the scope's @ is encoded. */
const purlOf = (path, { version }) => `pkg:npm/${nameOf(path).replace('@', '%40')}@${version}`;

/** Where Node finds `name` from the package at `path` of the lock file. */
function resolve(packages, path, name) {
  for (let at = path; ; at = at.slice(0, Math.max(0, at.lastIndexOf('node_modules/') - 1))) {
    const candidate = at === '' ? `node_modules/${name}` : `${at}/node_modules/${name}`;
    if (packages[candidate]) return candidate;
    if (at === '') return undefined;
  }
}

/** SPDX ids and expressions; what is neither goes by its name. */
function licencesOf({ license }) {
  if (license === undefined) return [];
  if (/^[\w.+-]+$/.test(license)) return [{ license: { id: license } }];
  return / (OR|AND|WITH) /.test(license) ? [{ expression: license }] : [{ license: { name: license } }];
}

/** `sha512-<base64>` of npm as CycloneDX has it: hexadecimal. */
function hashesOf({ integrity }) {
  const [, algorithm, base64] = /^sha(\d+)-(.+)$/.exec(integrity ?? '') ?? [];
  return base64 ? [{ alg: `SHA-${algorithm}`, content: Buffer.from(base64, 'base64').toString('hex') }] : [];
}

/** The bill of materials of a parsed package-lock.json (version 3). */
export function billOfMaterials(lock) {
  const { '': own, ...all } = lock.packages;
  const packages = Object.fromEntries(Object.entries(all).filter(([, entry]) => !entry.dev));
  const edges = (path, entry) =>
    Object.keys({ ...entry.dependencies, ...entry.optionalDependencies })
      .map((name) => resolve(packages, path, name))
      .filter(Boolean);
  const components = Object.entries(packages).map(([path, entry]) => ({
    type: 'library',
    'bom-ref': path,
    name: nameOf(path),
    version: entry.version,
    scope: entry.optional ? 'optional' : 'required',
    purl: purlOf(path, entry),
    licenses: licencesOf(entry),
    hashes: hashesOf(entry),
  }));
  const serial = createHash('sha256').update(JSON.stringify(lock)).digest('hex');
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${serial.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-4$3-8$4-$5')}`,
    version: 1,
    metadata: {
      component: {
        type: 'application',
        'bom-ref': 'tournee',
        name: lock.name,
        version: lock.version,
        licenses: [{ license: { id: own.license } }],
      },
    },
    components,
    dependencies: [
      { ref: 'tournee', dependsOn: edges('', own) },
      ...Object.entries(packages).map(([path, entry]) => ({ ref: path, dependsOn: edges(path, entry) })),
    ],
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  process.stdout.write(`${JSON.stringify(billOfMaterials(lock), null, 2)}\n`);
}
