import type { LinkReading, Registration } from '../../protocol/readings.ts';
import { plausible, technologyNamed } from './at/fields.ts';
import { present } from './present.ts';

/**
 * `mmcli -m 0 -J` and `mmcli -m 0 --signal-get -J` → reading. Every value is a string, absent is `--`, a list of one may
 * be `["gsm-umts, lte"]`, a decimal point may be a comma (the locale's). `--signal-setup=10` must have been sent first,
 * or the signal is empty (devices.md §3).
 */

const REGISTRATION: Readonly<Record<string, Registration>> = {
  idle: 'none',
  home: 'home',
  searching: 'searching',
  denied: 'denied',
  unknown: 'unknown',
  roaming: 'roaming',
  'home-sms-only': 'home',
  'roaming-sms-only': 'roaming',
  'emergency-only': 'emergency',
  'home-csfb-not-preferred': 'home',
  'roaming-csfb-not-preferred': 'roaming',
  'attached-rlos': 'emergency',
};

/** By the generation that counts: what a set of the signal is called, best first. */
const SETS = ['5g', 'lte', 'umts', 'gsm', 'evdo', 'cdma1x'] as const;

type Json = Readonly<Record<string, unknown>>;
const isRecord = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The value at a path of keys, `undefined` where there is none. */
function at(value: unknown, ...path: string[]): unknown {
  let found = value;
  for (const key of path) found = isRecord(found) && Object.hasOwn(found, key) ? found[key] : undefined;
  return found;
}

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' && value !== '--' ? value : undefined;

function numeric(value: unknown): number | undefined {
  const written = text(value)?.replace(',', '.');
  return written !== undefined && /^-?\d{1,6}(\.\d{1,6})?$/.test(written) ? Number(written) : undefined;
}

/** Names in a list that may hold several in one string. */
const names = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value]).flatMap((item) => text(item)?.split(/\s*,\s*/) ?? []);

/** A SIM in the words that `AT+CPIN?` uses. SIM PIN2 guards only the phone book: the SIM is ready. */
function simOf(modem: unknown): string | undefined {
  if (text(at(modem, 'generic', 'state-failed-reason')) === 'sim-missing') return 'NOT INSERTED';
  const lock = text(at(modem, 'generic', 'unlock-required'));
  if (lock === undefined) return text(at(modem, 'generic', 'sim')) ? 'READY' : undefined;
  return /^(none|sim-pin2|sim-puk2)$/.test(lock) ? 'READY' : lock.replace('-', ' ').toUpperCase();
}

function technologyIn(modem: unknown) {
  const found = names(at(modem, 'generic', 'access-technologies')).map(technologyNamed);
  return (['5g', '4g', '3g', '2g'] as const).find((technology) => found.includes(technology));
}

/** The signal of the best set that has any value. */
function signalOf(modem: unknown): LinkReading {
  for (const name of SETS) {
    const set = at(modem, 'signal', name);
    const reading = present<LinkReading>({
      rssiDbm: plausible.rssi(numeric(at(set, 'rssi'))),
      rscpDbm: plausible.rscp(numeric(at(set, 'rscp'))),
      rsrpDbm: plausible.rsrp(numeric(at(set, 'rsrp'))),
      rsrqDb: plausible.rsrq(numeric(at(set, 'rsrq'))),
      sinrDb: plausible.sinr(numeric(at(set, 'snr'))),
    });
    if (Object.keys(reading).length > 0) return reading;
  }
  return {};
}

/** The reading of one JSON document of mmcli, `undefined` when it is none. */
export function readMmcli(json: string): LinkReading | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch {
    return undefined;
  }
  const modem = at(parsed, 'modem');
  if (!isRecord(modem)) return undefined;
  const state = text(at(modem, '3gpp', 'registration-state'));
  const service = text(at(modem, '3gpp', 'packet-service-state'));
  return present<LinkReading>({
    ...signalOf(modem),
    registration: state !== undefined && Object.hasOwn(REGISTRATION, state) ? REGISTRATION[state] : undefined,
    technology: technologyIn(modem),
    operator: text(at(modem, '3gpp', 'operator-name')) ?? text(at(modem, '3gpp', 'operator-code')),
    sim: simOf(modem),
    attached:
      service !== undefined
        ? service === 'attached'
        : text(at(modem, 'generic', 'state')) === 'connected'
          ? true
          : undefined,
  });
}

const MAX_JSON_BYTES = 65_536;

export type MmcliReader = {
  /** Takes what mmcli prints, one document after another, in one line or in many. */
  push(chunk: Uint8Array): LinkReading[];
  readonly counters: Readonly<{ bytes: number; readings: number; rejected: number }>;
};

export function makeMmcliReader(): MmcliReader {
  const counters = { bytes: 0, readings: 0, rejected: 0 };
  const utf8 = new TextDecoder();
  const bytes = new Uint8Array(MAX_JSON_BYTES);
  let length = 0;
  let depth = 0;
  let quoted = false;
  let escaped = false;

  /** Follows braces outside strings; true when the outermost one has closed. */
  const closes = (byte: number): boolean => {
    if (escaped) escaped = false;
    else if (quoted) {
      if (byte === 0x5c) escaped = true;
      else if (byte === 0x22) quoted = false;
    } else if (byte === 0x22) quoted = true;
    else if (byte === 0x7b) depth++;
    else if (byte === 0x7d) return --depth === 0;
    return false;
  };
  const reset = () => {
    length = 0;
    depth = 0;
    quoted = false;
    escaped = false;
  };
  return {
    push(chunk) {
      counters.bytes += chunk.length;
      const out: LinkReading[] = [];
      for (const byte of chunk) {
        if (depth === 0 && byte !== 0x7b) continue;
        bytes[length++] = byte;
        if (closes(byte)) {
          const reading = readMmcli(utf8.decode(bytes.subarray(0, length)));
          if (reading) out.push(reading);
          counters[reading ? 'readings' : 'rejected']++;
          reset();
        } else if (length === MAX_JSON_BYTES) {
          counters.rejected++;
          reset();
        }
      }
      return out;
    },
    counters,
  };
}
