import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Device, DeviceDeps, DeviceEvent } from '../../gateway/io/device.ts';
import type { Fix, LinkReading, PowerReading } from '../../protocol/readings.ts';
import { systemClock } from '../../runtime/clock.ts';
import { silentLog } from '../../runtime/log.ts';
import type { Seen } from '../../simulators/gnss.ts';
import { openPty, type Pty, pointTo } from '../../simulators/pty.ts';
import { makeRandom } from '../../simulators/random.ts';
import { makeReceiver, UBLOX } from '../../simulators/receiver/receiver.ts';
import { makeShunt } from '../../simulators/vedirect.ts';
import { tempDir } from './temp.ts';

/** What a device under test has told. */
export type Told = {
  readonly events: DeviceEvent[];
  readonly fixes: Fix[];
  readonly power: PowerReading[];
  readonly link: LinkReading[];
  readonly recovery: string[];
};

export const deps: DeviceDeps = { clock: systemClock, log: silentLog };

/** Callbacks for any device, and what they were called with. */
export function listen() {
  const told: Told = { events: [], fixes: [], power: [], link: [], recovery: [] };
  return {
    told,
    gps: { onFix: (fix: Fix) => told.fixes.push(fix), onDevice: (e: DeviceEvent) => told.events.push(e) },
    power: {
      onReading: (r: PowerReading) => told.power.push(r),
      onDevice: (e: DeviceEvent) => told.events.push(e),
    },
    modem: {
      onReading: (r: LinkReading) => told.link.push(r),
      onDevice: (e: DeviceEvent) => told.events.push(e),
      onRecovery: (r: { step: string }) => told.recovery.push(r.step),
    },
  };
}

/** Stops the device when the test ends. */
export function started<D extends Device>(device: D): D {
  onTestFinished(async () => device.stop());
  return device;
}

/** A port with a stable name on a real PTY, that can be unplugged and plugged in again. */
export async function makePort(onBytes: (bytes: Uint8Array) => void = () => {}) {
  const link = join(tempDir(), 'port');
  let pty: Pty | undefined;
  const port = {
    link,
    async plug() {
      pty = await openPty(onBytes);
      pointTo(link, pty.path);
    },
    async unplug() {
      const gone = pty;
      pty = undefined;
      await gone?.close();
    },
    send(bytes: Uint8Array | string, baud: number) {
      pty?.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes, baud);
    },
    readerBaud: () => pty?.readerBaud(),
  };
  await port.plug();
  onTestFinished(port.unplug);
  return port;
}

/** What a receiver sees of a van that stands at Ligueil. */
export const SEEN: Seen = {
  latitude: 47.0433,
  longitude: 0.8178,
  speedMps: 0,
  courseDeg: 0,
  altitudeM: 92,
  hdop: 0.8,
  satellites: 12,
  sigmaM: 1.5,
};
const BATTERY = { houseV: 12.8, houseA: -5, soc: 61, consumedAh: -78, starterV: 12.7 };
export const FEED_START_MS = Date.UTC(2026, 10, 24, 9, 0, 0);

/** A receiver's or a shunt's bytes, one unit every `everyMs`; ends with the test or when told. */
export function feed(kind: 'gps' | 'shunt', send: (bytes: Uint8Array) => void, everyMs = 60): () => void {
  const receiver = makeReceiver(UBLOX, makeRandom(1));
  const shunt = makeShunt();
  let n = 0;
  const timer = setInterval(() => {
    const bytes =
      kind === 'gps'
        ? Buffer.from(receiver.epoch(FEED_START_MS + 1000 * n, SEEN).join(''), 'latin1')
        : shunt(BATTERY, false);
    n++;
    send(bytes);
  }, everyMs);
  const stop = () => clearInterval(timer);
  onTestFinished(stop);
  return stop;
}
