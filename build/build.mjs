// `npm run build`: the pages, then the bundle. `npm ci` runs it as `prepare` with --if-possible: where the
// development packages were left out (npm ci --omit=dev) there is nothing to build with, and the sources run as they are.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bundle, root } from './bundle.mjs';

/** The tool comes with tsx in any case; what the pages are made of is a development package. */
function hasDevelopmentPackages() {
  try {
    const { resolve } = createRequire(import.meta.url);
    return ['esbuild', 'leaflet'].every((name) => resolve(name));
  } catch {
    return false;
  }
}

const ifPossible = process.argv.includes('--if-possible');
if (hasDevelopmentPackages()) {
  const pages = join(root, 'web', 'build.mjs');
  if (existsSync(pages)) await (await import(pathToFileURL(pages).href)).buildPages?.();
  await bundle();
} else if (!ifPossible) {
  process.stderr.write(
    'esbuild is not installed: npm ci (with the development packages), then npm run build\n',
  );
  process.exitCode = 1;
}
