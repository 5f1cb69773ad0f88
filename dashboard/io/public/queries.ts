import * as z from 'zod';

/** What the public routes may be asked, and their answer to what they do not understand. */
export const Insee = z.string().regex(/^(\d{2}|2[AB])\d{3}$/, 'expected an INSEE code, such as 37130');
const LocalDate = z.iso.date('expected YYYY-MM-DD');

export const VisitsQuery = z.object({
  commune: Insee.optional(),
  from: LocalDate.optional(),
  to: LocalDate.optional(),
});
export const ChangesQuery = z.object({
  commune: Insee.optional(),
  lastEventId: z.string().max(40).optional(),
});
export const Problem = z.strictObject({ error: z.string() });
