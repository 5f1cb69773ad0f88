import { readFileSync } from 'node:fs';
import { parseDocument } from 'yaml';
import type * as z from 'zod';

export type Problem = { readonly path: string; readonly expected: string; readonly got: string };

/** Every problem of a configuration at once; the CLI prints them and exits 2. */
export class ConfigError extends Error {
  readonly file: string;
  readonly problems: readonly Problem[];
  constructor(file: string, problems: readonly Problem[]) {
    super(
      `${file}: ${problems.length} problem${problems.length > 1 ? 's' : ''}\n` +
        problems.map((p) => `  ${p.path || '(top)'}: expected ${p.expected}, got ${p.got}`).join('\n'),
    );
    this.name = 'ConfigError';
    this.file = file;
    this.problems = problems;
  }
}

function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((v, key) => (v as Record<PropertyKey, unknown> | undefined)?.[key], root);
}

/** Problems of one zod error in the words path, expected, got. */
export function problemsOf(error: z.ZodError, input: unknown): Problem[] {
  return error.issues.flatMap((issue): Problem[] => {
    const path = issue.path.map(String).join('.');
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => ({
        path: path ? `${path}.${key}` : key,
        expected: 'a known key',
        got: `unknown key "${key}"`,
      }));
    const got = describe(valueAt(input, issue.path));
    if (issue.code === 'invalid_type') return [{ path, expected: issue.expected, got }];
    return [{ path, expected: issue.message.replace(/^expected /, ''), got }];
  });
}

/** Reads YAML or JSON and checks it whole against `schema`; frozen. Throws ConfigError with every problem. */
export function readConfigFile<S extends z.ZodType>(file: string, schema: S): z.output<S> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigError(file, [
      { path: '', expected: 'a readable file', got: (error as NodeJS.ErrnoException).code ?? String(error) },
    ]);
  }
  const document = parseDocument(text, { uniqueKeys: true });
  if (document.errors.length > 0)
    throw new ConfigError(
      file,
      document.errors.map((e) => ({
        path: e.linePos ? `line ${e.linePos[0].line}, column ${e.linePos[0].col}` : '',
        expected: 'valid YAML',
        got: e.message.split('\n')[0]!,
      })),
    );
  const input: unknown = document.toJS({ maxAliasCount: 50 });
  const result = schema.safeParse(input);
  if (!result.success) throw new ConfigError(file, problemsOf(result.error, input));
  return Object.freeze(result.data) as z.output<S>;
}
