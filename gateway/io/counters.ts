import type { Clock } from '../../runtime/clock.ts';
import type { Part } from '../../runtime/lifecycle.ts';
import type { DeviceKind } from '../core/sourceUrl.ts';
import type { Counters, Device } from './device.ts';

/**
 * What the devices' readers counted, told to the depot: a row `gps_counters` (`power_`, `modem_`) an hour with what is
 * not zero, and one when a device is lost, for that is when somebody asks why. Counts since the start of the daemon.
 */
const EVERY_MS = 3_600_000;
/** A device that comes and goes is not counted each time. */
const AT_MOST_MS = 600_000;

export type TellCounters = (what: string, detail: Counters) => void;

export interface DeviceCounters extends Part {
  add(kind: DeviceKind, device: Device): void;
  /** The device is lost. */
  lost(kind: DeviceKind): void;
}

export function startCounters(clock: Clock, tell: TellCounters): DeviceCounters {
  const devices = new Map<DeviceKind, { readonly device: Device; told: string; toldMs: number }>();

  const look = (kind: DeviceKind, atMostMs: number) => {
    const known = devices.get(kind);
    const monoMs = clock.monotonicMs();
    if (!known || monoMs - known.toldMs < atMostMs) return;
    const counted = Object.fromEntries(Object.entries(known.device.counters()).filter(([, n]) => n !== 0));
    const text = JSON.stringify(counted);
    // A device that has stood still since has nothing to tell.
    if (text === known.told || text === '{}') return;
    known.told = text;
    known.toldMs = monoMs;
    tell(`${kind}_counters`, counted);
  };
  return {
    add(kind, device) {
      devices.set(kind, { device, told: '', toldMs: Number.NEGATIVE_INFINITY });
    },
    lost: (kind) => look(kind, AT_MOST_MS),
    stop: clock.every(EVERY_MS, () => {
      for (const kind of devices.keys()) look(kind, 0);
    }),
  };
}
