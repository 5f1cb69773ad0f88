import type { LossReason } from '../core/supervision.ts';

/**
 * One connection to a device: opened once, never again. `source.ts` makes a new one for each attempt; after `onEnd`, or
 * once `close` was called, nothing more is told.
 */
export interface Channel {
  /** False when the bytes could not be taken: not open, or the device does not read. */
  write(bytes: Uint8Array): boolean;
  /** Resolves when the descriptor is gone. Never rejects. */
  close(): Promise<void>;
}

export type ChannelEvents = {
  onOpen(): void;
  onBytes(bytes: Uint8Array): void;
  onEnd(reason: LossReason, detail: string): void;
};

export type OpenChannel = (baud: number | undefined, events: ChannelEvents) => Channel;

/** The reason behind an errno. */
export function reasonOf(error: NodeJS.ErrnoException): LossReason {
  const text = `${error.code ?? ''} ${error.message}`;
  if (/ENOENT|ENODEV|ENXIO|No such file|No such device|ENOTFOUND|EAI_AGAIN/.test(text)) return 'missing';
  if (/EBUSY|Cannot lock|temporarily unavailable/.test(text)) return 'busy';
  if (/ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|EACCES|EPERM|Permission denied/.test(text))
    return 'refused';
  if (/ECONNRESET|EPIPE|EIO|hang-up|bad file descriptor/.test(text)) return 'hang_up';
  return 'error';
}
