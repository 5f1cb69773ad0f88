// `npm run package`: dist/packages/tournee-{gateway,depot}_<version>_<architecture>.deb and SHA256SUMS, for the
// architecture of this machine; no compiler is needed where they are installed. Both hold the whole program: one
// machine is a van or a depot. With SIGN_KEY=<Ed25519 private key, PEM> the checksums are signed (docs/OPERATIONS.md).
import { execFileSync } from 'node:child_process';
import { createHash, createPrivateKey, sign } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { bundle, root } from '../build/bundle.mjs';
import { buildPages } from '../web/build.mjs';
import { bundledPackages, copyrightText } from './licences.mjs';
import { copyNative, copyPictures, nativePackages } from './native.mjs';
import { layOut, ROLES } from './tree.mjs';

const { values } = parseArgs({
  options: { out: { type: 'string', default: join(root, 'dist', 'packages') }, version: { type: 'string' } },
});
const { version: ours } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const version = values.version ?? ours;
const run = (command, ...args) => execFileSync(command, args, { encoding: 'utf8' }).trim();
const architecture = run('dpkg', '--print-architecture');

mkdirSync(values.out, { recursive: true });
const work = mkdtempSync(join(tmpdir(), 'tournee-package-'));
try {
  const program = join(work, 'program');
  const metafile = await bundle({ outfile: join(program, 'dist', 'tournee.mjs'), version });
  await buildPages({ outdir: join(program, 'dist', 'web') });
  copyNative(program);
  copyPictures(program);
  const copyright = copyrightText([...bundledPackages(metafile), ...nativePackages()]);
  const packages = ROLES.map((role) => {
    const tree = join(work, role.name);
    layOut(tree, role, { program, copyright, version, architecture });
    const file = join(values.out, `${role.name}_${version}_${architecture}.deb`);
    run('dpkg-deb', '--root-owner-group', '-Zxz', '--build', tree, file);
    return file;
  });
  const sums = packages.map((file) => `${sha256(file)}  ${basename(file)}\n`).join('');
  writeFileSync(join(values.out, 'SHA256SUMS'), sums);
  if (process.env.SIGN_KEY) {
    const key = createPrivateKey(readFileSync(process.env.SIGN_KEY));
    writeFileSync(join(values.out, 'SHA256SUMS.sig'), sign(null, Buffer.from(sums), key));
  }
  for (const file of packages) {
    const sizeMb = readFileSync(file).length / 1e6;
    process.stdout.write(`${file} ${sizeMb.toFixed(2)} MB\n`);
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}

function sha256(file) {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}
