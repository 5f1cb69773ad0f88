import { makeGpsdReader } from '../core/gpsd.ts';
import { makeNmeaReader } from '../core/nmea/reader.ts';
import { setupMessages } from '../core/setup.ts';
import { parseSourceUrl } from '../core/sourceUrl.ts';
import type { Device, DeviceDeps, GpsCallbacks } from './device.ts';
import { startGpsFile } from './fileSource.ts';
import { type ByteReader, startSpeaker } from './readerSource.ts';
import { serialChannel } from './serialSource.ts';
import { tcpChannel } from './tcpSource.ts';

/** A cycle of 1 Hz and a half; and no sentence is longer than a fifth of so many bytes. */
const TRIAL = { trialMs: 1500, trialBytes: 400 };
/** The likeliest first; 19200 early, for that is a shunt's. */
const BAUDS = [9600, 19_200, 38_400, 115_200, 4800, 57_600];
const GPSD_WATCH = '?WATCH={"enable":true,"json":true}\n';

/** A receiver behind any source. Throws only for a URL that the configuration's schema would have refused. */
export function startGps(url: string, deps: DeviceDeps, callbacks: GpsCallbacks): Device {
  const source = parseSourceUrl(url, 'gps');
  if (typeof source === 'string') throw new Error(source);
  const { onFix, onDevice } = callbacks;
  const common = { device: 'gps', url, onDevice, ...TRIAL } as const;
  switch (source.kind) {
    case 'file':
      return startGpsFile(url, source, deps, callbacks);
    case 'gpsd': {
      const open = tcpChannel(source.host, source.port, GPSD_WATCH);
      return startSpeaker({ ...common, open, bauds: [], reader: gpsdReader(onFix) }, deps);
    }
    case 'tcp': {
      const open = tcpChannel(source.host, source.port);
      return startSpeaker({ ...common, open, bauds: [], reader: nmeaReader(onFix) }, deps);
    }
    case 'serial': {
      const { path, baud, setup, hz = 1 } = source;
      const bauds = baud === undefined ? BAUDS : [baud, ...BAUDS.filter((b) => b !== baud)];
      const said = setup === undefined ? {} : { setup: setupMessages(setup, hz) };
      const open = serialChannel(path);
      return startSpeaker({ ...common, open, bauds, reader: nmeaReader(onFix), ...said }, deps);
    }
    default:
      throw new Error(`${source.kind}: gives no position`);
  }
}

function nmeaReader(onFix: GpsCallbacks['onFix']): ByteReader {
  const reader = makeNmeaReader();
  return {
    push(bytes, monoMs) {
      for (const fix of reader.push(bytes)) onFix(fix, monoMs);
    },
    intact: () => reader.counters.sentences,
    rejected() {
      const { checksum, unchecked, cut, noise, long, malformed } = reader.counters;
      return checksum + unchecked + cut + noise + long + malformed;
    },
    counters: () => reader.counters,
  };
}

function gpsdReader(onFix: GpsCallbacks['onFix']): ByteReader {
  const reader = makeGpsdReader();
  return {
    push(bytes, monoMs) {
      for (const fix of reader.push(bytes)) onFix(fix, monoMs);
    },
    intact: () => reader.counters.reports,
    rejected: () => reader.counters.malformed,
    counters: () => reader.counters,
  };
}
