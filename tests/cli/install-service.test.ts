import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { unitFor } from '../../cli/install-service.ts';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const isRoot = process.getuid?.() === 0;
let image: string;
beforeAll(() => {
  image = mkdtempSync(join(tmpdir(), 'tournee-image-'));
});
afterAll(() => rmSync(image, { recursive: true, force: true }));

const install = (...args: string[]) =>
  spawnSync(process.execPath, [join(ROOT, 'cli', 'bin.mjs'), 'install-service', ...args], {
    encoding: 'utf8',
  });
const inImage = (path: string) => readFileSync(join(image, path), 'utf8');

describe.skipIf(!isRoot)('install-service', () => {
  it('writes unit, names, configuration and a secret of its own into an image', () => {
    const { status, stdout, stderr } = install('gateway', '--root', image);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(inImage('etc/systemd/system/tournee-gateway.service')).toContain(
      `ExecStart=${process.execPath} ${join(ROOT, 'cli/bin.mjs')} gateway --config /etc/tournee/gateway.yaml`,
    );
    expect(inImage('etc/udev/rules.d/70-tournee.rules')).toContain('ID_MM_PORT_IGNORE');
    expect(inImage('etc/tournee/credentials/van.secret')).toMatch(/^[0-9a-f]{64}\n$/);
    expect(statSync(join(image, 'etc/tournee/credentials/van.secret')).mode & 0o777).toBe(0o600);
    expect(statSync(join(image, 'etc/tournee/credentials')).mode & 0o777).toBe(0o700);
    expect(stdout).not.toContain(inImage('etc/tournee/credentials/van.secret').trim());
  });

  it('keeps what the technician has set', () => {
    writeFileSync(join(image, 'etc/tournee/gateway.yaml'), 'van: my-van\n');
    const secret = inImage('etc/tournee/credentials/van.secret');
    expect(install('gateway', '--root', image).status).toBe(0);
    expect(inImage('etc/tournee/gateway.yaml')).toBe('van: my-van\n');
    expect(inImage('etc/tournee/credentials/van.secret')).toBe(secret);
  });

  it.each([[[]], [['van']], [['gateway', 'depot']], [['gateway', '--boot']]])(
    '%j is a usage error',
    (args) => {
      expect(install(...args).status).toBe(2);
    },
  );
});

describe('the unit of a checkout', () => {
  const unit = 'ProtectHome=yes\nExecStart=/usr/bin/tournee depot --config F\n';
  it('sees a home folder only where the program is there', () => {
    expect(unitFor(unit, '/usr/bin/node', '/opt/tournee')).toContain('ProtectHome=yes');
    expect(unitFor(unit, '/usr/bin/node', '/home/pi/tournee')).toContain('ProtectHome=read-only');
  });
});
