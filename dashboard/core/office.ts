import * as z from 'zod';
import { ACTS, PRESENCE_STATES } from '../../protocol/presence.ts';

/**
 * What people at head office write (issue 8): a correction overrules a visit, an office act tells for the crew
 * («dit par le siège»). Nothing is ever overwritten: a later word stands over an earlier one, and both stay.
 */
const Iso = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const Id = z.string().min(1).max(64);
const written = { by: z.string().min(1).max(60), at: Iso };

export const CorrectionRequest = z.strictObject({
  visit: Id,
  state: z.enum(PRESENCE_STATES),
  /** What was really held, when the state is one that was held. */
  from: Iso.optional(),
  to: Iso.optional(),
  reason: z.string().trim().min(3).max(200),
});
export const Correction = CorrectionRequest.extend({
  kind: z.literal('correction'),
  id: Id,
  ...written,
  /** Withdraws the correction named: the van's verdict stands again. */
  withdraws: Id.optional(),
});
export type Correction = z.infer<typeof Correction>;

export const OfficeActRequest = z.strictObject({
  visit: Id,
  act: z.enum(ACTS).exclude(['off_duty', 'on_duty', 'pause']),
  minutes: z.number().int().min(1).max(600).optional(),
  reason: z.string().trim().min(1).max(120).optional(),
  place: z
    .strictObject({
      latitude: z.number().min(-90).max(90).optional(),
      longitude: z.number().min(-180).max(180).optional(),
      name: z.string().trim().min(1).max(120),
    })
    .optional(),
  /** Makes a double click one act. */
  key: Id,
});
export const OfficeAct = OfficeActRequest.extend({ kind: z.literal('act'), ...written });
export type OfficeAct = z.infer<typeof OfficeAct>;

export type OfficeWord = Correction | OfficeAct;

/** The correction that stands: the last one that no later word withdraws. */
export function effectiveCorrection(words: readonly OfficeWord[]): Correction | undefined {
  const withdrawn = new Set(
    words.flatMap((w) => (w.kind === 'correction' && w.withdraws ? [w.withdraws] : [])),
  );
  return words.findLast(
    (w): w is Correction => w.kind === 'correction' && !w.withdraws && !withdrawn.has(w.id),
  );
}

/** Acts told by the office, in the order in which they were told. */
export const officeActs = (words: readonly OfficeWord[]): OfficeAct[] =>
  words.filter((w): w is OfficeAct => w.kind === 'act');
