import { type AtReply, makeAtReader } from '../gateway/core/at.ts';
import { makeMmcliReader } from '../gateway/core/mmcli.ts';
import { makeNmeaReader } from '../gateway/core/nmea/reader.ts';
import { makeVedirectReader } from '../gateway/core/vedirect.ts';
import type { Fix } from '../protocol/readings.ts';
import { isoOf } from '../protocol/time.ts';
import { UsageError } from './exit.ts';

/**
 * `tournee decode nmea|vedirect|at|mmcli < bytes`: JSON lines alone on standard output, counters on standard error,
 * exit 0 whatever the bytes are (DESIGN §6). Answers as the bytes come and holds no more than an epoch or a block.
 */
type Decoder = {
  push(chunk: Uint8Array): object[];
  flush(): object[];
  counters(): object;
};

const round = (value: number, decimals: number) => Math.round(value * 10 ** decimals) / 10 ** decimals;

/** A fix as `decode nmea` prints it. */
export function lineOf(fix: Fix): object {
  const rounded = (value: number | undefined) => (value === undefined ? undefined : round(value, 6));
  return {
    time: isoOf(fix.at),
    latitude: round(fix.latitude, 9),
    longitude: round(fix.longitude, 9),
    mode: fix.mode,
    altitudeM: rounded(fix.altitudeM),
    accuracyM: rounded(fix.accuracyM),
    hdop: fix.hdop,
    satellitesUsed: fix.satellitesUsed,
    speedMps: rounded(fix.speedMps),
    courseDeg: fix.courseDeg,
  };
}

function nmea(): Decoder {
  // Nobody waits for a recording: each instant is given when the next begins, so that its last word is heard.
  const reader = makeNmeaReader({ prompt: false });
  return {
    push: (chunk) => reader.push(chunk).map(lineOf),
    flush: () => reader.flush().map(lineOf),
    counters: () => ({ ...reader.counters, ...reader.sky() }),
  };
}

function vedirect(): Decoder {
  const reader = makeVedirectReader();
  return { push: (chunk) => reader.push(chunk), flush: () => [], counters: () => reader.counters };
}

/** A reply as `decode at` prints it; one that speaks of nothing in the contract's list prints nothing. */
function replyLines(replies: readonly AtReply[]): object[] {
  return replies.flatMap(({ command, reading: { attached, ...reading }, error }) =>
    attached === undefined ? [{ command, ...reading, error }] : [],
  );
}

function at(): Decoder {
  const reader = makeAtReader();
  return {
    push: (chunk) => replyLines(reader.push(chunk)),
    flush: () => replyLines(reader.flush()),
    counters: () => reader.counters,
  };
}

function mmcli(): Decoder {
  const reader = makeMmcliReader();
  return { push: (chunk) => reader.push(chunk), flush: () => [], counters: () => reader.counters };
}

const KINDS: Record<string, () => Decoder> = { nmea, vedirect, at, mmcli };

export async function run(args: string[]): Promise<number> {
  const [kind = '', ...rest] = args;
  const make = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
  if (!make || rest.length > 0)
    throw new UsageError(`usage: tournee decode ${Object.keys(KINDS).join('|')} < bytes`);
  const decoder = make();
  const print = async (lines: object[]) => {
    if (lines.length === 0) return;
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
    if (!process.stdout.write(text)) await new Promise((resolve) => process.stdout.once('drain', resolve));
  };
  for await (const chunk of process.stdin) await print(decoder.push(chunk as Uint8Array));
  await print(decoder.flush());
  process.stderr.write(`${JSON.stringify(decoder.counters())}\n`);
  return 0;
}
