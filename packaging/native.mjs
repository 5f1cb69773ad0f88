// The packages with native code, and what they load, as a small node_modules for the Debian package: run-time files of
// this architecture only. Sources, headers, types and install-time packages stay behind.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { NATIVE, root } from '../build/bundle.mjs';

/** Needed to install or compile, never to run. */
const INSTALL_TIME = new Set(['prebuild-install', 'node-addon-api']);
const RUN_TIME_FILE = /\.(c?js|mjs|json|node)$|^(licen[cs]e|copying|notice)/i;
const LEFT_OUT =
  /(^|\/)(deps|doc|docs|test|vendor|obj|obj\.target|musl_\w+)(\/|$)|(test_extension\.node|cnoke\.cjs)$/;

/** Where `name` is found from the package in `from`, as Node looks for it. */
function find(name, from) {
  for (let folder = from; folder.startsWith(root); folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name);
    if (existsSync(join(candidate, 'package.json'))) return candidate;
  }
  return undefined;
}

/** Folders of the native packages and all that they need at run time. */
export function nativePackages() {
  const found = new Set();
  const visit = (name, from) => {
    const folder = find(name, from);
    if (folder === undefined || found.has(folder)) return;
    found.add(folder);
    const { dependencies = {}, optionalDependencies = {} } = JSON.parse(
      readFileSync(join(folder, 'package.json'), 'utf8'),
    );
    for (const needed of Object.keys({ ...dependencies, ...optionalDependencies }))
      if (!INSTALL_TIME.has(needed)) visit(needed, folder);
  };
  for (const name of NATIVE) visit(name, root);
  return [...found];
}

/** A binary of another system, or for another C library, in a folder of prebuilt ones. */
function isForeign(path) {
  const place = /prebuilds\/([^/]+)\//.exec(path)?.[1];
  return place !== undefined && (place !== `${process.platform}-${process.arch}` || path.includes('.musl.'));
}

/** Copies what `wanted` accepts of `folder` (paths inside it) to the same place under `target`. */
function copyWanted(folder, target, wanted) {
  const walk = (at) => {
    for (const name of readdirSync(at)) {
      const path = join(at, name);
      const inside = relative(folder, path);
      if (statSync(path).isDirectory()) {
        if (name !== 'node_modules' && !LEFT_OUT.test(inside)) walk(path);
      } else if (wanted(inside)) {
        const copy = join(target, relative(root, path));
        mkdirSync(dirname(copy), { recursive: true });
        cpSync(path, copy);
      }
    }
  };
  walk(folder);
}

/** Copies the run-time files of the native packages into `target`/node_modules. */
export function copyNative(target) {
  const wanted = (path) => RUN_TIME_FILE.test(basename(path)) && !LEFT_OUT.test(path) && !isForeign(path);
  for (const folder of nativePackages()) copyWanted(folder, target, wanted);
}

/** Copies what our own sources read beside themselves (build/bundle.mjs, `ownAddress`): pictures. */
export function copyPictures(target) {
  for (const folder of ['dashboard', 'gateway', 'web'])
    copyWanted(join(root, folder), target, (path) => /\.(svg|png|ico)$/.test(path));
}
