import type * as z from 'zod';
import { BULK_DICTIONARY, decodeBulk } from '../../protocol/codec.ts';
import { Status, UrgentBatch } from '../../protocol/messages.ts';
import { makeDeflate } from '../../runtime/deflate.ts';
import type { Batch } from '../core/ingest.ts';

const { inflate } = makeDeflate(BULK_DICTIONARY);

export function readJson(payload: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(payload).toString('utf8'));
  } catch {
    return undefined;
  }
}

export const readStatus = (payload: Uint8Array): z.infer<typeof Status> | undefined =>
  Status.safeParse(readJson(payload)).data;

/** The envelope of the `urgent` topic; the bodies keep the text that the van's CRC covers. */
export function readUrgent(van: string, payload: Uint8Array): Batch | undefined {
  const raw = readJson(payload);
  const batch = UrgentBatch.safeParse(raw).data;
  if (!batch) return undefined;
  // From the raw value: what a schema gives back has its keys in its own order.
  const bodies = (raw as { rows: { row: object }[] }).rows;
  return {
    van,
    journal: batch.journal,
    lane: 'urgent',
    prevCrc: batch.prevCrc,
    crc: batch.crc,
    rows: batch.rows.map(({ seq, after }, i) => ({ seq, after, text: JSON.stringify(bodies[i]!.row) })),
  };
}

export function readBulk(van: string, payload: Uint8Array): Batch | undefined {
  const batch = decodeBulk(payload, inflate);
  return (
    batch && {
      van,
      journal: batch.journal,
      lane: 'bulk',
      prevCrc: batch.prevCrc,
      crc: batch.crc,
      rows: batch.texts.map((text, i) => ({ seq: batch.from + i, text })),
    }
  );
}
