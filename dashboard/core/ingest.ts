import type * as z from 'zod';
import { gapAt, runCrc } from '../../protocol/canonical.ts';
import type { Lane, LanePosition } from '../../protocol/rows.ts';

/**
 * What the depot does with a batch (DESIGN §1.3, §1.10): stored only where it continues what is held. Order is the seq,
 * never the arrival; a hole is waited for; one journal has one history.
 */
export type Cursor = z.infer<typeof LanePosition>;
export type Cursors = Readonly<Record<Lane, Cursor>>;

export const START: Cursor = { upTo: 0, crc: 0 };

export type BatchRow = { readonly seq: number; readonly after?: number; readonly text: string };

/** One batch as it came off the wire, envelope read, bodies as text. */
export type Batch = {
  readonly van: string;
  readonly journal: string;
  readonly lane: Lane;
  readonly prevCrc: number;
  readonly crc: number;
  readonly rows: readonly BatchRow[];
};

export type Verdict =
  /** `rows` are new, each with the running CRC after it; the last gives the new cursor. */
  | { readonly decision: 'stored'; readonly rows: readonly (BatchRow & { readonly crc: number })[] }
  /** All of it is held already. */
  | { readonly decision: 'duplicate' }
  /** Rows before it are missing. */
  | { readonly decision: 'wait' }
  /** Another history under the same identity: a clone or a bug. Nothing is stored. */
  | { readonly decision: 'fork' }
  /** Its CRC does not vouch for its own rows, or its seqs do not follow each other. */
  | { readonly decision: 'broken' };
export type Decision = Verdict['decision'];

/** `crcAt` gives the running CRC that the depot holds after a seq, as far as it is still known. */
export function decide(batch: Batch, cursor: Cursor, crcAt: (seq: number) => number | undefined): Verdict {
  const first = batch.rows[0];
  if (!first) return { decision: 'broken' };
  // A gap row at the front stands for the rows that it names.
  const start = gapAt(batch.lane, first.seq, first.text)?.from ?? first.seq;
  const rows: (BatchRow & { crc: number })[] = [];
  let crc = batch.prevCrc;
  for (const [i, row] of batch.rows.entries()) {
    if (i > 0 && row.seq !== batch.rows[i - 1]!.seq + 1) return { decision: 'broken' };
    const { seq, after, text } = row;
    crc = runCrc(crc, batch.lane, seq, text);
    rows.push(after === undefined ? { seq, text, crc } : { seq, after, text, crc });
  }
  if (crc !== batch.crc) return { decision: 'broken' };
  if (start > cursor.upTo + 1) return { decision: 'wait' };

  const held = (seq: number) => (seq === cursor.upTo ? cursor.crc : seq === 0 ? 0 : crcAt(seq));
  const differs = (seq: number, theirs: number) => (held(seq) ?? theirs) !== theirs;
  if (differs(start - 1, batch.prevCrc)) return { decision: 'fork' };
  // What comes next in good order: the common case, and all of it is new.
  if (first.seq > cursor.upTo) return { decision: 'stored', rows };
  const known = rows.findLast((row) => row.seq <= cursor.upTo);
  if (known && differs(known.seq, known.crc)) return { decision: 'fork' };
  const fresh = rows.filter((row) => row.seq > cursor.upTo);
  return fresh.length > 0 ? { decision: 'stored', rows: fresh } : { decision: 'duplicate' };
}

/** Who writes for a van, as its live status messages tell. */
export type Identity = {
  readonly journal: string;
  readonly session: string;
  /** Journals that were current before; the last ones. */
  readonly past: readonly string[];
  readonly alternations: number;
};

const PAST_MAX = 20;

/**
 * The identity after a live `online` status. A restarted gateway never goes back to a journal that it has left; two
 * that write under one name alternate: that is a clone.
 */
export function stepIdentity(
  before: Identity | undefined,
  seen: { readonly journal: string; readonly session: string },
): Identity {
  if (!before) return { ...seen, past: [], alternations: 0 };
  if (seen.session === before.session || seen.journal === before.journal) return { ...before, ...seen };
  const back = before.past.includes(seen.journal);
  return {
    ...seen,
    past: [...before.past.filter((j) => j !== seen.journal), before.journal].slice(-PAST_MAX),
    alternations: before.alternations + (back ? 1 : 0),
  };
}
