import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
// @ts-expect-error plain JavaScript, run without a compiler
import { billOfMaterials } from '../../build/sbom.mjs';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const json = (name: string) => JSON.parse(readFileSync(join(ROOT, name), 'utf8'));
type Component = {
  'bom-ref': string;
  name: string;
  purl: string;
  licenses: object[];
  hashes: { content: string }[];
};
const bill = billOfMaterials(json('package-lock.json'));
const components = bill.components as Component[];

describe('the bill of materials', () => {
  it('names each run-time package once, and no development one', () => {
    const { dependencies, devDependencies } = json('package.json');
    const refs = components.map((component) => component['bom-ref']);
    expect(new Set(refs).size).toBe(refs.length);
    expect(refs).toEqual(expect.arrayContaining(Object.keys(dependencies).map((n) => `node_modules/${n}`)));
    expect(refs).not.toContain('node_modules/vitest');
    expect(Object.keys(devDependencies)).toContain('vitest');
  });

  it('gives each a package URL, a licence and a hash', () => {
    for (const { name, purl, licenses, hashes } of components) {
      expect(purl, name).toMatch(/^pkg:npm\/(%40[\w.-]+\/)?[\w.-]+@\d+\.\d+\.\d+/);
      expect(licenses, name).toHaveLength(1);
      expect(hashes[0]?.content, name).toMatch(/^[0-9a-f]{128}$/);
    }
  });

  it('has a graph that leaves nothing unreached', () => {
    const edges = new Map<string, string[]>(
      bill.dependencies.map((d: { ref: string; dependsOn: string[] }) => [d.ref, d.dependsOn]),
    );
    const reached = new Set<string>();
    const visit = (ref: string) => {
      if (reached.has(ref)) return;
      reached.add(ref);
      for (const next of edges.get(ref) ?? []) visit(next);
    };
    visit('tournee');
    const unreached = components.map((component) => component['bom-ref']).filter((ref) => !reached.has(ref));
    expect(unreached).toEqual([]);
  });

  it('is the same for the same lock file', () => {
    expect(JSON.stringify(billOfMaterials(json('package-lock.json')))).toBe(JSON.stringify(bill));
    expect(bill.serialNumber).toMatch(
      /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/,
    );
  });
});
