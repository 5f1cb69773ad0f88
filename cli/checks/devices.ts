import { accessSync, constants, existsSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { type DeviceKind, parseSourceUrl, type SourceUrl } from '../../gateway/core/sourceUrl.ts';
import { type Finding, problem, warning } from './findings.ts';

const BY_ID = '/dev/serial/by-id';

/** Stable names of this machine's serial devices, each with the port it stands for now. */
export function stableNames(): { name: string; port: string }[] {
  if (!existsSync(BY_ID)) return [];
  return readdirSync(BY_ID).map((name) => ({
    name: `${BY_ID}/${name}`,
    port: realpathSync(`${BY_ID}/${name}`),
  }));
}

/** The source of one device as configured: its words are problems, its absence a warning (it may come later). */
export function sourceFindings(device: DeviceKind, url: string | undefined): Finding[] {
  if (url === undefined) return [];
  const path = `sources.${device}`;
  const source = parseSourceUrl(url, device);
  if (typeof source === 'string') return [problem(path, source.replace(/^expected /, ''), url)];
  return presenceFindings(path, source);
}

function presenceFindings(path: string, source: SourceUrl): Finding[] {
  switch (source.kind) {
    case 'serial':
      return serialFindings(path, source.path);
    case 'file':
    case 'sysfs':
      return existsSync(source.path) ? [] : [warning(path, 'something there', `${source.path}: nothing`)];
    case 'mmcli':
      return ['/usr/bin/mmcli', '/bin/mmcli'].some((place) => existsSync(place))
        ? []
        : [warning(path, 'ModemManager (apt-get install modemmanager)', 'no mmcli')];
    case 'tcp':
    case 'gpsd':
      return [];
  }
}

function serialFindings(path: string, port: string): Finding[] {
  if (!existsSync(port)) {
    const there = stableNames().map(({ name }) => name);
    const seen =
      there.length > 0 ? `; plugged in here: ${there.join(', ')}` : '; no serial device is plugged in';
    return [warning(path, 'a device', `${port}: nothing there${seen}`)];
  }
  if (!statSync(port).isCharacterDevice()) return [warning(path, 'a serial device', `${port}: not one`)];
  const findings: Finding[] = [];
  if (/^\/dev\/tty(USB|ACM)\d+$/.test(port)) {
    const stable = stableNames().find((name) => name.port === port)?.name ?? `${BY_ID}/…`;
    findings.push(
      warning(path, `a name that stays when devices are plugged in another order: ${stable}`, port),
    );
  }
  try {
    accessSync(port, constants.R_OK | constants.W_OK);
  } catch {
    findings.push(warning(path, 'a device that can be read and written (group dialout)', `${port}: EACCES`));
  }
  return findings;
}
