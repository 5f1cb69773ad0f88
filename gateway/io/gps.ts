import type { Clock } from '../../runtime/clock.ts';
import { makeGpsdReader } from '../core/gpsd.ts';
import { makeNmeaReader } from '../core/nmea/reader.ts';
import { setupMessages } from '../core/setup.ts';
import { makeSniffer } from '../core/sniff.ts';
import { parseSourceUrl, type SourceUrl } from '../core/sourceUrl.ts';
import type { OpenChannel } from './channel.ts';
import type { Counters, Device, DeviceDeps, GpsCallbacks } from './device.ts';
import { startGpsFile } from './fileSource.ts';
import { serialChannel } from './serialSource.ts';
import { type Heard, startSource } from './source.ts';
import { tcpChannel } from './tcpSource.ts';

/** No sentence for so long: the receiver is lost (hazards.md §2.4). */
const SILENCE_MS = 5000;
/** A cycle of 1 Hz and a half. */
const TRIAL_MS = 1500;
/** No sentence is longer than a fifth of this. */
const TRIAL_BYTES = 400;
/** The likeliest first; 19200 early, for that is a shunt's. */
const BAUDS = [9600, 19_200, 38_400, 115_200, 4800, 57_600];
const GPSD_WATCH = '?WATCH={"enable":true,"json":true}\n';

/** A receiver behind any source. Throws only for a URL that the configuration's schema would have refused. */
export function startGps(url: string, deps: DeviceDeps, callbacks: GpsCallbacks): Device {
  const source = parseSourceUrl(url, 'gps');
  if (typeof source === 'string') throw new Error(source);
  switch (source.kind) {
    case 'file':
      return startGpsFile(url, source, deps, callbacks);
    case 'gpsd':
      return startReceiver(url, deps, callbacks, {
        open: tcpChannel(source.host, source.port, GPSD_WATCH),
        bauds: [],
        makeReader: gpsdReader,
      });
    case 'tcp':
      return startReceiver(url, deps, callbacks, {
        open: tcpChannel(source.host, source.port),
        bauds: [],
        makeReader: nmeaReader,
      });
    case 'serial':
      return startReceiver(url, deps, callbacks, {
        open: serialChannel(source.path),
        bauds: source.baud === undefined ? BAUDS : [source.baud, ...BAUDS.filter((b) => b !== source.baud)],
        makeReader: nmeaReader,
        ...(source.setup === undefined ? {} : { setup: setupMessages(source.setup, source.hz ?? 1) }),
      });
    default:
      throw new Error(`${(source as SourceUrl).kind}: gives no position`);
  }
}

/** What reads the bytes of one source over all its connections: fixes, and how many units were intact so far. */
type FixReader = {
  push(bytes: Uint8Array): readonly import('../../protocol/readings.ts').Fix[];
  intact(): number;
  counters(): Counters;
};

function nmeaReader(): FixReader {
  const reader = makeNmeaReader();
  return {
    push: (bytes) => reader.push(bytes),
    intact: () => reader.counters.sentences,
    counters: () => reader.counters,
  };
}
function gpsdReader(): FixReader {
  const reader = makeGpsdReader();
  return {
    push: (bytes) => reader.push(bytes),
    intact: () => reader.counters.reports,
    counters: () => reader.counters,
  };
}

type Receiver = {
  readonly open: OpenChannel;
  readonly bauds: readonly number[];
  readonly setup?: readonly Uint8Array[];
  makeReader(): FixReader;
};

function startReceiver(url: string, deps: DeviceDeps, callbacks: GpsCallbacks, receiver: Receiver): Device {
  const { clock }: { clock: Clock } = deps;
  const reader = receiver.makeReader();
  let intact = 0;
  let sniffer = makeSniffer();

  function onBytes(bytes: Uint8Array, monoMs: number): Heard {
    for (const fix of reader.push(bytes)) callbacks.onFix(fix, monoMs);
    const now = reader.intact();
    if (now > intact) {
      intact = now;
      return { intact: true };
    }
    // Only while nothing is believed: a sniffer costs as much as the reader itself.
    const found = source.state() === 'reading' ? 'unknown' : sniffer.push(bytes);
    return found === 'unknown' ? { intact: false } : { intact: false, found };
  }

  const source = startSource({
    device: 'gps',
    url,
    open: receiver.open,
    bauds: receiver.bauds,
    silenceMs: SILENCE_MS,
    trialMs: TRIAL_MS,
    trialBytes: TRIAL_BYTES,
    silentWhenWrong: false,
    clock,
    log: deps.log,
    onBytes,
    onOpen() {
      sniffer = makeSniffer();
      for (const message of receiver.setup ?? []) source.write(message);
    },
    onDevice: callbacks.onDevice,
  });
  return {
    state: source.state,
    counters: () => ({ ...reader.counters(), ...source.counters() }),
    stop: source.stop,
  };
}
