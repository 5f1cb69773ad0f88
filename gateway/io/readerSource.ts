import { makeSniffer } from '../core/sniff.ts';
import type { DeviceKind } from '../core/sourceUrl.ts';
import type { OpenChannel } from './channel.ts';
import type { Counters, Device, DeviceDeps, DeviceEvent } from './device.ts';
import { type Heard, startSource } from './source.ts';

/**
 * A device that speaks by itself: a reader of its bytes on a source that is always on its way back. The reader lives
 * over all connections, and calls back with what it reads.
 */
export type ByteReader = {
  push(bytes: Uint8Array, monoMs: number): void;
  /** Units (sentences, blocks, reports) that were whole so far, and those that were not. */
  intact(): number;
  rejected(): number;
  counters(): Counters;
};

export type Speaker = {
  readonly device: DeviceKind;
  readonly url: string;
  readonly open: OpenChannel;
  /** Rates to try, the likeliest first; empty where there is none. */
  readonly bauds: readonly number[];
  readonly trialMs: number;
  readonly trialBytes: number;
  readonly reader: ByteReader;
  /** What is said once a connection is open. */
  readonly setup?: readonly Uint8Array[];
  onDevice(event: DeviceEvent): void;
};

/** No unit for so long: the device is lost (hazards.md §2.4). */
const SILENCE_MS = 5000;

export function startSpeaker(speaker: Speaker, { clock, log }: DeviceDeps): Device {
  const { reader, setup = [], ...settings } = speaker;
  let sniffer = makeSniffer();
  let intact = 0;
  let rejected = 0;

  function onBytes(bytes: Uint8Array, monoMs: number): Heard {
    const before = { intact, rejected };
    reader.push(bytes, monoMs);
    [intact, rejected] = [reader.intact(), reader.rejected()];
    const heard = { intact: intact > before.intact, rejected: rejected - before.rejected };
    // Only while nothing is believed: a sniffer costs as much as the reader itself.
    const found = heard.intact || source.state() === 'reading' ? 'unknown' : sniffer.push(bytes);
    return found === 'unknown' ? heard : { ...heard, found };
  }

  const source = startSource({
    ...settings,
    silenceMs: SILENCE_MS,
    silentWhenWrong: false,
    clock,
    log,
    onBytes,
    onOpen() {
      sniffer = makeSniffer();
      for (const message of setup) source.write(message);
    },
  });
  return {
    state: source.state,
    counters: () => ({ ...reader.counters(), ...source.counters() }),
    stop: source.stop,
  };
}
