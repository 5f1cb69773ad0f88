import type { PowerReading } from '../../protocol/readings.ts';
import { hexDigit } from './lines.ts';
import { readingOf } from './vedirectFields.ts';

/**
 * VE.Direct, read as bytes. A field is CR LF label TAB value; a block ends with `Checksum` TAB and ONE raw byte, which
 * may be CR, LF, TAB or `:` like any other; the bytes from the first CR through that one sum to 0 mod 256. HEX frames
 * (`:` … LF) come between blocks and in the middle of them, and are not summed: whatever was being read goes on behind
 * them. (Victron's own frame handler forgets the block; karioja/vedirect does not.)
 *
 * After a cut, what is left of one block runs into the next. So a sum that fails is tried again from each place where a
 * block may begin: a label that has begun one before, `PID` or `H1`. Every intact block is given; a capture that has lost
 * its CRs gives none.
 */

/** Victron blocks hold at most 22 fields and about 350 bytes. */
const MAX_BLOCK_BYTES = 2048;
const MAX_FIELDS = 64;
const MAX_LABEL_BYTES = 32;
const MAX_VALUE_BYTES = 128;
const MAX_HEX_BYTES = 512;
/** `:`, a command digit and two of the checksum. */
const MIN_HEX_BYTES = 4;
const MAX_STARTS = 16;

const CR = 0x0d;
const LF = 0x0a;
const TAB = 0x09;
const COLON = 0x3a;

export type VedirectBlock = {
  readonly fields: Readonly<Record<string, string>>;
  readonly reading: PowerReading;
};
export type VedirectHex = { readonly hex: string };

export type VedirectCounters = {
  bytes: number;
  /** Blocks with a right checksum: what says that this is VE.Direct, and at this speed. */
  blocks: number;
  hex: number;
  /** Blocks whose bytes do not sum to zero. */
  checksum: number;
  /** Fields or HEX frames broken off: noise, a cut, a byte that cannot be there. */
  broken: number;
};

export type VedirectReader = {
  /** Takes bytes as they come, cut anywhere; gives the blocks and HEX frames that they complete, in order. */
  push(chunk: Uint8Array): (VedirectBlock | VedirectHex)[];
  readonly counters: Readonly<VedirectCounters>;
};

/** Between blocks · LF due after CR · label · value · the one byte of the checksum. */
type State = 'idle' | 'line' | 'label' | 'value' | 'checksum';

export function makeVedirectReader(): VedirectReader {
  const counters: VedirectCounters = { bytes: 0, blocks: 0, hex: 0, checksum: 0, broken: 0 };
  let out: (VedirectBlock | VedirectHex)[] = [];
  const firstLabels = new Set(['PID', 'H1']);
  let state: State = 'idle';
  /** Of the block: length and sum so far, fields, and the sum in front of each field. */
  let length = 0;
  let sum = 0;
  let labels: string[] = [];
  let values: string[] = [];
  let before: number[] = [];
  let text = '';
  let inHex = false;
  let hex = '';

  const abandon = () => {
    if (state !== 'idle') counters.broken++;
    state = 'idle';
  };
  const begin = () => {
    state = 'line';
    length = 1;
    sum = CR;
    labels = [];
    values = [];
    before = [0];
  };

  /** The first field from which the block's bytes sum to zero, -1 when there is none. */
  const intactFrom = () => {
    if (sum === 0) return 0;
    for (let i = 1; i < labels.length; i++) if (firstLabels.has(labels[i]!) && before[i] === sum) return i;
    return -1;
  };

  const endBlock = (byte: number) => {
    state = 'idle';
    const start = intactFrom();
    if (start < 0) {
      counters.checksum++;
      // The checksum byte was lost: this one belongs to what comes next.
      if (byte === CR || byte === COLON) take(byte);
      return;
    }
    counters.blocks++;
    if (firstLabels.size < MAX_STARTS && labels.length > start) firstLabels.add(labels[start]!);
    const fields = Object.fromEntries(labels.slice(start).map((label, i) => [label, values[start + i]!]));
    out.push({ fields, reading: readingOf(fields) });
  };

  const takeLabel = (byte: number) => {
    if (byte === TAB) {
      if (text === 'Checksum') state = 'checksum';
      else {
        labels.push(text);
        state = 'value';
      }
      text = '';
    } else if (byte > 0x20 && byte < 0x7f && text.length < MAX_LABEL_BYTES) text += String.fromCharCode(byte);
    else {
      abandon();
      if (byte === CR) begin();
    }
  };

  const takeValue = (byte: number) => {
    if (byte === CR) {
      values.push(text);
      text = '';
      before.push((sum - CR) & 0xff);
      state = 'line';
      if (labels.length === MAX_FIELDS) abandon();
    } else if (byte >= 0x20 && byte !== 0x7f && text.length < MAX_VALUE_BYTES)
      text += String.fromCharCode(byte);
    else abandon();
  };

  const takeHex = (byte: number) => {
    const ended = byte === LF || byte === CR;
    if (!ended && hexDigit(byte) >= 0 && hex.length < MAX_HEX_BYTES) {
      hex += String.fromCharCode(byte);
      return;
    }
    inHex = false;
    // A frame ends with LF; one that ends with CR was cut, unless its own checksum says otherwise.
    if (hex.length >= MIN_HEX_BYTES && (byte === LF || (byte === CR && hexSumIsRight(hex)))) {
      counters.hex++;
      out.push({ hex });
    } else counters.broken++;
    if (byte !== LF) take(byte);
  };

  const take = (byte: number) => {
    if (inHex) return takeHex(byte);
    if (byte === COLON && state !== 'checksum') {
      inHex = true;
      hex = ':';
      return;
    }
    if (state === 'idle') {
      if (byte === CR) begin();
      return;
    }
    sum = (sum + byte) & 0xff;
    length++;
    if (length > MAX_BLOCK_BYTES) return abandon();
    if (state === 'checksum') endBlock(byte);
    else if (state === 'value') takeValue(byte);
    else if (state === 'label') takeLabel(byte);
    else if (byte === LF) {
      state = 'label';
      text = '';
    } else {
      abandon();
      if (byte === CR) begin();
    }
  };

  return {
    push(chunk) {
      counters.bytes += chunk.length;
      for (const byte of chunk) take(byte);
      const taken = out;
      out = [];
      return taken;
    },
    counters,
  };
}

/** The bytes of a HEX frame, its command digit counted as one, sum to 0x55. */
function hexSumIsRight(frame: string): boolean {
  if (frame.length % 2 !== 0) return false;
  let sum = hexDigit(frame.charCodeAt(1));
  for (let i = 2; i < frame.length; i += 2)
    sum += (hexDigit(frame.charCodeAt(i)) << 4) | hexDigit(frame.charCodeAt(i + 1));
  return (sum & 0xff) === 0x55;
}
