import * as z from 'zod';
import { VanId } from './van.ts';

/**
 * The published tour: one form for the depot's file, the `agenda` topic, the van's cache and `replay` (DESIGN §6).
 * Local times are in `timezone`; `to` ≤ `from` ends the next day; lint warns, the schema alone refuses.
 */

const Id = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[^\s\p{Cc}]+$/u, 'an id has no blank and no control character');
const Text = (max: number) => z.string().min(1).max(max);
const Latitude = z.number().min(-90).max(90);
const Longitude = z.number().min(-180).max(180);
const LocalDate = z.string().regex(/^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/, 'expected YYYY-MM-DD');
const LocalTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$/, 'expected HH:MM');

export const Stop = z.object({
  id: Id,
  name: Text(120),
  /** INSEE code: five characters, Corsica 2A/2B. */
  commune: z.string().regex(/^(\d{2}|2[AB])\d{3}$/, 'expected an INSEE code, such as 37130'),
  lat: Latitude,
  lon: Longitude,
  /** Metres. */
  radius: z.number().min(1).max(5000),
  /** Ring of [lon, lat], in place of the circle; `lat, lon, radius` stay as its summary. */
  polygon: z
    .array(z.tuple([Longitude, Latitude]))
    .min(3)
    .max(200)
    .optional(),
  address: Text(200).optional(),
  access: Text(300).optional(),
  services: z.array(Text(60)).max(20).optional(),
  parking: z.object({ lat: Latitude, lon: Longitude }).optional(),
});
export type Stop = z.infer<typeof Stop>;

export const Visit = z.object({
  id: Id,
  stop: Id,
  date: LocalDate,
  from: LocalTime,
  to: LocalTime,
  van: VanId.optional(),
  cancelled: z.object({ reason: Text(120) }).optional(),
  movedTo: z
    .object({
      lat: Latitude,
      lon: Longitude,
      name: Text(120),
      radius: z.number().min(1).max(5000).optional(),
    })
    .optional(),
  services: z.array(Text(60)).max(20).optional(),
});
export type Visit = z.infer<typeof Visit>;

export const Agenda = z.object({
  version: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
  timezone: z.string().min(1).max(64),
  stops: z.array(Stop).max(5000),
  visits: z.array(Visit).max(20_000),
  vehicle: z.object({ startStop: z.boolean().optional() }).optional(),
  /** Acts (by key) that the depot had received when this was published: who had seen the other's word (DESIGN §1.9). */
  seen: z.array(z.string().max(64)).max(200).optional(),
});
export type Agenda = z.infer<typeof Agenda>;
