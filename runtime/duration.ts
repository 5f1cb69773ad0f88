import * as z from 'zod';

const UNITS_MS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of a human duration such as `500ms`, `10s`, `2m`, `1h30m`, `14d`; `undefined` when it is not one. */
export function parseDuration(text: string): number | undefined {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)];
  if (parts.length === 0 || parts.map((p) => p[0]).join('') !== text) return undefined;
  return parts.reduce((sum, p) => sum + Number(p[1]) * UNITS_MS[p[2]!]!, 0);
}

/** A configuration value: a human duration, read to milliseconds. */
export const Duration = z
  .string()
  .refine((t) => parseDuration(t) !== undefined, 'expected a duration such as 500ms, 10s, 2m, 1h30m or 14d')
  .transform((t) => parseDuration(t) as number);
