import type { Fix } from '../../../protocol/readings.ts';
import { type EpochCounters, type EpochOptions, makeEpochMerger } from '../epoch.ts';
import { type FramingFault, makeSentenceScanner, type Sentence } from '../lines.ts';
import { decodeGbs } from './gbs.ts';
import { decodeGga } from './gga.ts';
import { decodeGll } from './gll.ts';
import { decodeGns } from './gns.ts';
import { decodeGsa } from './gsa.ts';
import { decodeGst } from './gst.ts';
import type { Report } from './report.ts';
import { decodeRmc } from './rmc.ts';
import { makeSkyWatch, type Sky } from './sky.ts';
import { decodeVtg } from './vtg.ts';
import { decodeZda } from './zda.ts';

export type NmeaCounters = EpochCounters & {
  bytes: number;
  /** Sentences with a right checksum: what says that this is NMEA, and at this speed. */
  sentences: number;
  /** Of those, the ones that have no part in a fix. */
  unused: number;
  /** A right checksum, but a field count, time or position that cannot be. */
  malformed: number;
} & Record<FramingFault, number>;

export type NmeaReader = {
  /** Takes bytes as they come, cut anywhere; gives the fixes that they complete, in order. Never throws. */
  push(chunk: Uint8Array): Fix[];
  /** The end of the input: gives what was waiting for its next instant. */
  flush(): Fix[];
  readonly counters: Readonly<NmeaCounters>;
  /** Satellites in view and the receiver's own words: why there is no fix. */
  sky(): Sky;
};

type Decoder = {
  readonly decode: (s: Sentence) => Report | undefined;
  /** Fields with the address, at least and at most: fewer is cut, more is two sentences run together. */
  readonly min: number;
  readonly max: number;
};

/** By the three letters of the sentence, packed into one number. */
const key = (type: string) => (type.charCodeAt(0) << 16) | (type.charCodeAt(1) << 8) | type.charCodeAt(2);
const DECODERS = new Map<number, Decoder>([
  [key('RMC'), { decode: decodeRmc, min: 9, max: 16 }],
  [key('GGA'), { decode: decodeGga, min: 10, max: 17 }],
  [key('GNS'), { decode: decodeGns, min: 10, max: 16 }],
  [key('GLL'), { decode: decodeGll, min: 7, max: 10 }],
  [key('GSA'), { decode: decodeGsa, min: 18, max: 20 }],
  [key('VTG'), { decode: decodeVtg, min: 5, max: 12 }],
  [key('ZDA'), { decode: decodeZda, min: 5, max: 9 }],
  [key('GST'), { decode: decodeGst, min: 8, max: 11 }],
  [key('GBS'), { decode: decodeGbs, min: 5, max: 13 }],
]);

const LETTER_P = 0x50;
const LETTER_Q = 0x51;
const ADDRESS_BYTES = 5;
const isUpper = (byte: number) => byte >= 0x41 && byte <= 0x5a;
const isDigit = (byte: number) => byte >= 0x30 && byte <= 0x39;

/**
 * Any two letters (or `U` and a digit) may stand in front of the type, except `P`: those are proprietary ($PGRMC is Garmin's sensor set-up,
 * not a position), but for `PQ`, Quectel's talker for QZSS and BeiDou.
 */
function decoderOf(s: Sentence): Decoder | undefined {
  if (s.starts[1]! - 1 !== ADDRESS_BYTES) return undefined;
  const { bytes } = s;
  if (bytes[0] === LETTER_P && bytes[1] !== LETTER_Q) return undefined;
  if (!isUpper(bytes[0]!) || !(isUpper(bytes[1]!) || isDigit(bytes[1]!))) return undefined;
  return DECODERS.get((bytes[2]! << 16) | (bytes[3]! << 8) | bytes[4]!);
}

/** Bytes of a GNSS receiver → fixes. Memory is bounded whatever comes. */
export function makeNmeaReader(options: EpochOptions = {}): NmeaReader {
  let fixes: Fix[] = [];
  const counters: NmeaCounters = {
    ...{ bytes: 0, sentences: 0, unused: 0, malformed: 0 },
    ...{ checksum: 0, unchecked: 0, cut: 0, noise: 0, long: 0 },
    ...{ fixes: 0, void: 0, undated: 0, late: 0 },
  };
  const merger = makeEpochMerger((fix) => fixes.push(fix), options, counters);
  const sky = makeSkyWatch();

  const onSentence = (s: Sentence) => {
    counters.sentences++;
    const decoder = decoderOf(s);
    if (!decoder) {
      counters.unused++;
      sky.take(s);
      return;
    }
    const report = s.count < decoder.min || s.count > decoder.max ? undefined : decoder.decode(s);
    if (report) merger.push(report);
    else counters.malformed++;
  };
  const scanner = makeSentenceScanner(onSentence, (fault) => {
    counters[fault]++;
  });

  const take = () => {
    const out = fixes;
    fixes = [];
    return out;
  };
  return {
    push(chunk) {
      counters.bytes += chunk.length;
      scanner.push(chunk);
      return take();
    },
    flush() {
      merger.flush();
      return take();
    },
    counters,
    sky: sky.view,
  };
}
