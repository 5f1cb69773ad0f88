// `npm test`: Biome, tsc, knip, then Vitest with the browser pass in it. Says in one line what is missing on this
// machine and therefore skipped; with TOURNEE_REQUIRE_ALL=1 (set by .ci/run alone) a missing component is a failure.
// Vitest's own JSON report goes to $TOURNEE_REPORTS/vitest.json where CI counts it.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const bin = (name) => join(root, 'node_modules', '.bin', name);
const requireAll = process.env.TOURNEE_REQUIRE_ALL === '1';

/** What some tests need beside `npm ci`; Debian's package in brackets. */
const COMPONENTS = [
  { name: 'chromium', shows: 'the browser pass', paths: ['/usr/bin/chromium', '/usr/bin/chromium-browser'] },
  { name: 'mosquitto', shows: 'an outside broker', paths: ['/usr/sbin/mosquitto', '/usr/bin/mosquitto'] },
  { name: 'systemd', shows: 'the units', paths: ['/usr/bin/systemd-analyze'] },
  { name: 'dpkg', shows: 'the Debian package', paths: ['/usr/bin/dpkg-deb'] },
  { name: 'strace', shows: 'crash images', paths: ['/usr/bin/strace'] },
];

function missingComponents() {
  return COMPONENTS.filter(({ paths }) => !paths.some((path) => existsSync(path)));
}

/** Runs one check with its output as it comes; gives whether it passed. */
function check(name, command, args) {
  const startedAt = performance.now();
  process.stdout.write(`\n── ${name}\n`);
  const { status, signal, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  const passed = status === 0;
  const why = error?.message ?? (signal ? `ended by ${signal}` : `exit ${status}`);
  process.stdout.write(`── ${name}: ${passed ? 'ok' : `FAILED (${why})`}, ${seconds} s\n`);
  return passed;
}

const missing = missingComponents();
if (missing.length > 0) {
  const words = missing.map(({ name, shows }) => `${name} (${shows})`).join(', ');
  process.stdout.write(`${requireAll ? 'missing' : 'skipped, not installed'}: ${words}\n`);
}

const reports = process.env.TOURNEE_REPORTS ?? join(root, 'coverage');
mkdirSync(reports, { recursive: true });
const failed = [
  ['Biome', bin('biome'), ['ci', '--error-on-warnings', '.']],
  ['tsc', bin('tsc'), ['--noEmit', '-p', '.']],
  ['knip', bin('knip'), ['--no-progress']],
  [
    'Vitest',
    bin('vitest'),
    ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${join(reports, 'vitest.json')}`],
  ],
]
  .filter(([name, command, args]) => !check(name, command, args))
  .map(([name]) => name);

if (requireAll) failed.push(...missing.map(({ name }) => `missing ${name}`));
process.stdout.write(failed.length > 0 ? `\nfailed: ${failed.join(', ')}\n` : '\nall well\n');
process.exitCode = failed.length > 0 ? 1 : 0;
