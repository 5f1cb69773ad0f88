import type { Log } from '../../runtime/log.ts';

/**
 * What is said of rejected input: nothing per line; a sample at debug, one line a minute when there is much of it. The
 * counters by reason are the readers' own.
 */
const SAMPLE_EVERY_MS = 10_000;
const SUMMARY_EVERY_MS = 60_000;
/** One a second is a fault of the wiring, a few a minute are the life of a serial line. */
const MUCH_A_MINUTE = 60;
const SAMPLE_BYTES = 120;

export function makeRejects(log: Log, url: string) {
  let sampleAtMs = Number.NEGATIVE_INFINITY;
  let minuteFromMs = Number.NEGATIVE_INFINITY;
  let inMinute = 0;
  return {
    /** `count` units of this chunk, or of what it completed, were rejected. */
    note(count: number, bytes: Uint8Array, monoMs: number): void {
      if (count <= 0) return;
      if (monoMs - minuteFromMs >= SUMMARY_EVERY_MS) {
        if (inMinute >= MUCH_A_MINUTE) log.info({ url, rejected: inMinute }, 'much input is rejected');
        [minuteFromMs, inMinute] = [monoMs, 0];
      }
      inMinute += count;
      if (monoMs - sampleAtMs < SAMPLE_EVERY_MS || !log.isLevelEnabled('debug')) return;
      sampleAtMs = monoMs;
      const sample = Buffer.from(bytes.subarray(0, SAMPLE_BYTES)).toString('latin1');
      log.debug({ url, sample }, 'input rejected');
    },
  };
}
