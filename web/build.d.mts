export declare const ENTRIES: Record<string, string>;
export declare function buildPages(options?: {
  outdir?: string;
  names?: readonly string[];
  minify?: boolean;
}): Promise<Record<string, string>>;
