import { BULK_DICTIONARY, encodeBulk } from '../../protocol/codec.ts';
import { MAX_PAYLOAD_BYTES } from '../../protocol/messages.ts';
import type { Lane } from '../../protocol/rows.ts';
import { makeDeflate } from '../../runtime/deflate.ts';
import type { Journal, JournalRow } from './journal.ts';

const { deflate } = makeDeflate(BULK_DICTIONARY);
/** Topic and headers need some room too. */
const PAYLOAD_MAX = MAX_PAYLOAD_BYTES - 256;

export type Payload = { readonly to: number; readonly bytes: Uint8Array };

/**
 * The payload of a lane from `from` on: up to `limit` rows, fewer when they do not fit. A single row that does not fit
 * is replaced by a gap row. Undefined when there is no row.
 */
export function payloadOf(
  journal: Journal,
  id: string,
  lane: Lane,
  from: number,
  limit: number,
): Payload | undefined {
  for (let most = limit; most >= 1; ) {
    const { prevCrc, rows } = journal.outbox(id, lane, from, most);
    const last = rows.at(-1);
    if (!last) return undefined;
    const bytes = lane === 'urgent' ? urgentJson(id, prevCrc, rows) : bulkBatch(id, prevCrc, rows);
    if (bytes.length <= PAYLOAD_MAX) return { to: last.seq, bytes };
    if (rows.length > 1) most = Math.floor(rows.length / 2);
    else if (last.row.kind === 'gap') return undefined;
    else journal.refuse(id, lane, last.seq);
  }
  return undefined;
}

const bulkBatch = (journal: string, prevCrc: number, rows: readonly JournalRow[]) =>
  encodeBulk(
    { journal, from: rows[0]!.seq, prevCrc, crc: rows.at(-1)!.crc, texts: rows.map((r) => r.text) },
    deflate,
  );

/** Written by hand, so that each body is the very text that the CRC covers. */
function urgentJson(journal: string, prevCrc: number, rows: readonly JournalRow[]): Uint8Array {
  const bodies = rows.map(({ seq, after, text }) => `{"seq":${seq},"after":${after},"row":${text}}`);
  return Buffer.from(
    `{"journal":"${journal}","prevCrc":${prevCrc},"rows":[${bodies.join(',')}],"crc":${rows.at(-1)!.crc}}`,
  );
}
