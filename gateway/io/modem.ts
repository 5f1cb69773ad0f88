import { parseSourceUrl } from '../core/sourceUrl.ts';
import { startAtModem } from './atModem.ts';
import type { DeviceDeps, Modem, ModemCallbacks, ModemOptions } from './device.ts';
import { startMmcli } from './mmcliSource.ts';
import { serialChannel } from './serialSource.ts';
import { tcpChannel } from './tcpSource.ts';

/** USB modems take any rate; a module on a UART usually has one of these. */
const BAUDS = [115_200, 9600, 57_600, 19_200, 460_800];

/** A modem at its AT port, or by ModemManager. Throws only for a URL that the schema would have refused. */
export function startModem(
  url: string,
  deps: DeviceDeps,
  options: ModemOptions,
  callbacks: ModemCallbacks,
): Modem {
  const source = parseSourceUrl(url, 'modem');
  if (typeof source === 'string') throw new Error(source);
  switch (source.kind) {
    case 'mmcli':
      return startMmcli(url, source, deps, options, callbacks);
    case 'tcp':
      return startAtModem(url, tcpChannel(source.host, source.port), [], deps, options, callbacks);
    case 'serial': {
      const first = source.baud ?? BAUDS[0]!;
      const bauds = [first, ...BAUDS.filter((b) => b !== first)];
      return startAtModem(url, serialChannel(source.path), bauds, deps, options, callbacks);
    }
    default:
      throw new Error(`${source.kind}: is no modem`);
  }
}
