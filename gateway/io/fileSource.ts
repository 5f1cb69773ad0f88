import { createReadStream } from 'node:fs';
import type { Fix } from '../../protocol/readings.ts';
import type { Clock } from '../../runtime/clock.ts';
import { makeNmeaReader } from '../core/nmea/reader.ts';
import type { DeviceKind, SourceUrl } from '../core/sourceUrl.ts';
import { makeVedirectReader } from '../core/vedirect.ts';
import { reasonOf } from './channel.ts';
import type {
  Counters,
  Device,
  DeviceDeps,
  DeviceEvent,
  DeviceState,
  GpsCallbacks,
  PowerCallbacks,
} from './device.ts';

/**
 * A recorded capture in place of a device. It replays at its own pace: a fix comes as long after the first one as it did
 * then. Its dates are moved so that the first fix is now, unless `?dates=kept`. At its end the device is `ended`.
 */
type FileUrl = Extract<SourceUrl, { kind: 'file' }>;

/** Longer, or backwards, is another session in the same file: it follows after this. */
const GAP_MS = 10 * 60_000;
const GAP_INSTEAD_MS = 1000;
/** A shunt sends its blocks about so far apart. */
const BLOCK_MS = 500;
const CHUNK_BYTES = 4096;

/** Waits that a stop ends at once. */
function makePace(clock: Clock) {
  let stopped = false;
  let release = () => {};
  return {
    stopped: () => stopped,
    wait(ms: number): Promise<void> {
      if (ms <= 0 || stopped) return Promise.resolve();
      return new Promise((resolve) => {
        const cancel = clock.after(ms, resolve);
        release = () => {
          cancel();
          resolve();
        };
      });
    },
    stop() {
      stopped = true;
      release();
    },
  };
}
type Pace = ReturnType<typeof makePace>;

type Replay = {
  readonly device: DeviceKind;
  readonly url: string;
  readonly path: string;
  onDevice(event: DeviceEvent): void;
  counters(): Counters;
  /** Takes a chunk, at the file's pace; true when something in it was intact. */
  read(chunk: Uint8Array, pace: Pace, reading: () => void): Promise<void>;
  /** The end of the file. */
  flush?(pace: Pace): Promise<void>;
};

function startReplay(replay: Replay, { clock }: DeviceDeps): Device {
  const { device, url } = replay;
  const pace = makePace(clock);
  const stream = createReadStream(replay.path, { highWaterMark: CHUNK_BYTES });
  let state: DeviceState = 'opening';

  const tell = (event: Omit<DeviceEvent, 'device' | 'url' | 'monoMs'>) => {
    if (state === event.state || pace.stopped()) return;
    state = event.state;
    replay.onDevice({ device, url, monoMs: clock.monotonicMs(), ...event });
  };
  const reading = () => tell({ state: 'reading' });

  async function run(): Promise<void> {
    try {
      for await (const chunk of stream) {
        if (pace.stopped()) return;
        await replay.read(chunk as Uint8Array, pace, reading);
      }
      await replay.flush?.(pace);
      tell({ state: 'ended', detail: 'the end of the file' });
    } catch (error) {
      // A stream destroyed by `stop` ends here too; `tell` is silent then.
      tell({
        state: 'lost',
        reason: reasonOf(error as NodeJS.ErrnoException),
        detail: (error as Error).message,
      });
    }
  }
  const done = run();
  return {
    state: () => state,
    counters: replay.counters,
    async stop() {
      pace.stop();
      stream.destroy();
      await done;
    },
  };
}

/** When each fix is due and what date it then has: a pure fold but for the clock. */
function makeFixPace(clock: Clock, datesKept: boolean) {
  let last: { readonly at: number; readonly dueMs: number } | undefined;
  let shiftMs = 0;
  return (fix: Fix): { waitMs: number; fix: Fix } => {
    const nowMs = clock.monotonicMs();
    const gapMs = last ? fix.at - last.at : 0;
    const another = last !== undefined && (gapMs < 0 || gapMs > GAP_MS);
    const dueMs = last ? last.dueMs + (another ? GAP_INSTEAD_MS : gapMs) : nowMs;
    if (!last || another) shiftMs = clock.nowMs() + (dueMs - nowMs) - fix.at;
    last = { at: fix.at, dueMs };
    return { waitMs: dueMs - nowMs, fix: datesKept ? fix : { ...fix, at: fix.at + shiftMs } };
  };
}

/** NMEA in a file. */
export function startGpsFile(
  url: string,
  source: FileUrl,
  deps: DeviceDeps,
  callbacks: GpsCallbacks,
): Device {
  const reader = makeNmeaReader({ prompt: false });
  const paced = makeFixPace(deps.clock, source.datesKept);
  async function give(fixes: readonly Fix[], pace: Pace): Promise<void> {
    for (const each of fixes) {
      const { waitMs, fix } = paced(each);
      await pace.wait(waitMs);
      if (pace.stopped()) return;
      callbacks.onFix(fix, deps.clock.monotonicMs());
    }
  }
  return startReplay(
    {
      device: 'gps',
      url,
      path: source.path,
      onDevice: callbacks.onDevice,
      counters: () => reader.counters,
      async read(chunk, pace, reading) {
        const fixes = reader.push(chunk);
        if (reader.counters.sentences > 0) reading();
        await give(fixes, pace);
      },
      flush: (pace) => give(reader.flush(), pace),
    },
    deps,
  );
}

/** VE.Direct in a file. */
export function startPowerFile(
  url: string,
  source: FileUrl,
  deps: DeviceDeps,
  callbacks: PowerCallbacks,
): Device {
  const reader = makeVedirectReader();
  return startReplay(
    {
      device: 'power',
      url,
      path: source.path,
      onDevice: callbacks.onDevice,
      counters: () => reader.counters,
      async read(chunk, pace, reading) {
        for (const unit of reader.push(chunk)) {
          if (!('reading' in unit)) continue;
          reading();
          callbacks.onReading(unit.reading, deps.clock.monotonicMs());
          await pace.wait(BLOCK_MS);
          if (pace.stopped()) return;
        }
      },
    },
    deps,
  );
}
