import type { GatewayConfig } from '../../gateway/config.ts';
import { bytesOf } from '../../gateway/io/traffic.ts';
import { sourceFindings } from './devices.ts';
import {
  type Finding,
  fileFindings,
  folderFindings,
  portFindings,
  problem,
  secretFindings,
  warning,
} from './findings.ts';

/** A van's configuration against the machine on which it is checked. */
export async function gatewayFindings(config: GatewayConfig): Promise<Finding[]> {
  const cab = typeof config.cab === 'string' ? { http: config.cab } : config.cab;
  const journal = typeof config.journal === 'string' ? config.journal : config.journal.path;
  return [
    ...sourceFindings('gps', config.sources.gps),
    ...sourceFindings('power', config.sources.power),
    ...sourceFindings('modem', config.sources.modem),
    ...folderFindings('journal', journal),
    ...secretFindings('secretFile', config.secretFile),
    ...secretFindings('cab.pinFile', cab && 'pinFile' in cab ? cab.pinFile : undefined),
    ...tlsFindings('tls', config.tls),
    ...trafficFindings(config.dataPlan?.interface),
    ...timezoneFindings('timezone', config.timezone),
    ...(await portFindings('cab', cab?.http)),
  ];
}

/** A modem that is not plugged in has no interface: it may come. */
function trafficFindings(name: string | undefined): Finding[] {
  if (name === undefined || bytesOf(name) !== undefined) return [];
  return [warning('dataPlan.interface', 'a network interface (ip link)', `${name}, which is not there now`)];
}

type TlsFiles = { caFile?: string | undefined; certFile?: string | undefined; keyFile?: string | undefined };

export function tlsFindings(path: string, tls: TlsFiles | undefined): Finding[] {
  if (!tls) return [];
  const half = (tls.certFile === undefined) !== (tls.keyFile === undefined);
  return [
    ...(half ? [problem(path, 'certFile and keyFile together', 'one of them')] : []),
    ...fileFindings(`${path}.caFile`, tls.caFile),
    ...fileFindings(`${path}.certFile`, tls.certFile),
    ...secretFindings(`${path}.keyFile`, tls.keyFile),
  ];
}

function timezoneFindings(path: string, timezone: string): Finding[] {
  try {
    new Intl.DateTimeFormat('en', { timeZone: timezone });
    return [];
  } catch {
    return [problem(path, 'a time zone such as Europe/Paris', timezone)];
  }
}
