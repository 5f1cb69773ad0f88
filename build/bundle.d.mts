export const root: string;
export const BUNDLE: string;
/** esbuild's metafile. */
export function bundle(options?: { outfile?: string; version?: string }): Promise<object>;
