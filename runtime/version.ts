import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The version that van and depot name to each other. */
export const SOFTWARE = 'tournee 0.1.0';

/**
 * When this program was made, epoch ms: no true date lies before it. The bundle's own file is written by the build;
 * in a checkout it is when this line was last edited.
 */
export const BUILD_MS = statSync(fileURLToPath(import.meta.url)).mtimeMs;
