// `npm run campaign`: the short tier of every campaign, one after the other. A campaign is a script of package.json
// named `campaign:…`; it prints its figures and seed and ends with 0 when everything held.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const only = process.argv.slice(2);
const names = Object.keys(scripts)
  .filter((name) => name.startsWith('campaign:'))
  .filter((name) => only.length === 0 || only.includes(name.slice('campaign:'.length)));

const failed = names.filter((name) => {
  const startedAt = performance.now();
  process.stdout.write(`\n── ${name}\n`);
  const { status } = spawnSync('npm', ['run', '--silent', name], { cwd: root, stdio: 'inherit' });
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  process.stdout.write(`── ${name}: ${status === 0 ? 'ok' : `FAILED (exit ${status})`}, ${seconds} s\n`);
  return status !== 0;
});

process.stdout.write(`\ncampaigns: ${names.length - failed.length} held, ${failed.length} failed\n`);
for (const name of failed) process.stdout.write(`failed: ${name}\n`);
process.exitCode = failed.length > 0 ? 1 : 0;
