// Bundles cli/tournee.ts into dist/tournee.mjs and the parts that each command loads, dist/tournee-….mjs: no compiler
// beside the daemon, and a van's daemon neither reads nor keeps the depot's code.
import { readdir, readFile, rm } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..');
export const BUNDLE = 'dist/tournee.mjs';

/**
 * Left outside, found in node_modules beside or above the bundle: packages with native code, and what other packages
 * try to load and do well without.
 */
export const NATIVE = ['better-sqlite3', '@serialport/bindings-cpp', 'koffi'];
const ABSENT = ['pg-native', 'bufferutil', 'utf-8-validate', 'pino-pretty', 'tsx', 'esbuild'];

/** CommonJS packages inside an ES module still ask for these three. */
const BANNER = `import { createRequire as __createRequire } from 'node:module';
import { fileURLToPath as __fileURLToPath } from 'node:url';
const require = __createRequire(import.meta.url);
const __filename = __fileURLToPath(import.meta.url);
const __dirname = __fileURLToPath(new URL('.', import.meta.url));`;

/**
 * A source file finds its neighbours (pages, tables) by its own address: in the bundle `import.meta.url` still names
 * the file's place in the tree, which the package lays out as the checkout does.
 */
const ownAddress = {
  name: 'own-address',
  setup(build) {
    build.onLoad({ filter: /\.tsx?$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      const place = relative(root, path);
      if (place.includes('node_modules') || !text.includes('import.meta.url')) return undefined;
      const address = `new URL(${JSON.stringify(`../${place}`)}, import.meta.url).href`;
      return {
        contents: text.replaceAll('import.meta.url', address),
        loader: path.endsWith('x') ? 'tsx' : 'ts',
      };
    });
  },
};

/**
 * Builds the bundle; gives esbuild's metafile (what went in, and how large). SOURCE_DATE_EPOCH (seconds) dates it, so
 * that a release can be built again byte for byte.
 *
 * V8 keeps the text of a program for as long as it runs, two bytes a character when one of them is not Latin-1: so
 * comments are left out, and lines are kept short for those who read a stack trace.
 */
export async function bundle({ outfile = join(root, BUNDLE), version } = {}) {
  const { build } = await import('esbuild');
  const own = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')).version;
  const atMs = process.env.SOURCE_DATE_EPOCH ? Number(process.env.SOURCE_DATE_EPOCH) * 1000 : Date.now();
  const [folder, name] = [dirname(outfile), basename(outfile, '.mjs')];
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: { [name]: 'cli/tournee.ts' },
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    chunkNames: `${name}-[hash]`,
    splitting: true,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    external: [...NATIVE, ...ABSENT],
    banner: { js: BANNER },
    define: { TOURNEE_BUILD: JSON.stringify({ version: version ?? own, atMs }) },
    plugins: [ownAddress],
    minifyWhitespace: true,
    minifySyntax: true,
    lineLimit: 160,
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  });
  await removeOlder(folder, name, new Set(Object.keys(metafile.outputs).map((path) => basename(path))));
  return metafile;
}

/** Parts of the build before this one. */
async function removeOlder(folder, name, kept) {
  const older = (await readdir(folder)).filter(
    (file) => /^.+-[A-Z0-9]{8}\.mjs$/.test(file) && file.startsWith(`${name}-`) && !kept.has(file),
  );
  await Promise.all(older.map((file) => rm(join(folder, file), { force: true })));
}
