import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { UsageError } from './exit.ts';

/**
 * `tournee install-service gateway|depot [--root DIR]`: from a checkout, what the Debian package does: account, folders,
 * configuration (an existing one stays), secret, unit, udev names. `--root` writes into another root (an image) and
 * leaves this machine's systemd alone.
 */
const USAGE = 'usage: tournee install-service gateway|depot [--root DIR]';
const ROLES = ['gateway', 'depot'] as const;
type Role = (typeof ROLES)[number];

const CHECKOUT = join(dirname(fileURLToPath(import.meta.url)), '..');

export async function run(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { root: { type: 'string', default: '/' } },
  });
  const role = ROLES.find((name) => name === positionals[0]);
  if (!role || positionals.length > 1) throw new UsageError(USAGE);
  if (!existsSync(join(CHECKOUT, 'systemd')))
    throw new UsageError('the Debian package has installed the service already: systemctl start tournee-…');
  if (process.getuid?.() !== 0) throw new UsageError(`run as root: sudo npx tournee install-service ${role}`);
  if (values.root === '/') for (const path of [process.execPath, CHECKOUT]) refuseClosedPath(path);
  install(role, values.root);
  return 0;
}

/** The daemon runs as another user: each folder above the program must let it through. */
function refuseClosedPath(path: string): void {
  for (let folder = path; folder !== '/'; folder = dirname(folder))
    if ((statSync(folder).mode & 0o001) === 0)
      throw new UsageError(
        `${folder} is closed to other users, so the service could not run ${path}: put it under /opt or use the Debian package`,
      );
}

function install(role: Role, root: string): void {
  const at = (path: string) => join(root, path);
  const say = (line: string) => process.stdout.write(`${line}\n`);
  const put = (path: string, text: string) => {
    mkdirSync(dirname(at(path)), { recursive: true });
    writeFileSync(at(path), text);
    say(`written  ${at(path)}`);
  };
  const source = (...path: string[]) => readFileSync(join(CHECKOUT, ...path), 'utf8');

  put('/etc/sysusers.d/tournee.conf', source('systemd', 'tournee.sysusers.conf'));
  put(`/etc/systemd/system/tournee-${role}.service`, unitFor(source('systemd', `tournee-${role}.service`)));
  if (role === 'gateway') put('/etc/udev/rules.d/70-tournee.rules', source('systemd', '70-tournee.rules'));

  const config = `/etc/tournee/${role}.yaml`;
  if (existsSync(at(config))) say(`kept     ${at(config)}`);
  else put(config, source('config', `${role}.example.yaml`));
  mkdirSync(at('/etc/tournee/credentials'), { recursive: true, mode: 0o700 });
  const secret = at('/etc/tournee/credentials/van.secret');
  if (role === 'gateway' && !existsSync(secret)) {
    // No default password: 256 bits of this machine's own.
    writeFileSync(secret, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600 });
    say(`made     ${secret}: the depot needs the same (docs/OPERATIONS.md)`);
  }

  if (root === '/') activate(role, say);
  else say(`in the image: systemctl enable tournee-${role}`);
  say(`next     edit ${config}; tournee check-config ${config}; systemctl start tournee-${role}`);
}

/** The unit with this checkout as its program; a home folder must then be visible, never writable. */
export function unitFor(unit: string, node = process.execPath, checkout = CHECKOUT): string {
  const program = `${node} ${join(checkout, 'cli', 'bin.mjs')}`;
  const inHome = [node, checkout].some((path) => /^\/(home|root|run\/user)\//.test(path));
  const own = unit.replace('ExecStart=/usr/bin/tournee', `ExecStart=${program}`);
  return inHome ? own.replace('ProtectHome=yes', 'ProtectHome=read-only') : own;
}

function activate(role: Role, say: (line: string) => void): void {
  if (existsSync('/usr/bin/systemd-sysusers'))
    execFileSync('systemd-sysusers', ['/etc/sysusers.d/tournee.conf'], { stdio: 'inherit' });
  if (!existsSync('/run/systemd/system')) {
    say('no systemd is running here: nothing was enabled');
    return;
  }
  execFileSync('systemctl', ['daemon-reload'], { stdio: 'inherit' });
  execFileSync('systemctl', ['enable', `tournee-${role}.service`], { stdio: 'inherit' });
  if (role === 'gateway') spawnSync('udevadm', ['control', '--reload'], { stdio: 'inherit' });
}
