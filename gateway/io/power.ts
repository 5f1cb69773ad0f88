import { parseSourceUrl } from '../core/sourceUrl.ts';
import { makeVedirectReader } from '../core/vedirect.ts';
import type { Device, DeviceDeps, PowerCallbacks } from './device.ts';
import { startPowerFile } from './fileSource.ts';
import { type ByteReader, startSpeaker } from './readerSource.ts';
import { serialChannel } from './serialSource.ts';
import { startSysfs } from './sysfsSource.ts';
import { tcpChannel } from './tcpSource.ts';

/** A block comes about every second, and two of them are shorter than so many bytes (devices.md §2). */
const TRIAL = { trialMs: 1600, trialBytes: 900 };
/** VE.Direct is 19200 and nothing else; the others are tried only to say what is plugged in instead. */
const BAUDS = [19_200, 9600, 115_200, 38_400, 4800];

/** At 19200 baud some 500 bytes: far from the 4096 that the kernel holds, and nobody waits for a reading. */
const REST_MS = 250;

/** A shunt or charger behind any source. Throws only for a URL that the configuration's schema would have refused. */
export function startPower(url: string, deps: DeviceDeps, callbacks: PowerCallbacks): Device {
  const source = parseSourceUrl(url, 'power');
  if (typeof source === 'string') throw new Error(source);
  const { onReading, onDevice } = callbacks;
  const common = { device: 'power', url, onDevice, ...TRIAL } as const;
  switch (source.kind) {
    case 'file':
      return startPowerFile(url, source, deps, callbacks);
    case 'sysfs':
      return startSysfs(url, source, deps, callbacks);
    case 'tcp': {
      const open = tcpChannel(source.host, source.port);
      return startSpeaker({ ...common, open, bauds: [], reader: vedirectReader(onReading) }, deps);
    }
    case 'serial': {
      const { path, baud = BAUDS[0]! } = source;
      const bauds = [baud, ...BAUDS.filter((b) => b !== baud)];
      const open = serialChannel(path, REST_MS);
      return startSpeaker({ ...common, open, bauds, reader: vedirectReader(onReading) }, deps);
    }
    default:
      throw new Error(`${source.kind}: gives no power`);
  }
}

function vedirectReader(onReading: PowerCallbacks['onReading']): ByteReader {
  const reader = makeVedirectReader();
  return {
    push(bytes, monoMs) {
      for (const unit of reader.push(bytes)) if ('reading' in unit) onReading(unit.reading, monoMs);
    },
    intact: () => reader.counters.blocks,
    rejected: () => reader.counters.checksum + reader.counters.broken,
    counters: () => reader.counters,
  };
}
