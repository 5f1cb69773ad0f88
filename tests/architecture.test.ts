import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

/**
 * Holds DESIGN §3: `protocol ← visit ← core ← io ← main ← cli`; web imports protocol and visit; runtime only npm
 * and node; gateway and dashboard never import each other; simulators never import gateway. The pure layers use no
 * Date, timer, random, process or node: module, and of npm only the packages listed.
 */
const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const FOLDERS = ['protocol', 'visit', 'web', 'runtime', 'gateway', 'dashboard', 'simulators', 'cli'];
const PURE_PACKAGES = new Set([
  'zod',
  'temporal-polyfill',
  'cheap-ruler',
  'nmea-simple',
  '@turf/boolean-point-in-polygon',
]);
const IMPURE = [
  [/\bDate\b(?!\w)/, 'Date'],
  [/\bMath\.random\b/, 'Math.random'],
  [/\b(?:setTimeout|setInterval|setImmediate|queueMicrotask)\b/, 'a timer'],
  [/\bprocess\./, 'process'],
  [/\bperformance\./, 'performance'],
] as const;

/** Layer of a file: what it is allowed to import is decided by this name. */
function layerOf(path: string): string {
  const [top, second] = path.split('/');
  if (top === 'gateway' || top === 'dashboard') {
    if (/(?:c|C)onfig\.ts$/.test(second!)) return `${top}/config`;
    if (second === 'core' || second === 'io' || second === 'cab' || second === 'web')
      return `${top}/${second}`;
    return `${top}/main`;
  }
  return top!;
}

/** core ← config ← io ← main; the pages (`cab`, `web`) see the core alone, and io serves them. */
function layersOf(daemon: string, pages: string): Record<string, readonly string[]> {
  const [core, config, page, io, main] = ['core', 'config', pages, 'io', 'main'].map((l) => `${daemon}/${l}`);
  const shared = ['protocol', 'visit', 'web'];
  return {
    [core!]: [...shared, core!],
    [config!]: [...shared, 'runtime', core!, config!],
    [page!]: [...shared, core!, page!],
    [io!]: [...shared, 'runtime', core!, config!, page!, io!],
    [main!]: [...shared, 'runtime', core!, config!, page!, io!, main!],
  };
}

const ALLOWED: Record<string, readonly string[]> = {
  protocol: ['protocol'],
  visit: ['protocol', 'visit'],
  web: ['protocol', 'visit', 'web'],
  runtime: ['runtime'],
  simulators: ['protocol', 'visit', 'runtime', 'simulators'],
  ...layersOf('gateway', 'cab'),
  ...layersOf('dashboard', 'web'),
};
const PURE = new Set(['protocol', 'visit', 'gateway/core', 'dashboard/core']);

type Source = { path: string; text: string };

function sourcesUnder(folder: string): Source[] {
  const out: Source[] = [];
  const walk = (dir: string) => {
    for (const entry of readdirSync(dir, { withFileTypes: true })) {
      const full = join(dir, entry.name);
      if (entry.isDirectory()) walk(full);
      else if (/\.(ts|tsx|mts)$/.test(entry.name))
        out.push({ path: relative(ROOT, full), text: readFileSync(full, 'utf8') });
    }
  };
  walk(join(ROOT, folder));
  return out;
}

const withoutComments = (text: string) =>
  text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|[^:'"`])\/\/.*$/gm, '$1');

/** Every broken rule of one file, in words. */
function violationsOf({ path, text }: Source): string[] {
  const layer = layerOf(path);
  const code = withoutComments(text);
  const found: string[] = [];
  for (const [, specifier] of code.matchAll(/(?:from\s+|import\s*\(\s*|import\s+)['"]([^'"]+)['"]/g)) {
    if (specifier!.startsWith('.')) {
      const target = layerOf(relative(ROOT, resolve(ROOT, dirname(path), specifier!)));
      if (layer === 'cli') continue;
      if (!ALLOWED[layer]?.includes(target)) found.push(`${path}: ${layer} imports ${target} (${specifier})`);
    } else if (PURE.has(layer)) {
      const name = specifier!.startsWith('@')
        ? specifier!.split('/').slice(0, 2).join('/')
        : specifier!.split('/')[0]!;
      if (!PURE_PACKAGES.has(name)) found.push(`${path}: pure layer imports ${specifier}`);
    }
  }
  if (PURE.has(layer))
    for (const [pattern, name] of IMPURE)
      if (pattern.test(code)) found.push(`${path}: pure layer uses ${name}`);
  return found;
}

describe('architecture', () => {
  it('holds the import rule and the purity of the cores', () => {
    expect(FOLDERS.flatMap((folder) => sourcesUnder(folder).flatMap(violationsOf))).toEqual([]);
  });

  it.each([
    ['gateway/core/x.ts', "import { a } from '../io/journal.ts';", 'gateway/core imports gateway/io'],
    ['visit/x.ts', "import fs from 'node:fs';", 'pure layer imports node:fs'],
    ['protocol/x.ts', 'const now = Date.now();', 'pure layer uses Date'],
    ['simulators/x.ts', "import { a } from '../gateway/core/nmea.ts';", 'simulators imports gateway/core'],
    ['dashboard/io/x.ts', "import { a } from '../../gateway/io/mqtt.ts';", 'dashboard/io imports gateway/io'],
  ])('notices a planted fault in %s', (path, text, expected) => {
    expect(violationsOf({ path, text }).join()).toContain(expected);
  });
});
