import { crc32 } from './crc.ts';
import type { Lane } from './rows.ts';

/**
 * A row's canonical text is the JSON that `JSON.stringify` gives for it, keys in the order in which the van wrote them.
 * Its UTF-8 bytes are what the running CRC covers, what the depot stores, and what `export` prints on both sides.
 */
const utf8 = new TextEncoder();

/** Canonical text of a row; parsing it and printing it again gives the same text. */
export function canonicalText(row: object): string {
  // Twice: an integer-like key moves to the front when parsed, and only then stays where it is.
  return JSON.stringify(JSON.parse(JSON.stringify(row)));
}

/** Rows are short: one buffer serves them all. */
const buffer = new Uint8Array(4096);

/** Running CRC-32 of a lane after one more row. */
export function crcAfter(previous: number, text: string): number {
  // A code unit takes three bytes at most.
  if (text.length * 3 > buffer.length) return crc32(utf8.encode(text), previous);
  return crc32(buffer, previous, utf8.encodeInto(text, buffer).written);
}

type GapText = { kind: 'gap'; lane: string; from: number; to: number; crc?: number };

/** The gap that `text` is, when it stands in `lane` under `seq`; undefined for every other row. */
export function gapAt(lane: Lane, seq: number, text: string): GapText | undefined {
  if (!text.startsWith('{"kind":"gap"')) return undefined;
  const row = JSON.parse(text) as GapText;
  return row.lane === lane && row.to === seq && row.from >= 1 && row.from <= seq ? row : undefined;
}

/**
 * Running CRC after a row of a lane. A gap row that names what went from its own lane carries the CRC that the lane had
 * there: the chain goes on from it, and no row behind it changes.
 */
export function runCrc(previous: number, lane: Lane, seq: number, text: string): number {
  return gapAt(lane, seq, text)?.crc ?? crcAfter(previous, text);
}

/**
 * Journals in the order of their chain: each after the one that it names as its predecessor, in the given order where
 * nothing says more (roots, and branches after a rolled-back file).
 */
export function chainOrder<J extends { readonly journal: string; readonly previous?: string | undefined }>(
  journals: readonly J[],
): J[] {
  const known = new Set(journals.map((j) => j.journal));
  const followers = new Map<string | undefined, J[]>();
  for (const j of journals) {
    const before =
      j.previous !== undefined && known.has(j.previous) && j.previous !== j.journal ? j.previous : undefined;
    followers.set(before, [...(followers.get(before) ?? []), j]);
  }
  const ordered: J[] = [];
  const pending = [...(followers.get(undefined) ?? [])].reverse();
  const seen = new Set<string>();
  for (let next = pending.pop(); next; next = pending.pop()) {
    if (seen.has(next.journal)) continue;
    seen.add(next.journal);
    ordered.push(next);
    pending.push(...[...(followers.get(next.journal) ?? [])].reverse());
  }
  // A ring names no root: nothing may be left out.
  return [...ordered, ...journals.filter((j) => !seen.has(j.journal))];
}
