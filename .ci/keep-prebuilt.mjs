// better-sqlite3 publishes no binary for Node 20 any more (docs/ARCHITECTURE.md), so `npm ci` compiles it for a minute.
// Packs what was compiled into npm's cache under the name that prebuild-install computes: the next `npm ci` of this
// machine unpacks it in a second.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const home = join(dirname(fileURLToPath(import.meta.url)), '..', 'node_modules', 'better-sqlite3');
const pkg = require(join(home, 'package.json'));
process.env.npm_config_cache ??= execFileSync('npm', ['config', 'get', 'cache'], { encoding: 'utf8' }).trim();
process.argv.length = 2; // prebuild-install reads our command line as its own
const { cachedPrebuild, getDownloadUrl } = require('prebuild-install/util');
const options = { ...require('prebuild-install/rc')(pkg), pkg };
const cached = cachedPrebuild(getDownloadUrl(options));
const binary = 'build/Release/better_sqlite3.node';

if (existsSync(cached)) {
  console.log('already kept');
} else if (existsSync(join(home, binary))) {
  mkdirSync(dirname(cached), { recursive: true });
  const unfinished = `${cached}.${process.pid}`;
  execFileSync('tar', ['-czf', unfinished, '-C', home, binary]);
  renameSync(unfinished, cached);
  console.log('kept for the next npm ci');
}
