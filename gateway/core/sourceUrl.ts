import { type SysfsInput, sysfsInputs } from './sysfs.ts';

/**
 * Where a device's bytes come from, written as one URL in the configuration (DESIGN §8):
 * `serial:/dev/serial/by-id/…[?baud=9600][&setup=ublox|quectel][&hz=1]` · `tcp://host:port` · `gpsd://host[:2947]` ·
 * `file:capture.nmea[?dates=kept]` · `sysfs:/sys/class/power_supply[?houseV=…]` · `mmcli:0` (or `mmcli:any`).
 */
export type DeviceKind = 'gps' | 'power' | 'modem';
export type SetupKind = 'ublox' | 'quectel';

export type SourceUrl =
  | {
      readonly kind: 'serial';
      readonly path: string;
      /** Absent: found by checksum among the usual rates. */
      readonly baud?: number;
      readonly setup?: SetupKind;
      /** Epochs a second that the set-up asks of the receiver. */
      readonly hz?: number;
    }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'gpsd'; readonly host: string; readonly port: number }
  | { readonly kind: 'file'; readonly path: string; readonly datesKept: boolean }
  | { readonly kind: 'sysfs'; readonly path: string; readonly inputs: readonly SysfsInput[] }
  | { readonly kind: 'mmcli'; readonly modem: string };

/** Which kinds a device may come from. */
const SUITED: Record<DeviceKind, readonly SourceUrl['kind'][]> = {
  gps: ['serial', 'tcp', 'gpsd', 'file'],
  power: ['serial', 'tcp', 'file', 'sysfs'],
  modem: ['serial', 'tcp', 'mmcli'],
};

const whole = (text: string | undefined, min: number, max: number): number | undefined => {
  const value = text !== undefined && /^\d{1,7}$/.test(text) ? Number(text) : undefined;
  return value !== undefined && value >= min && value <= max ? value : undefined;
};

function queryOf(text: string): Record<string, string> {
  const query: Record<string, string> = {};
  for (const pair of text.split('&')) {
    const cut = pair.indexOf('=');
    if (cut > 0) query[pair.slice(0, cut)] = pair.slice(cut + 1);
  }
  return query;
}

function hostAndPort(rest: string, defaultPort?: number): { host: string; port: number } | undefined {
  const m = /^\/\/(\[[0-9a-fA-F:.]+\]|[^:/\s]+)(?::(\d{1,5}))?\/?$/.exec(rest);
  const port = m?.[2] === undefined ? defaultPort : whole(m[2], 1, 65_535);
  return m && port !== undefined ? { host: m[1]!.replace(/^\[|\]$/g, ''), port } : undefined;
}

function serialOf(path: string, query: Record<string, string>): SourceUrl | string {
  const baud = whole(query.baud, 300, 4_000_000);
  if (query.baud !== undefined && baud === undefined)
    return `baud=9600 or another rate, not baud=${query.baud}`;
  const hz = whole(query.hz, 1, 10);
  if (query.hz !== undefined && hz === undefined) return `hz=1 … 10, not hz=${query.hz}`;
  const setup = query.setup;
  if (setup !== undefined && setup !== 'ublox' && setup !== 'quectel')
    return `setup=ublox or setup=quectel, not setup=${setup}`;
  return {
    kind: 'serial',
    path,
    ...(baud === undefined ? {} : { baud }),
    ...(setup === undefined ? {} : { setup }),
    ...(hz === undefined ? {} : { hz }),
  };
}

/** The parsed URL, or the sentence that says what was expected. */
export function parseSourceUrl(url: string, device?: DeviceKind): SourceUrl | string {
  const parsed = parse(url);
  if (typeof parsed === 'string' || device === undefined || SUITED[device].includes(parsed.kind))
    return parsed;
  return `expected ${SUITED[device].map((kind) => `${kind}:`).join(', ')} for ${device}, got ${parsed.kind}:`;
}

function parse(url: string): SourceUrl | string {
  const m = /^([a-z]+):([^?]*)(?:\?(.*))?$/.exec(url);
  if (!m) return 'expected a source such as serial:/dev/serial/by-id/…?baud=9600';
  const [, scheme, rest, queryText] = m as unknown as [string, string, string, string | undefined];
  const query = queryOf(queryText ?? '');
  switch (scheme) {
    case 'serial':
      return rest.startsWith('/') ? serialOf(rest, query) : 'expected an absolute path after serial:';
    case 'tcp': {
      const at = hostAndPort(rest);
      return at ? { kind: 'tcp', ...at } : 'expected tcp://host:port';
    }
    case 'gpsd': {
      const at = hostAndPort(rest, 2947);
      return at ? { kind: 'gpsd', ...at } : 'expected gpsd://host:2947';
    }
    case 'file':
      return rest === ''
        ? 'expected a path after file:'
        : { kind: 'file', path: rest, datesKept: query.dates === 'kept' };
    case 'sysfs': {
      if (!rest.startsWith('/')) return 'expected an absolute path after sysfs:';
      const inputs = sysfsInputs(query);
      return typeof inputs === 'string' ? inputs : { kind: 'sysfs', path: rest, inputs };
    }
    case 'mmcli':
      return /^(any|\d{1,3})$/.test(rest) ? { kind: 'mmcli', modem: rest } : 'expected mmcli:0 or mmcli:any';
    default:
      return `expected serial:, tcp:, gpsd:, file:, sysfs: or mmcli:, got ${scheme}:`;
  }
}
