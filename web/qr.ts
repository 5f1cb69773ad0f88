/**
 * A QR code of a short text (ISO/IEC 18004): byte mode, error correction M, versions 1-10 (≤ 213 bytes), the mask of
 * least penalty. Gives rows of dark modules; the quiet zone of four is the drawer's.
 */

/** By version: [codewords in all, error-correction codewords a block, blocks] at level M (table 9). */
const BLOCKS: readonly (readonly [number, number, number])[] = [
  [26, 10, 1],
  [44, 16, 1],
  [70, 26, 1],
  [100, 18, 2],
  [134, 24, 2],
  [172, 16, 4],
  [196, 18, 4],
  [242, 22, 4],
  [292, 22, 5],
  [346, 26, 5],
];
/** Centres of the alignment patterns (annex E). */
const ALIGNMENT: readonly (readonly number[])[] = [
  [],
  [6, 18],
  [6, 22],
  [6, 26],
  [6, 30],
  [6, 34],
  [6, 22, 38],
  [6, 24, 42],
  [6, 26, 46],
  [6, 28, 50],
];

type Grid = (boolean | undefined)[][];

/** Dark modules of the code for `text`; `undefined` when it is too long. */
export function qrCode(text: string): boolean[][] | undefined {
  const bytes = new TextEncoder().encode(text);
  const version = BLOCKS.findIndex(([all, ec, blocks], n) => {
    const capacity = all - ec * blocks;
    return bytes.length + (n + 1 < 10 ? 2 : 3) <= capacity;
  });
  if (version < 0) return undefined;
  const stream = interleaved(codewords(bytes, version + 1), version + 1);
  let best: { grid: boolean[][]; penalty: number } | undefined;
  for (let mask = 0; mask < 8; mask++) {
    const grid = drawn(stream, version + 1, mask);
    const penalty = penaltyOf(grid);
    if (!best || penalty < best.penalty) best = { grid, penalty };
  }
  return best?.grid;
}

/** Mode, length, bytes, terminator and padding, as codewords (§7.4). */
function codewords(bytes: Uint8Array, version: number): number[] {
  const [all, ec, blocks] = BLOCKS[version - 1]!;
  const capacity = all - ec * blocks;
  const bits: number[] = [];
  const put = (value: number, length: number) => {
    for (let n = length - 1; n >= 0; n--) bits.push((value >> n) & 1);
  };
  put(0b0100, 4);
  put(bytes.length, version < 10 ? 8 : 16);
  for (const byte of bytes) put(byte, 8);
  put(0, Math.min(4, capacity * 8 - bits.length));
  while (bits.length % 8 !== 0) bits.push(0);
  const words: number[] = [];
  for (let n = 0; n < bits.length; n += 8)
    words.push(bits.slice(n, n + 8).reduce((sum, bit) => sum * 2 + bit, 0));
  for (let pad = 0xec; words.length < capacity; pad ^= 0xfd) words.push(pad);
  return words;
}

const EXP: number[] = [];
const LOG: number[] = [];
for (let n = 0, x = 1; n < 255; n++) {
  EXP[n] = x;
  LOG[x] = n;
  x = x < 128 ? x * 2 : (x * 2) ^ 0x11d;
}
const times = (a: number, b: number) => (a === 0 || b === 0 ? 0 : EXP[(LOG[a]! + LOG[b]!) % 255]!);

/** Reed-Solomon remainder of `words` for `count` correction codewords (§7.5). */
function correction(words: readonly number[], count: number): number[] {
  let generator = [1];
  for (let n = 0; n < count; n++) {
    const next = [...generator, 0];
    generator.forEach((coefficient, i) => {
      next[i + 1] = next[i + 1]! ^ times(coefficient, EXP[n]!);
    });
    generator = next;
  }
  const rest = Array.from({ length: count }, () => 0);
  for (const word of words) {
    const factor = word ^ rest.shift()!;
    rest.push(0);
    for (let i = 0; i < count; i++) rest[i] = rest[i]! ^ times(generator[i + 1]!, factor);
  }
  return rest;
}

/** Blocks cut, corrected and dealt out in turn (§7.6); longer blocks come last. */
function interleaved(words: readonly number[], version: number): number[] {
  const [, ec, count] = BLOCKS[version - 1]!;
  const short = Math.floor(words.length / count);
  const long = words.length % count;
  const blocks: number[][] = [];
  for (let n = 0, at = 0; n < count; n++) {
    const length = short + (n >= count - long ? 1 : 0);
    blocks.push(words.slice(at, at + length));
    at += length;
  }
  const corrections = blocks.map((block) => correction(block, ec));
  const dealt: number[] = [];
  for (let n = 0; n <= short; n++) for (const block of blocks) if (n < block.length) dealt.push(block[n]!);
  for (let n = 0; n < ec; n++) for (const block of corrections) dealt.push(block[n]!);
  return dealt;
}

const MASKS: readonly ((row: number, column: number) => boolean)[] = [
  (r, c) => (r + c) % 2 === 0,
  (r) => r % 2 === 0,
  (_r, c) => c % 3 === 0,
  (r, c) => (r + c) % 3 === 0,
  (r, c) => (Math.floor(r / 2) + Math.floor(c / 3)) % 2 === 0,
  (r, c) => ((r * c) % 2) + ((r * c) % 3) === 0,
  (r, c) => (((r * c) % 2) + ((r * c) % 3)) % 2 === 0,
  (r, c) => (((r + c) % 2) + ((r * c) % 3)) % 2 === 0,
];

/** Finder, timing, alignment, format and version patterns, then the stream in its zigzag (§6.3, §7.7). */
function drawn(stream: readonly number[], version: number, mask: number): boolean[][] {
  const size = 17 + version * 4;
  const grid: Grid = Array.from({ length: size }, () => Array.from({ length: size }, () => undefined));
  const set = (row: number, column: number, dark: boolean) => {
    if (row >= 0 && row < size && column >= 0 && column < size) grid[row]![column] = dark;
  };
  const square = (row: number, column: number, radius: number, dark: (distance: number) => boolean) => {
    for (let r = -radius; r <= radius; r++)
      for (let c = -radius; c <= radius; c++)
        set(row + r, column + c, dark(Math.max(Math.abs(r), Math.abs(c))));
  };
  for (let n = 0; n < size; n++) {
    set(6, n, n % 2 === 0);
    set(n, 6, n % 2 === 0);
  }
  for (const [row, column] of [
    [3, 3],
    [3, size - 4],
    [size - 4, 3],
  ] as const)
    square(row, column, 4, (distance) => distance !== 2 && distance !== 4);
  const centres = ALIGNMENT[version - 1]!;
  const last = centres.at(-1);
  for (const row of centres)
    for (const column of centres) {
      const isFinder =
        (row === 6 && column === 6) || (row === 6 && column === last) || (row === last && column === 6);
      if (!isFinder) square(row, column, 2, (distance) => distance !== 1);
    }
  drawFormat(set, size, mask);
  if (version >= 7) drawVersion(set, size, version);
  fill(grid, stream, MASKS[mask]!);
  return grid as boolean[][];
}

type Set_ = (row: number, column: number, dark: boolean) => void;

/** Level M and the mask with their BCH code, twice (§7.9). */
function drawFormat(set: Set_, size: number, mask: number): void {
  let rest = mask;
  for (let n = 0; n < 10; n++) rest = (rest << 1) ^ ((rest >> 9) * 0x537);
  const bits = ((mask << 10) | rest) ^ 0x5412;
  const bit = (n: number) => ((bits >> n) & 1) === 1;
  for (let n = 0; n <= 5; n++) set(n, 8, bit(n));
  set(7, 8, bit(6));
  set(8, 8, bit(7));
  set(8, 7, bit(8));
  for (let n = 9; n < 15; n++) set(8, 14 - n, bit(n));
  for (let n = 0; n < 8; n++) set(8, size - 1 - n, bit(n));
  for (let n = 8; n < 15; n++) set(size - 15 + n, 8, bit(n));
  set(size - 8, 8, true);
}

/** The version with its Golay code, from version 7 (§7.10). */
function drawVersion(set: Set_, size: number, version: number): void {
  let rest = version;
  for (let n = 0; n < 12; n++) rest = (rest << 1) ^ ((rest >> 11) * 0x1f25);
  const bits = (version << 12) | rest;
  for (let n = 0; n < 18; n++) {
    const dark = ((bits >> n) & 1) === 1;
    set(Math.floor(n / 3), size - 11 + (n % 3), dark);
    set(size - 11 + (n % 3), Math.floor(n / 3), dark);
  }
}

function fill(grid: Grid, stream: readonly number[], mask: (row: number, column: number) => boolean): void {
  const size = grid.length;
  let at = 0;
  for (let right = size - 1; right >= 1; right -= 2) {
    if (right === 6) right = 5;
    const upward = ((right + 1) & 2) === 0;
    for (let step = 0; step < size; step++) {
      const row = upward ? size - 1 - step : step;
      for (const column of [right, right - 1]) {
        if (grid[row]![column] !== undefined) continue;
        const word = stream[at >> 3] ?? 0;
        grid[row]![column] = (((word >> (7 - (at & 7))) & 1) === 1) !== mask(row, column);
        at++;
      }
    }
  }
}

/** The four penalties of §7.8.3. */
function penaltyOf(grid: boolean[][]): number {
  const size = grid.length;
  let penalty = 0;
  const lines = [...grid, ...grid.map((_, c) => grid.map((row) => row[c]!))];
  for (const line of lines) {
    let run = 1;
    for (let n = 1; n <= size; n++) {
      if (n < size && line[n] === line[n - 1]) run++;
      else {
        if (run >= 5) penalty += run - 2;
        run = 1;
      }
    }
    const text = line.map((dark) => (dark ? '1' : '0')).join('');
    for (const pattern of ['10111010000', '00001011101'])
      for (let at = text.indexOf(pattern); at >= 0; at = text.indexOf(pattern, at + 1)) penalty += 40;
  }
  for (let r = 1; r < size; r++)
    for (let c = 1; c < size; c++) {
      const dark = grid[r]![c];
      if (dark === grid[r - 1]![c] && dark === grid[r]![c - 1] && dark === grid[r - 1]![c - 1]) penalty += 3;
    }
  const darks = grid.flat().filter(Boolean).length;
  return penalty + Math.floor(Math.abs((darks * 100) / (size * size) - 50) / 5) * 10;
}
