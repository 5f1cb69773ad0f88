import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parseNmeaSentence } from 'nmea-simple';
import { makeNmeaReader } from '../gateway/core/nmea/reader.ts';

/**
 * Sentences a second: the whole path bytes → fix of ours against nmea-simple called bare on the same lines, in turns, in
 * one run; and memory over 100 MB. `npm run bench -- nmea [capture …]` (default: the small one of the repository).
 */
const ROUNDS = 7;
const ROUND_BYTES = 8_000_000;
const MEMORY_BYTES = 100_000_000;
const CHUNK_BYTES = 4096;
const DEFAULT = fileURLToPath(new URL('../tests/vectors/nmea/drive.nmea', import.meta.url));

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** The files' bytes, comment lines of gpsd logs taken out, repeated to about one round. */
function inputOf(paths: readonly string[]): Buffer {
  const wire = paths.map((path) => readFileSync(path, 'latin1').replace(/^#[^\n]*\n/gm, '')).join('');
  return Buffer.from(wire.repeat(Math.max(1, Math.ceil(ROUND_BYTES / wire.length))), 'latin1');
}

/** Bytes in chunks of a serial read's size. */
function readAll(bytes: Buffer): { sentences: number; fixes: number } {
  const reader = makeNmeaReader();
  let fixes = 0;
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES)
    fixes += reader.push(bytes.subarray(at, at + CHUNK_BYTES)).length;
  fixes += reader.flush().length;
  return { sentences: reader.counters.sentences, fixes };
}

/** Lines a second of nmea-simple, which throws on what it does not know. */
function bare(lines: readonly string[]): number {
  let parsed = 0;
  for (const line of lines) {
    try {
      parseNmeaSentence(line);
      parsed++;
    } catch {}
  }
  return parsed;
}

const median = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
function timed<T>(work: () => T): { ms: number; result: T } {
  const start = performance.now();
  const result = work();
  return { ms: performance.now() - start, result };
}

/** Resident and heap memory after a full collection, MB. */
function memoryMb(): { rss: number; heap: number } {
  collect();
  const { rss, heapUsed } = process.memoryUsage();
  const mb = (bytes: number) => Math.round(bytes / 1e5) / 10;
  return { rss: mb(rss), heap: mb(heapUsed) };
}

/** Before and after 100 MB through one reader that is warm. */
function memoryOver(bytes: Buffer) {
  const reader = makeNmeaReader();
  const feed = (total: number) => {
    for (let done = 0; done < total; )
      for (let at = 0; at < bytes.length && done < total; at += CHUNK_BYTES, done += CHUNK_BYTES)
        reader.push(bytes.subarray(at, at + CHUNK_BYTES));
  };
  feed(MEMORY_BYTES / 2);
  const before = memoryMb();
  feed(MEMORY_BYTES);
  return { before, after: memoryMb() };
}

export default async function run(args: string[]): Promise<void> {
  const paths = args.flatMap((path) =>
    path.endsWith('/')
      ? readdirSync(path)
          .filter((name) => name.endsWith('.log'))
          .map((name) => path + name)
      : [path],
  );
  const bytes = inputOf(paths.length > 0 ? paths : [DEFAULT]);
  const lines = bytes
    .toString('latin1')
    .split(/\r?\n/)
    .filter((line) => line.startsWith('$'));
  readAll(bytes);
  bare(lines);
  const ours: number[] = [];
  const theirs: number[] = [];
  let last = { sentences: 0, fixes: 0 };
  for (let round = 0; round < ROUNDS; round++) {
    const our = timed(() => readAll(bytes));
    const their = timed(() => bare(lines));
    last = our.result;
    ours.push((our.result.sentences / our.ms) * 1000);
    theirs.push((lines.length / their.ms) * 1000);
  }
  const oursPerS = Math.round(median(ours));
  const barePerS = Math.round(median(theirs));
  console.log(
    JSON.stringify({
      bench: 'nmea',
      sentences: last.sentences,
      fixes: last.fixes,
      oursPerS,
      nmeaSimpleBarePerS: barePerS,
      ratio: Math.round((oursPerS / barePerS) * 100) / 100,
      memoryMb: memoryOver(bytes),
    }),
  );
}
