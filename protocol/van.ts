import * as z from 'zod';

/** A van's id: topic level, MQTT user name and credential name at once (DESIGN §4). */
export const VanId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{1,30}$/, 'a van id is 2 to 31 of a-z, 0-9 and "-", not starting with "-"');
export type VanId = z.infer<typeof VanId>;
