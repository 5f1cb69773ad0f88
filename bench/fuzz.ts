import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mutate, randomOf } from './fuzz/mutate.ts';
import { READERS, type ReaderKind, readerOf } from './fuzz/readers.ts';

/**
 * `npm run campaign devices`: mutations of recordings (our own, and the captures of real devices where they are at hand)
 * through the readers. No exception, no value out of range, no memory that grows. `-- <MB> <seed>` for longer ones; a
 * crasher is kept in a file whose name is printed.
 */
const SHARE: Readonly<Record<ReaderKind, number>> = { nmea: 0.55, vedirect: 0.27, at: 0.18 };
const DEFAULT_MB = 140;
const MAX_GROWTH_MB = 40;

const root = fileURLToPath(new URL('../', import.meta.url));
const FOLDERS: Readonly<Record<ReaderKind, readonly string[]>> = {
  nmea: ['tests/vectors/nmea', '../shared/captures/nmea'],
  vedirect: ['tests/vectors/vedirect', '../shared/captures/vedirect'],
  at: ['tests/vectors/at', '../shared/captures/at'],
};
const recordingsOf = (kind: ReaderKind): Buffer[] =>
  FOLDERS[kind]
    .map((folder) => join(root, folder))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) =>
      readdirSync(folder)
        .filter((name) => /\.(nmea|log|bin|dump|txt)$/.test(name))
        .map((name) => readFileSync(join(folder, name))),
    );

const rssMb = () => {
  globalThis.gc?.();
  return process.memoryUsage().rss / 1e6;
};

/** Feeds `bytes` of mutations in pieces of random size; gives the figures, or the seed and bytes of a crasher. */
function campaign(kind: ReaderKind, bytes: number, seed: number) {
  const recordings = recordingsOf(kind);
  const random = randomOf(seed);
  const reader = readerOf(kind);
  const start = performance.now();
  let done = 0;
  let given = 0;
  let warmMb = 0;
  while (done < bytes) {
    const piece = mutate(recordings, random);
    const cut = Math.floor(random() * piece.length);
    try {
      given += reader.push(piece.subarray(0, cut)) + reader.push(piece.subarray(cut));
    } catch (error) {
      const file = join(mkdtempSync(join(tmpdir(), 'tournee-fuzz-')), `${kind}-${seed}-${done}.bin`);
      writeFileSync(file, piece);
      return { kind, seed, failed: error instanceof Error ? error.message : String(error), file };
    }
    done += piece.length;
    if (warmMb === 0 && done > bytes / 4) warmMb = rssMb();
  }
  given += reader.flush();
  const grownMb = Math.round(rssMb() - warmMb);
  const mbPerS = Math.round(bytes / 1e3 / (performance.now() - start));
  const figures = {
    kind,
    seed,
    mb: Math.round(done / 1e6),
    mbPerS,
    recordings: recordings.length,
    given,
    grownMb,
  };
  return grownMb > MAX_GROWTH_MB ? { ...figures, failed: `grew by ${grownMb} MB` } : figures;
}

export default async function run(args: string[]): Promise<void> {
  const mb = Number(args[0] ?? DEFAULT_MB);
  const seed = Number(args[1] ?? 20_261_124);
  for (const kind of READERS) {
    const figures = campaign(kind, mb * 1e6 * SHARE[kind], seed);
    console.log(JSON.stringify(figures));
    if ('failed' in figures) process.exitCode = 1;
  }
}
