import { execFileSync, spawnSync } from 'node:child_process';
import { generateKeyPairSync, verify } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const PACKAGING = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'packaging');
const REQUIRE_ALL = process.env.TOURNEE_REQUIRE_ALL === '1';
/** Installing needs Debian's tools, root, and the right to mount. */
const canMount = process.getuid?.() === 0 && spawnSync('unshare', ['--mount', 'true']).status === 0;
const hasDpkg = existsSync('/usr/bin/dpkg-deb');

describe.skipIf(!REQUIRE_ALL && !hasDpkg)('the Debian packages', () => {
  let out: string;
  const keys = generateKeyPairSync('ed25519');
  beforeAll(() => {
    out = mkdtempSync(join(tmpdir(), 'tournee-deb-'));
    const keyFile = join(out, 'release.key');
    writeFileSync(keyFile, keys.privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
    for (const version of ['0.1.0', '0.1.1'])
      execFileSync(
        process.execPath,
        [join(PACKAGING, 'package.mjs'), '--version', version, '--out', join(out, version)],
        { env: { ...process.env, SIGN_KEY: keyFile } },
      );
    execFileSync('bash', ['-c', `mkdir ${out}/both && cp ${out}/0.1.?/*.deb ${out}/both`]);
  }, 120_000);
  afterAll(() => rmSync(out, { recursive: true, force: true }));

  it('are two, each below 8 MB', () => {
    const packages = readdirSync(join(out, '0.1.0')).filter((name) => name.endsWith('.deb'));
    expect(packages.map((name) => name.split('_')[0])).toEqual(['tournee-depot', 'tournee-gateway']);
    for (const name of packages) expect(statSync(join(out, '0.1.0', name)).size).toBeLessThan(8e6);
  });

  it('come with checksums signed by the release key', () => {
    const sums = readFileSync(join(out, '0.1.0', 'SHA256SUMS'));
    expect(spawnSync('sha256sum', ['--check', 'SHA256SUMS'], { cwd: join(out, '0.1.0') }).status).toBe(0);
    const signature = readFileSync(join(out, '0.1.0', 'SHA256SUMS.sig'));
    expect(verify(null, sums, keys.publicKey, signature)).toBe(true);
    expect(verify(null, Buffer.from(`${sums}x`), keys.publicKey, signature)).toBe(false);
  });

  it('carry no compiler, source or type, and the licence of all that they carry', () => {
    const deb = join(out, '0.1.0', readdirSync(join(out, '0.1.0')).find((name) => name.includes('gateway'))!);
    const contents = execFileSync('dpkg-deb', ['--contents', deb], { encoding: 'utf8' });
    expect(contents).not.toMatch(/\.(ts|cc?|cpp|hh?|hpp|gyp|map)\n/);
    const copyright = execFileSync(
      'bash',
      ['-c', `dpkg-deb --fsys-tarfile ${deb} | tar -xO ./usr/share/doc/tournee-gateway/copyright`],
      { encoding: 'utf8' },
    );
    for (const name of ['better-sqlite3', '@serialport/bindings-cpp', 'koffi', 'mqtt', 'fastify', 'aedes'])
      expect(copyright).toMatch(new RegExp(`^${name} \\d`, 'm'));
  });

  it.skipIf(!REQUIRE_ALL && !canMount)(
    'are installed, run read-only, upgraded with all kept, removed and purged',
    () => {
      const args = [join(PACKAGING, 'lifecycle.sh'), 'overlay', join(out, 'both'), '0.1.0', '0.1.1'];
      const { status, stdout, stderr } = spawnSync('bash', args, { encoding: 'utf8' });
      expect({ status, failed: /FAILED.*/.exec(stdout)?.[0], stderr }).toEqual({
        status: 0,
        failed: undefined,
        stderr: '',
      });
      expect(stdout.trim().split('\n').at(-1)).toBe('ok all');
    },
  );
});
