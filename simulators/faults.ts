import type { Random } from './random.ts';

/**
 * What may go wrong with the devices of a van: each fault has a name that a test or `simulate --faults` may give, the
 * device that it strikes, and a usual length.
 */
export type DeviceName = 'gps' | 'shunt' | 'modem';

export const FAULTS = {
  bad_checksum: { device: 'gps', lastsS: 20, what: 'one sentence in three has a wrong byte' },
  cut_line: { device: 'gps', lastsS: 20, what: 'bytes are lost: lines are cut and glued together' },
  wrong_baud: { device: 'gps', lastsS: 20, what: 'the receiver speaks at another rate' },
  frozen_fix: { device: 'gps', lastsS: 40, what: 'the position stays while the van drives' },
  jump: { device: 'gps', lastsS: 3, what: 'the position is 4 km away' },
  rollover: { device: 'gps', lastsS: 60, what: 'the date is 1024 weeks old' },
  silence: { device: 'gps', lastsS: 20, what: 'the receiver says nothing' },
  no_gps: { device: 'gps', lastsS: 60, what: 'no satellites: sentences without a position' },
  unplug: { device: 'gps', lastsS: 15, what: 'the receiver is unplugged' },
  hex_in_text: { device: 'shunt', lastsS: 30, what: 'HEX frames between and inside the text blocks' },
  shunt_bad_checksum: { device: 'shunt', lastsS: 20, what: 'one block in three has a wrong byte' },
  shunt_silence: { device: 'shunt', lastsS: 20, what: 'the shunt says nothing' },
  shunt_unplug: { device: 'shunt', lastsS: 15, what: 'the shunt is unplugged' },
  battery_sag: {
    device: 'shunt',
    lastsS: 60,
    what: 'something draws 95 A and the house battery is at its end',
  },
  network_lost: { device: 'modem', lastsS: 60, what: 'the modem finds no network' },
  no_data: { device: 'modem', lastsS: 600, what: 'registered, but nothing flows until the modem is reset' },
  sim_locked: { device: 'modem', lastsS: 600, what: 'the SIM asks for its PIN' },
  reset_in_sms: { device: 'modem', lastsS: 600, what: 'the modem restarts once the text of an SMS is given' },
  modem_silence: { device: 'modem', lastsS: 20, what: 'the modem does not answer' },
  modem_unplug: { device: 'modem', lastsS: 15, what: 'the modem is unplugged' },
} as const satisfies Record<string, { device: DeviceName; lastsS: number; what: string }>;

export type FaultName = keyof typeof FAULTS;
export type Fault = { readonly name: FaultName; readonly fromS: number; readonly toS: number };

export const isFaultName = (text: string): text is FaultName => Object.hasOwn(FAULTS, text);

/** First of the faults that were named without a time, and the distance between them. */
const FIRST_S = 30;
const EVERY_S = 30;

/** The faults of `name[@start[+lasts]],…` in seconds after the start, or the sentence that says what is wrong. */
export function parseFaults(text: string): readonly Fault[] | string {
  const faults: Fault[] = [];
  let nextS = FIRST_S;
  for (const part of text.split(',').filter((p) => p !== '')) {
    const m = /^([a-z_]+)(?:@(\d{1,5})(?:\+(\d{1,5}))?)?$/.exec(part);
    const name = m?.[1];
    if (name === undefined || !isFaultName(name))
      return `expected none, story, storm, or name[@start[+seconds]] of ${Object.keys(FAULTS).join(' ')}; got ${part}`;
    const fromS = m![2] === undefined ? nextS : Number(m![2]);
    const toS = fromS + (m![3] === undefined ? FAULTS[name].lastsS : Number(m![3]));
    faults.push({ name, fromS, toS });
    nextS = fromS + EVERY_S;
  }
  return faults;
}

/** Every fault again and again in a random order, some at the same time. */
export function stormFaults(random: Random, fromS: number, toS: number): readonly Fault[] {
  const names = Object.keys(FAULTS) as FaultName[];
  const faults: Fault[] = [];
  for (let s = fromS; s < toS; s += random.between(5, 35)) {
    const name = names[Math.floor(random.between(0, names.length))]!;
    faults.push({ name, fromS: Math.round(s), toS: Math.round(s + Math.min(60, FAULTS[name].lastsS)) });
  }
  return faults;
}

export const activeFaults = (faults: readonly Fault[], s: number): ReadonlySet<FaultName> =>
  new Set(faults.filter((f) => s >= f.fromS && s < f.toS).map((f) => f.name));
