import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundle, root } from '../../build/bundle.mjs';

type Output = {
  readonly entryPoint?: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly imports: readonly { readonly path: string; readonly kind: string }[];
};

describe("the gateway's part of the bundle", () => {
  /** Files that are loaded with `tournee gateway`, and what went into them. */
  const texts: string[] = [];
  let inputs: string[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'tournee-bundle-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  beforeAll(async () => {
    const { outputs } = (await bundle({ outfile: join(folder, 'tournee.mjs') })) as {
      outputs: Record<string, Output>;
    };
    const loaded = new Set<string>();
    const load = (path: string) => {
      if (loaded.has(path)) return;
      loaded.add(path);
      for (const { path: next, kind } of outputs[path]!.imports)
        if (kind === 'import-statement' && outputs[next]) load(next);
    };
    load(Object.keys(outputs).find((path) => outputs[path]!.entryPoint === 'cli/gateway.ts')!);
    inputs = [...loaded].flatMap((path) => Object.keys(outputs[path]!.inputs));
    texts.push(...[...loaded].map((path) => readFileSync(resolve(root, path), 'utf8')));
  }, 60_000);

  it('holds nothing that is the depot’s alone', () => {
    expect(inputs.filter((path) => /^dashboard\/|node_modules\/(aedes|pg|web-push)\//.test(path))).toEqual(
      [],
    );
    expect(inputs).toContain('gateway/van.ts');
  });

  it('is plain Latin-1, for V8 keeps any other text twice as large', () => {
    const large = texts.filter((text) => text.length > 100_000);
    expect(large.flatMap((text) => text.match(/.{0,40}[^\u0000-\u00ff].{0,20}/g) ?? [])).toEqual([]);
  });
});
