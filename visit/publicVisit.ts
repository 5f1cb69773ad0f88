import * as z from 'zod';
import { PRESENCE_STATES, STATEMENT_SOURCES } from '../protocol/presence.ts';
import { isoOf } from '../protocol/time.ts';
import type { PublicFacts } from './public.ts';
import type { PublicStatement } from './statement.ts';

/** The answer of `/public/v1` (DESIGN §7): these fields and no other; what is added to the facts stays inside. */

const Iso = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const LocalDate = z.string().regex(/^\d{4}-\d\d-\d\d$/);
const LocalTime = z.string().regex(/^\d\d:\d\d(:\d\d)?$/);

export const PublicPlaceJson = z.strictObject({
  name: z.string(),
  lat: z.number().optional(),
  lon: z.number().optional(),
});

export const PublicVisit = z.strictObject({
  id: z.string(),
  stop: z.string().describe('id of the stop'),
  name: z.string().describe('name of the stop'),
  commune: z.string().describe('INSEE code'),
  date: LocalDate.describe('local day of the visit'),
  from: LocalTime.describe('planned beginning, local time'),
  to: LocalTime.describe('planned end, local time; of the next day when not after `from`'),
  state: z.enum(PRESENCE_STATES),
  open: z.boolean().optional().describe('told by the crew; arrived is not open'),
  since: Iso.optional().describe('of the state: arrival, departure, last news'),
  source: z.enum(STATEMENT_SOURCES),
  expectedFrom: Iso.optional(),
  expectedTo: Iso.optional(),
  reason: z.string().optional(),
  movedTo: PublicPlaceJson.optional(),
  next: z.strictObject({ id: z.string(), date: LocalDate, from: LocalTime, to: LocalTime }).optional(),
  statement: z.strictObject({ fr: z.string(), en: z.string() }),
  at: Iso.describe('time of the newest news behind the statement'),
});
export type PublicVisit = z.infer<typeof PublicVisit>;

export const PublicVisits = z.strictObject({ at: Iso, visits: z.array(PublicVisit) });
export type PublicVisits = z.infer<typeof PublicVisits>;

export const PublicCommune = z.strictObject({
  insee: z.string(),
  name: z.string(),
  postcodes: z.array(z.string()),
  stops: z.array(
    z.strictObject({
      id: z.string(),
      name: z.string(),
      lat: z.number(),
      lon: z.number(),
      address: z.string().optional(),
      access: z.string().optional(),
      services: z.array(z.string()).optional(),
    }),
  ),
});
export type PublicCommune = z.infer<typeof PublicCommune>;
export const PublicCommunes = z.strictObject({ communes: z.array(PublicCommune) });

function sinceMs(statement: PublicStatement): number | undefined {
  if (statement.state === 'on_site') return statement.arrivedMs;
  if (statement.state === 'left') return statement.leftMs;
  return statement.state === 'unknown' ? statement.atMs : undefined;
}

/** The public form of a visit. Written field by field: a new private fact never slips through. */
export function publicVisitOf(facts: PublicFacts, statement: PublicStatement): PublicVisit {
  const since = sinceMs(statement);
  const { expectedFromMs, expectedToMs, movedTo } = statement;
  return {
    id: facts.id,
    stop: facts.stop,
    name: facts.name,
    commune: facts.commune,
    date: facts.date,
    from: facts.from,
    to: facts.to,
    state: statement.state,
    ...(statement.open === undefined ? {} : { open: statement.open }),
    ...(since === undefined ? {} : { since: isoOf(since) }),
    source: statement.source,
    ...(expectedFromMs === undefined ? {} : { expectedFrom: isoOf(expectedFromMs) }),
    ...(expectedToMs === undefined ? {} : { expectedTo: isoOf(expectedToMs) }),
    ...(statement.reason === undefined ? {} : { reason: statement.reason }),
    ...(movedTo
      ? {
          movedTo: {
            name: movedTo.name,
            ...(movedTo.lat === undefined || movedTo.lon === undefined
              ? {}
              : { lat: movedTo.lat, lon: movedTo.lon }),
          },
        }
      : {}),
    ...(facts.next
      ? {
          next: { id: facts.next.id, date: facts.next.date, from: facts.next.from, to: facts.next.to },
        }
      : {}),
    statement: { fr: statement.text.fr, en: statement.text.en },
    at: isoOf(statement.atMs),
  };
}
