import { readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Put in by the build (build/bundle.mjs); not there when the sources run as they are. */
declare const TOURNEE_BUILD: { readonly version: string; readonly atMs: number } | undefined;

const build =
  typeof TOURNEE_BUILD === 'object'
    ? TOURNEE_BUILD
    : {
        version: JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
          .version as string,
        // When this line was last edited.
        atMs: statSync(fileURLToPath(import.meta.url)).mtimeMs,
      };

/** The version that van and depot name to each other. */
export const SOFTWARE = `tournee ${build.version}`;

/** When this program was made, epoch ms: no true date lies before it. */
export const BUILD_MS = build.atMs;
