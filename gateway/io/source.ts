import type { Clock } from '../../runtime/clock.ts';
import type { Log } from '../../runtime/log.ts';
import {
  type Content,
  newSupervision,
  nextSupervisionMs,
  type SupervisionInput,
  type SupervisionSettings,
  stepSupervision,
} from '../core/supervision.ts';
import type { Channel, OpenChannel } from './channel.ts';
import type { Counters, DeviceEvent, DeviceState, LossReason } from './device.ts';
import { makeRejects } from './rejects.ts';

/**
 * A stream of bytes that is always on its way back: opens, watches, closes and opens anew as `core/supervision.ts`
 * decides. Whoever reads the bytes says what was intact in them, so that a rustling line counts as silent.
 */
export interface Source {
  /** False when the bytes could not be handed to the device. */
  write(bytes: Uint8Array): boolean;
  state(): DeviceState;
  /** What is behind the port has proved itself otherwise than by its bytes: it answered. */
  believe(): void;
  /** It has not: close, wait, open anew. */
  giveUp(reason: LossReason, detail: string): void;
  counters(): Counters;
  stop(): Promise<void>;
}

/** What a chunk held: something intact, something of another device, or nothing; and how much of it was rejected. */
export type Heard = { readonly intact: boolean; readonly found?: Content; readonly rejected?: number };

export type SourceOptions = SupervisionSettings & {
  readonly url: string;
  readonly open: OpenChannel;
  readonly clock: Clock;
  readonly log: Log;
  onBytes(bytes: Uint8Array, monoMs: number): Heard;
  /** A connection is open: what must be said to the device first. */
  onOpen?(): void;
  /** The connection is no more. */
  onClose?(): void;
  onDevice(event: DeviceEvent): void;
};

const FOLD_MS = 1000;

export function startSource(options: SourceOptions): Source {
  const { clock, url, device } = options;
  let state = newSupervision(clock.monotonicMs());
  let channel: Channel | undefined;
  let cancel = () => {};
  let stopped = false;
  const rejects = makeRejects(options.log, url);
  /** What came since the fold was last asked. */
  let unfolded: { length: number; intact: boolean; monoMs: number } | undefined;
  let foldedMs = Number.NEGATIVE_INFINITY;
  const counts: Record<string, number> = { bytes: 0, opened: 0, lost: 0 };
  const count = (name: string, by = 1) => {
    counts[name] = (counts[name] ?? 0) + by;
  };

  function step(input: SupervisionInput): void {
    if (stopped) return;
    foldHeard();
    take(input, clock.monotonicMs());
  }

  /** What a device that is believed says moves the moment of silence and nothing else: asked once a second, not a chunk. */
  function hear(length: number, { intact, found }: Heard, monoMs: number): void {
    const isNews = found !== undefined || state.told !== 'reading' || state.intactMs === undefined;
    if (isNews) {
      step({ kind: 'bytes', length, intact, ...(found ? { found } : {}) });
      return;
    }
    unfolded ??= { length: 0, intact: false, monoMs };
    unfolded.length += length;
    unfolded.intact ||= intact;
    unfolded.monoMs = monoMs;
    if (monoMs - foldedMs >= FOLD_MS) foldHeard();
  }

  function foldHeard(): void {
    if (!unfolded) return;
    const { monoMs, length, intact } = unfolded;
    unfolded = undefined;
    foldedMs = monoMs;
    take({ kind: 'bytes', length, intact }, monoMs);
  }

  function take(input: SupervisionInput, monoMs: number): void {
    const { state: next, actions } = stepSupervision(state, input, options, monoMs);
    state = next;
    for (const action of actions) {
      if (action.do === 'open') open(action.baud);
      else if (action.do === 'close') close();
      else {
        const { do: _, ...told } = action;
        tell({ device, url, monoMs, ...told });
      }
    }
    // Bytes only move the moment of silence away: the timer that is set looks again, and costs nothing a chunk.
    if (input.kind !== 'bytes' || actions.length > 0) arm();
  }

  function arm(): void {
    cancel();
    const dueMs = nextSupervisionMs(state, options);
    if (stopped || dueMs === Number.POSITIVE_INFINITY) return;
    cancel = clock.after(Math.max(0, dueMs - clock.monotonicMs()), () => {
      step({ kind: 'tick' });
    });
  }

  function open(baud: number | undefined): void {
    /** Only the connection in hand is listened to. */
    const mine = () => channel === opened && !stopped;
    const opened: Channel = options.open(baud, {
      onOpen() {
        if (!mine()) return;
        count('opened');
        step({ kind: 'opened' });
        options.onOpen?.();
      },
      onBytes(bytes) {
        if (!mine()) return;
        counts.bytes! += bytes.length;
        const monoMs = clock.monotonicMs();
        const heard = options.onBytes(bytes, monoMs);
        rejects.note(heard.rejected ?? 0, bytes, monoMs);
        hear(bytes.length, heard, monoMs);
      },
      onEnd(reason, detail) {
        if (mine()) step({ kind: 'ended', reason, detail });
      },
    });
    channel = opened;
  }

  function close(): void {
    const closing = channel;
    channel = undefined;
    options.onClose?.();
    void closing?.close().then(() => step({ kind: 'closed' }));
    if (!closing) queueMicrotask(() => step({ kind: 'closed' }));
  }

  function tell(event: DeviceEvent): void {
    if (event.state === 'lost') {
      count('lost');
      count(`lost_${event.reason}`);
    }
    options.onDevice(event);
  }

  step({ kind: 'tick' });
  return {
    write: (bytes) => (state.phase === 'open' ? (channel?.write(bytes) ?? false) : false),
    state: () => state.told,
    believe: () => step({ kind: 'bytes', length: 0, intact: true }),
    giveUp: (reason, detail) => step({ kind: 'ended', reason, detail }),
    counters: () => ({ ...counts }),
    async stop() {
      stopped = true;
      cancel();
      await channel?.close();
      channel = undefined;
    },
  };
}
