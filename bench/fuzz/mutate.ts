/** Mutations of recordings, the same for the same seed. */
export type Random = () => number;

/** mulberry32. */
export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const below = (random: Random, limit: number) => Math.floor(random() * limit);
const ODD_BYTES = [0x24, 0x2a, 0x2c, 0x0d, 0x0a, 0x09, 0x3a, 0x22, 0x00, 0xff, 0x2d, 0x2e, 0x30, 0x39];

type Mutation = (bytes: Buffer, random: Random) => Buffer;
const spanOf = (bytes: Buffer, random: Random, longest: number) => {
  const start = below(random, bytes.length + 1);
  return [start, Math.min(bytes.length, start + 1 + below(random, longest))] as const;
};
const MUTATIONS: readonly Mutation[] = [
  (bytes, random) => {
    if (bytes.length > 0) bytes[below(random, bytes.length)]! ^= 1 << below(random, 8);
    return bytes;
  },
  (bytes, random) => {
    if (bytes.length > 0) bytes[below(random, bytes.length)] = ODD_BYTES[below(random, ODD_BYTES.length)]!;
    return bytes;
  },
  (bytes, random) => {
    const [start, end] = spanOf(bytes, random, 120);
    return Buffer.concat([bytes.subarray(0, start), bytes.subarray(end)]);
  },
  (bytes, random) => {
    const [start, end] = spanOf(bytes, random, 200);
    return Buffer.concat([bytes.subarray(0, end), bytes.subarray(start)]);
  },
  (bytes, random) => {
    const at = below(random, bytes.length + 1);
    const noise = Buffer.from(Array.from({ length: below(random, 60) }, () => below(random, 256)));
    return Buffer.concat([bytes.subarray(0, at), noise, bytes.subarray(at)]);
  },
  // A digit becomes another, which a checksum alone must find.
  (bytes, random) => {
    const digits = [...bytes.keys()].filter((i) => bytes[i]! >= 0x30 && bytes[i]! <= 0x39);
    if (digits.length > 0) bytes[digits[below(random, digits.length)]!] = 0x30 + below(random, 10);
    return bytes;
  },
];

/** A piece of one of the recordings, changed in up to eight ways; now and then noise alone. */
export function mutate(recordings: readonly Buffer[], random: Random): Buffer {
  if (random() < 0.02) return Buffer.from(Array.from({ length: 2000 }, () => below(random, 256)));
  const source = recordings[below(random, recordings.length)]!;
  const start = below(random, source.length);
  let bytes: Buffer = Buffer.from(source.subarray(start, start + 200 + below(random, 3000)));
  for (let i = below(random, 9); i > 0; i--)
    bytes = MUTATIONS[below(random, MUTATIONS.length)]!(bytes, random);
  return bytes;
}
