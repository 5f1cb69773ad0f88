// The copyright file of the Debian package: ours, then every package that is in the bundle or beside it.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../build/bundle.mjs';

/** Package folders that esbuild read, from the names of its inputs. */
export function bundledPackages(metafile) {
  const folders = new Set();
  for (const input of Object.keys(metafile.inputs)) {
    const folder = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0];
    if (folder) folders.add(join(root, folder));
  }
  return [...folders];
}

function licenceOf(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
  const text = file ? readFileSync(join(folder, file), 'utf8').trim() : 'No licence file in the package.';
  return { title: `${name} ${version} (${license ?? 'no licence named'})`, text };
}

/** The text of /usr/share/doc/<package>/copyright. */
export function copyrightText(folders) {
  const ours = readFileSync(join(root, 'LICENSE'), 'utf8').trim();
  const others = folders
    .filter((folder) => existsSync(join(folder, 'package.json')))
    .map(licenceOf)
    .sort((a, b) => (a.title < b.title ? -1 : 1));
  const sections = [{ title: 'Tournée (MIT)', text: ours }, ...others];
  return sections.map(({ title, text }) => `${title}\n${'='.repeat(title.length)}\n\n${text}\n`).join('\n\n');
}
