import { healthNow, MINUTE_MS } from './reading.ts';
import type { AlertKind } from './types.ts';

const NOW = 0x1;
const REMEMBERED_MS = 10 * MINUTE_MS;

/**
 * Under-voltage of the Raspberry Pi: now (bit 0), or newly since the last report (bit 16), which cranking sets too and
 * is then no news (devices.md §5). Not a Pi, or no right to ask: unknown, never «fine».
 */
export const piUndervoltage: AlertKind = {
  alert: 'pi_undervoltage',
  holdMs: { notice: 0, warning: 15_000 },
  clearMs: MINUTE_MS,
  judge(facts, settings, at) {
    const throttled = healthNow(facts, at)?.throttled;
    if (throttled === undefined) return undefined;
    const seenAt = facts.undervoltageSeenAt;
    const recently = seenAt !== undefined && at - seenAt < REMEMBERED_MS;
    const now = (throttled & NOW) !== 0;
    const cranks = facts.engine?.state === 'on' && at - facts.engine.since < settings.maskMs + POLL_MS;
    return {
      levels: { warning: now && !cranks, notice: recently },
      clear: !now && !recently,
      values: { now },
    };
  },
};

/** Health is read about once in half a minute: a bit seen then may be that old. */
const POLL_MS = 30_000;
