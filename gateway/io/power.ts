import { makeSniffer } from '../core/sniff.ts';
import { parseSourceUrl } from '../core/sourceUrl.ts';
import { makeVedirectReader } from '../core/vedirect.ts';
import type { OpenChannel } from './channel.ts';
import type { Device, DeviceDeps, PowerCallbacks } from './device.ts';
import { startPowerFile } from './fileSource.ts';
import { serialChannel } from './serialSource.ts';
import { type Heard, startSource } from './source.ts';
import { startSysfs } from './sysfsSource.ts';
import { tcpChannel } from './tcpSource.ts';

/** A block comes about every second (devices.md §2). */
const SILENCE_MS = 5000;
const TRIAL_MS = 1600;
/** Two blocks and more. */
const TRIAL_BYTES = 900;
/** VE.Direct is 19200 and nothing else; the others are tried only to say what is plugged in instead. */
const BAUDS = [19_200, 9600, 115_200, 38_400, 4800];

/** A shunt or charger behind any source. Throws only for a URL that the configuration's schema would have refused. */
export function startPower(url: string, deps: DeviceDeps, callbacks: PowerCallbacks): Device {
  const source = parseSourceUrl(url, 'power');
  if (typeof source === 'string') throw new Error(source);
  switch (source.kind) {
    case 'file':
      return startPowerFile(url, source, deps, callbacks);
    case 'sysfs':
      return startSysfs(url, source, deps, callbacks);
    case 'tcp':
      return startVedirect(url, tcpChannel(source.host, source.port), [], deps, callbacks);
    case 'serial': {
      const first = source.baud ?? BAUDS[0]!;
      const bauds = [first, ...BAUDS.filter((b) => b !== first)];
      return startVedirect(url, serialChannel(source.path), bauds, deps, callbacks);
    }
    default:
      throw new Error(`${source.kind}: gives no power`);
  }
}

function startVedirect(
  url: string,
  open: OpenChannel,
  bauds: readonly number[],
  deps: DeviceDeps,
  callbacks: PowerCallbacks,
): Device {
  const reader = makeVedirectReader();
  let sniffer = makeSniffer();

  function onBytes(bytes: Uint8Array, monoMs: number): Heard {
    const units = reader.push(bytes);
    for (const unit of units) if ('reading' in unit) callbacks.onReading(unit.reading, monoMs);
    if (units.some((unit) => 'reading' in unit)) return { intact: true };
    const found = source.state() === 'reading' ? 'unknown' : sniffer.push(bytes);
    return found === 'unknown' ? { intact: false } : { intact: false, found };
  }

  const source = startSource({
    device: 'power',
    url,
    open,
    bauds,
    silenceMs: SILENCE_MS,
    trialMs: TRIAL_MS,
    trialBytes: TRIAL_BYTES,
    silentWhenWrong: false,
    clock: deps.clock,
    log: deps.log,
    onBytes,
    onOpen() {
      sniffer = makeSniffer();
    },
    onDevice: callbacks.onDevice,
  });
  return {
    state: source.state,
    counters: () => ({ ...reader.counters, ...source.counters() }),
    stop: source.stop,
  };
}
