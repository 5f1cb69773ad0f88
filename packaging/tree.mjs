// What a Debian package puts where. The program is laid out as the checkout is (dist/, node_modules/, package.json), so
// that a file finds its neighbours by its own address in both.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { gzipSync } from 'node:zlib';
import { root } from '../build/bundle.mjs';

export const ROLES = [
  {
    name: 'tournee-gateway',
    config: 'gateway.yaml',
    examples: ['gateway.yaml'],
    rules: true,
    summary: 'telematics gateway of a mobile agency: the daemon on board',
  },
  {
    name: 'tournee-depot',
    config: 'depot.yaml',
    examples: ['depot.yaml', 'agenda.yaml'],
    rules: false,
    summary: 'telematics gateway of a mobile agency: broker, store and pages',
  },
];
const DOCS = ['OPERATIONS.md', 'PROTOCOL.md', 'ALERTS.md', 'PRESENCE.md'];

function put(target, content, mode = 0o644) {
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, content);
  chmodSync(target, mode);
}
const read = (...path) => readFileSync(join(root, ...path), 'utf8');

/** Every file under `folder`, as paths inside it, sorted. */
function filesOf(folder) {
  const walk = (at) =>
    readdirSync(at).flatMap((name) => {
      const path = join(at, name);
      return statSync(path).isDirectory() ? walk(path) : [relative(folder, path)];
    });
  return walk(folder).sort();
}

/** Writes the whole tree of one package, control files included. */
export function layOut(tree, role, { program, copyright, version, architecture }) {
  const at = (...path) => join(tree, ...path);
  const doc = (...path) => at('usr/share/doc', role.name, ...path);
  cpSync(program, at('usr/lib/tournee'), { recursive: true });
  put(at('usr/lib/tournee/package.json'), JSON.stringify({ name: 'tournee', version, type: 'module' }));
  put(at('usr/bin/tournee'), read('packaging', 'tournee'), 0o755);
  put(at('usr/lib/systemd/system', `${role.name}.service`), read('systemd', `${role.name}.service`));
  put(at('usr/lib/sysusers.d/tournee.conf'), read('systemd', 'tournee.sysusers.conf'));
  if (role.rules) put(at('usr/lib/udev/rules.d/70-tournee.rules'), read('systemd', '70-tournee.rules'));
  const example = read('config', role.config.replace('.yaml', '.example.yaml'));
  put(at('etc/tournee', role.config), example);
  for (const name of role.examples)
    put(doc('examples', name), read('config', name.replace('.yaml', '.example.yaml')));
  put(doc('copyright'), copyright);
  put(doc('changelog.gz'), gzipSync(read('CHANGELOG.md'), { level: 9 }));
  for (const name of DOCS) if (existsSync(join(root, 'docs', name))) put(doc(name), read('docs', name));
  closeTree(tree);
  stripBinaries(at('usr/lib/tournee'));
  control(tree, role, version, architecture);
}

/** Directories 0755 and files 0644 or 0755, whatever this machine's umask. */
function closeTree(tree) {
  for (const file of filesOf(tree)) {
    const path = join(tree, file);
    chmodSync(path, statSync(path).mode & 0o111 && !file.endsWith('.node') ? 0o755 : 0o644);
    for (let folder = dirname(path); folder !== dirname(tree); folder = dirname(folder))
      chmodSync(folder, 0o755);
  }
}

function stripBinaries(folder) {
  if (!existsSync('/usr/bin/strip')) return;
  for (const file of filesOf(folder).filter((name) => name.endsWith('.node')))
    execFileSync('strip', ['--strip-unneeded', join(folder, file)]);
}

function control(tree, role, version, architecture) {
  const files = filesOf(tree);
  const sizeKb = Math.ceil(files.reduce((sum, file) => sum + statSync(join(tree, file)).size, 0) / 1024);
  const other = ROLES.find(({ name }) => name !== role.name).name;
  // The native modules are compiled for one major version of Node.
  const major = Number(process.versions.node.split('.')[0]);
  const lines = [
    `Package: ${role.name}`,
    `Version: ${version}`,
    `Architecture: ${architecture}`,
    'Maintainer: Tournée maintainers <tournee@localhost>',
    `Installed-Size: ${sizeKb}`,
    `Depends: nodejs (>= ${major === 20 ? '20.19' : major}), nodejs (<< ${major + 1}), libc6, libstdc++6, passwd`,
    `Recommends: systemd, libsystemd0, systemd-timesyncd | time-daemon${role.rules ? ', udev' : ''}`,
    `Suggests: ${role.rules ? 'modemmanager' : 'postgresql, mosquitto'}`,
    `Conflicts: ${other}`,
    'Section: net',
    'Priority: optional',
    `Description: ${role.summary}`,
    ' Reads GPS, battery and 4G on a Raspberry Pi, decides whether the van is on site at each planned stop,',
    ' and tells tenants, planners and the driver.',
  ];
  const write = (name, content, mode) => put(join(tree, 'DEBIAN', name), content, mode);
  const md5 = (file) =>
    createHash('md5')
      .update(readFileSync(join(tree, file)))
      .digest('hex');
  write('control', `${lines.join('\n')}\n`);
  write('conffiles', `/etc/tournee/${role.config}\n`);
  write(
    'md5sums',
    files
      .filter((file) => !file.startsWith('etc/'))
      .map((file) => `${md5(file)}  ${file}\n`)
      .join(''),
  );
  for (const script of ['postinst', 'prerm', 'postrm']) {
    const text = read('packaging', 'debian', script)
      .replaceAll('@NAME@', role.name)
      .replaceAll('@CONFIG@', role.config);
    write(script, text, 0o755);
  }
}
