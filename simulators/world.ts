import { destination } from '../protocol/geo.ts';
import { type BatterySettings, HOUSE_BATTERY, makeBattery } from './battery.ts';
import { EC25, type ModemModel, type ModemSettings, makeModem, type Said } from './cell/modem.ts';
import { activeFaults, type DeviceName, FAULTS, type Fault, type FaultName } from './faults.ts';
import { makeGnssError, type Seen } from './gnss.ts';
import { makeRandom, type Random } from './random.ts';
import { makeReceiver, type ReceiverSettings, UBLOX } from './receiver/receiver.ts';
import type { Van, VanState } from './van.ts';
import { makeShunt } from './vedirect.ts';

/**
 * The van's devices as a function of time: bytes that leave each device, and when. No clock, no PTY: `until(s)` moves
 * the world on, so that a test runs a day on a fake clock, and the same seed gives the same bytes.
 */
export type WorldPlan = {
  /** UTC of second 0. */
  readonly startMs: number;
  readonly seed: number;
  readonly van: Van;
  readonly faults: readonly Fault[];
  readonly receiver?: ReceiverSettings;
  readonly battery?: BatterySettings;
  readonly modem?: ModemSettings;
};

/** Bytes on the wire at `s`, sent at `baud`: a reader at another rate sees `resample` of them. */
export type Emission = {
  readonly s: number;
  readonly device: DeviceName;
  readonly bytes: Uint8Array;
  readonly baud: number;
};

export type WorldEvent = { readonly s: number; readonly event: string } & Readonly<Record<string, unknown>>;

export interface World {
  /** Emissions since the last call up to `s`, in order of time. */
  until(s: number): Emission[];
  /** Bytes that the gateway sent to a device; answers come out of `until`. */
  receive(device: DeviceName, bytes: Uint8Array, s: number): void;
  /** When the next emission is due; the world may change state before. */
  nextS(): number;
  plugged(device: DeviceName): boolean;
  /** What becomes of the packets of the 4G. */
  data(): ReturnType<ModemModel['data']>;
  /** What happened since the last call. */
  events(): WorldEvent[];
  readonly modem: ModemModel;
  readonly van: VanState;
}

/** Rates at which the devices speak. */
export const BAUD: Record<DeviceName, number> = { gps: 9600, shunt: 19_200, modem: 115_200 };
const FAST_GPS_BAUD = 115_200;
const OTHER_GPS_BAUD = 38_400;
/** From the instant of a fix to its first byte. */
const GPS_LATENCY_S = 0.06;
const SHUNT_EVERY_S = 0.5;
const CHUNK = 64;
const WEEKS_1024_MS = 1024 * 7 * 86_400_000;
const UNPLUG: Record<DeviceName, FaultName> = { gps: 'unplug', shunt: 'shunt_unplug', modem: 'modem_unplug' };

export function makeWorld(plan: WorldPlan): World {
  const random = makeRandom(plan.seed);
  const gnss = makeGnssError(random.fork('gnss'));
  const receiverSettings = plan.receiver ?? UBLOX;
  const receiver = makeReceiver(receiverSettings, random.fork('sky'));
  const battery = makeBattery(plan.battery ?? HOUSE_BATTERY, random.fork('battery'));
  const shunt = makeShunt();
  const modem = makeModem(plan.modem ?? EC25, random.fork('modem'));
  const noise = random.fork('noise');
  const gpsBaud = receiverSettings.hz > 2 ? FAST_GPS_BAUD : BAUD.gps;
  const queue: Emission[] = [];
  const events: WorldEvent[] = [];
  let epochs = 0;
  let blocks = 0;
  let faults: ReadonlySet<FaultName> = new Set();
  let frozen: Seen | undefined;
  let van = plan.van.at(0);
  let data: ReturnType<ModemModel['data']> = 'up';
  let smsSeen = 0;
  let begun = false;

  const nextEpochS = () => epochs / receiverSettings.hz;
  const nextBlockS = () => blocks * SHUNT_EVERY_S;

  function emit(device: DeviceName, bytes: Uint8Array, s: number, baud: number): void {
    for (let i = 0; i < bytes.length; i += CHUNK) {
      const chunk = bytes.subarray(i, i + CHUNK);
      queue.push({ s: s + (10 * (i + chunk.length)) / baud, device, bytes: chunk, baud });
    }
  }

  /** What the receiver believes at `s`, under the faults that bend it. */
  function seenAt(s: number): Seen | undefined {
    const seen = gnss.see(plan.van.at(s), 1 / receiverSettings.hz);
    frozen = faults.has('frozen_fix') ? (frozen ?? seen) : undefined;
    if (faults.has('no_gps')) return undefined;
    if (frozen) return { ...frozen, speedMps: 0 };
    return faults.has('jump') ? { ...seen, ...destination(seen, 4000, 120) } : seen;
  }

  function makeEpoch(): void {
    const s = nextEpochS();
    epochs++;
    const seen = seenAt(s);
    if (faults.has('silence') || faults.has('unplug')) return;
    const atMs = plan.startMs + Math.round(s * 1000) - (faults.has('rollover') ? WEEKS_1024_MS : 0);
    const lines = receiver.epoch(atMs, seen);
    const text = (faults.has('bad_checksum') ? lines.map((l) => spoil(l, noise)) : lines).join('');
    const bytes = Buffer.from(faults.has('cut_line') ? cut(text, noise) : text, 'latin1');
    emit('gps', bytes, s + GPS_LATENCY_S, faults.has('wrong_baud') ? OTHER_GPS_BAUD : gpsBaud);
  }

  function makeBlock(): void {
    const s = nextBlockS();
    blocks++;
    const load = { ...plan.van.at(s), sag: faults.has('battery_sag') };
    const block = shunt(battery.step(load, SHUNT_EVERY_S), faults.has('hex_in_text'));
    if (faults.has('shunt_silence') || faults.has('shunt_unplug')) return;
    if (faults.has('shunt_bad_checksum') && noise.next() < 1 / 3)
      block[Math.floor(noise.between(4, block.length))]! ^= 1;
    emit('shunt', block, s, BAUD.shunt);
  }

  function say(said: readonly Said[]): void {
    for (const { s, text } of said)
      if (text !== '')
        queue.push({ s, device: 'modem', bytes: Buffer.from(text, 'latin1'), baud: BAUD.modem });
  }

  function note(s: number): void {
    const before = van;
    van = plan.van.at(s);
    if (van.step !== before.step || !begun) {
      begun = true;
      const step = plan.van.spans[van.step]!.step;
      events.push(
        step.kind === 'halt'
          ? { s, event: 'halted', at: step.name }
          : { s, event: 'departed', to: step.name },
      );
    }
    if (van.engine !== before.engine) events.push({ s, event: 'engine', state: van.engine });
    const now = activeFaults(plan.faults, s);
    for (const name of now)
      if (!faults.has(name)) events.push({ s, event: 'fault', name, what: FAULTS[name].what });
    for (const name of faults) if (!now.has(name)) events.push({ s, event: 'fault_over', name });
    faults = now;
    say(modem.until(s, faults, van.speedMps > 1));
    for (const { to, text } of modem.sent.slice(smsSeen)) events.push({ s, event: 'sms', to, text });
    smsSeen = modem.sent.length;
    if (modem.data() !== data) {
      data = modem.data();
      events.push(data === 'up' ? { s, event: 'link_up' } : { s, event: 'link_down', data });
    }
  }

  return {
    modem,
    get van() {
      return van;
    },
    until(s) {
      // Epochs, blocks and the modem's state move together, in steps of the devices themselves.
      for (
        let next = Math.min(nextEpochS(), nextBlockS());
        next <= s;
        next = Math.min(nextEpochS(), nextBlockS())
      ) {
        note(next);
        if (nextEpochS() <= nextBlockS()) makeEpoch();
        else makeBlock();
      }
      queue.sort((a, b) => a.s - b.s);
      const due = queue.findIndex((e) => e.s > s);
      return queue.splice(0, due < 0 ? queue.length : due);
    },
    receive(device, bytes, s) {
      if (device === 'modem' && !faults.has('modem_unplug')) say(modem.receive(bytes, s));
    },
    nextS: () => Math.min(nextEpochS(), nextBlockS(), ...queue.map((e) => e.s)),
    plugged: (device) => !faults.has(UNPLUG[device]),
    data: () => (faults.has('modem_unplug') ? 'lost' : data),
    events: () => events.splice(0),
  };
}

/** One line in three with a wrong character between `$` and `*`. */
function spoil(line: string, noise: Random): string {
  if (noise.next() > 1 / 3) return line;
  const at = Math.floor(noise.between(7, line.indexOf('*')));
  return `${line.slice(0, at)}${line[at] === '7' ? '3' : '7'}${line.slice(at + 1)}`;
}

/** Some tens of bytes lost somewhere. */
function cut(text: string, noise: Random): string {
  const from = Math.floor(noise.between(0, text.length));
  return text.slice(0, from) + text.slice(from + Math.floor(noise.between(5, 60)));
}
