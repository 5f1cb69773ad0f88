import * as z from 'zod';
import { Agenda } from './agenda.ts';
import { LanePosition } from './rows.ts';

/** Payloads of the JSON topics (DESIGN §4). The `bulk` batch is binary: codec.ts. */

const Iso = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const Uuid = z.string().regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/);

/** Journals that one `ask` may name. */
export const MAX_ASKED_JOURNALS = 200;

export const Status = z.object({
  state: z.enum(['online', 'offline']),
  /** Minted at each connect; an `offline` of an older session is ignored. */
  session: z.string().min(1).max(40),
  at: Iso.nullable(),
  software: z.string().max(40).optional(),
  journal: Uuid.optional(),
  /** Version of the agenda in force on the van. */
  agenda: z.number().int().min(0).optional(),
  duty: z.boolean().optional(),
  reason: z.string().max(80).optional(),
  /** Fresh at each connect: only a receipt that echoes it may rewind the van's cursors. */
  ask: z.string().max(40).optional(),
  /** The journals asked about, oldest first; absent: `journal` alone. The depot answers one receipt for each. */
  asks: z.array(Uuid).max(MAX_ASKED_JOURNALS).optional(),
  /** How each lane stands on the van: last seq, rows waiting, age of the oldest. */
  backlog: z.object({ rows: z.number().int().min(0), oldestS: z.number().min(0).optional() }).optional(),
});
export type Status = z.infer<typeof Status>;

export const Position = z.object({
  at: Iso,
  latitude: z.number().min(-90).max(90),
  longitude: z.number().min(-180).max(180),
  accuracyM: z.number().min(0).optional(),
  moving: z.boolean(),
  fixAgeMs: z.number().min(0),
});
export type Position = z.infer<typeof Position>;

/** Rows of the urgent lane; `row` is kept as it came, its canonical bytes are its own JSON text. */
export const UrgentBatch = z.object({
  journal: Uuid,
  /** Running CRC-32 of the lane before the first row. */
  prevCrc: z.number().int().min(0).max(0xffffffff),
  rows: z
    .array(
      z.object({
        seq: z.number().int().min(1).max(Number.MAX_SAFE_INTEGER),
        /** The bulk seq that this row follows. */
        after: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
        row: z.record(z.string(), z.unknown()),
      }),
    )
    .min(1)
    .max(200),
  /** Running CRC-32 after the last row. */
  crc: z.number().int().min(0).max(0xffffffff),
});
export type UrgentBatch = z.infer<typeof UrgentBatch>;

export const Receipt = z.object({
  journal: Uuid,
  ask: z.string().max(40).optional(),
  lanes: z.object({ urgent: LanePosition, bulk: LanePosition }),
});
export type Receipt = z.infer<typeof Receipt>;

/** Looks that one `looked` may tell: the newest. */
export const MAX_LOOKS = 50;

export const CabMessage = z.union([
  z.object({ watched: z.literal(true) }),
  z.object({
    key: z.string().max(64),
    at: Iso,
    text: z.string().min(1).max(500),
    from: z.string().max(60).optional(),
  }),
  z.object({ revoke: z.literal(true), reason: z.string().max(120).optional() }),
  z.object({ ask: z.literal(true) }),
  /** An alert was seen at head office. */
  z.object({ acknowledge: z.string().min(1).max(80) }),
  /** Who looked at this van in the last 24 h, newest first: the depot's access journal, whole each time. */
  z.object({
    looked: z
      .array(
        z.object({
          at: Iso,
          who: z.string().min(1).max(60),
          role: z.enum(['reader', 'planner', 'administrator']).optional(),
          what: z.enum(['live', 'day', 'export', 'positions']),
        }),
      )
      .max(MAX_LOOKS),
  }),
]);
export type CabMessage = z.infer<typeof CabMessage>;

export { Agenda };
/** Largest payload that either side sends or takes. */
export const MAX_PAYLOAD_BYTES = 64 * 1024;
/** The agenda as sent to a van. */
export const MAX_AGENDA_BYTES = 60 * 1024;
