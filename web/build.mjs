// The pages' scripts and styles, from source to dist/web/<name>-<hash>.<ext> and dist/web/manifest.json
// (`{"tenant.css": "tenant-1A2B.css"}`). Add an entry point here; one whose source is not there is left out.
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** name in the manifest → source. */
export const ENTRIES = {
  'tenant.css': 'dashboard/web/tenant/tenant.css',
  'tenant.js': 'dashboard/web/tenant/live.ts',
  'worker.js': 'dashboard/web/tenant/worker.ts',
  'widget.js': 'dashboard/web/tenant/widget.ts',
  'depot.css': 'dashboard/web/depot/depot.css',
  'depot.js': 'dashboard/web/depot/main.tsx',
  'cab.css': 'gateway/cab/cab.css',
  'cab.js': 'gateway/cab/main.tsx',
};
/** Phones of 2018 and later; the depot's staff have newer ones, and lose nothing by it. */
const TARGET = ['es2018'];

/** Builds every page, or those of `names`; gives the manifest. An existing folder is replaced file by file: a running daemon has read its own. */
export async function buildPages({ outdir = join(root, 'dist', 'web'), minify = true, names } = {}) {
  const { build } = await import('esbuild');
  const present = Object.entries(ENTRIES).filter(
    ([name, source]) => (!names || names.includes(name)) && existsSync(join(root, source)),
  );
  const result = await build({
    absWorkingDir: root,
    entryPoints: present.map(([name, source]) => ({ in: source, out: name.replace(/\.\w+$/, '') })),
    outdir,
    entryNames: '[name]-[hash]',
    bundle: true,
    format: 'iife',
    platform: 'browser',
    target: TARGET,
    jsx: 'automatic',
    jsxImportSource: 'preact',
    loader: { '.png': 'file', '.svg': 'file' },
    minify,
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  });
  const manifest = {};
  for (const [file, { entryPoint }] of Object.entries(result.metafile.outputs)) {
    const name = present.find(([, source]) => source === entryPoint)?.[0];
    // A script that imports a style gives a second output of another kind: its own entry names it.
    if (name?.split('.').pop() === file.split('.').pop()) manifest[name] = basename(file);
  }
  await mkdir(outdir, { recursive: true });
  const files = Object.keys(result.metafile.outputs).map((file) => basename(file));
  await Promise.all(files.map((file) => compress(join(outdir, file))));
  const draft = join(outdir, `manifest.${process.pid}.json`);
  await writeFile(draft, `${JSON.stringify(manifest, null, 2)}\n`);
  await rename(draft, join(outdir, 'manifest.json'));
  await removeOld(outdir, new Set(files));
  return manifest;
}

/** Writes `<file>.gz` and `<file>.br` beside a file, as small as they get: a Pi that starts compresses nothing. */
async function compress(file) {
  const plain = await readFile(file);
  const brotli = { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } };
  await Promise.all([
    promisify(gzip)(plain, { level: 9 }).then((bytes) => writeFile(`${file}.gz`, bytes)),
    promisify(brotliCompress)(plain, brotli).then((bytes) => writeFile(`${file}.br`, bytes)),
  ]);
}

async function removeOld(outdir, kept) {
  for (const file of await readdir(outdir))
    if (
      !kept.has(file.replace(/\.(gz|br)$/, '')) &&
      file !== 'manifest.json' &&
      !/^manifest\.\d+\.json$/.test(file)
    )
      await rm(join(outdir, file), { force: true });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const startedMs = performance.now();
  const manifest = await buildPages();
  process.stdout.write(
    `${Object.keys(manifest).join(' ')} in ${Math.round(performance.now() - startedMs)} ms\n`,
  );
}
