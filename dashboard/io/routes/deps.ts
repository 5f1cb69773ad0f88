import * as z from 'zod';
import type { AccessJournal } from '../accessJournal.ts';
import type { Auth } from '../auth.ts';
import type { CabTeller } from '../cabTeller.ts';
import type { Guard } from '../guard.ts';
import type { Ledger } from '../ledger.ts';
import type { Live } from '../live.ts';
import type { Retention } from '../retention.ts';
import type { ServerDeps } from '../server.ts';
import type { Watch } from '../watch.ts';
import type { Webhooks } from '../webhooks.ts';

export type RouteDeps = ServerDeps & {
  readonly auth: Auth;
  readonly guard: Guard;
  readonly live: Live;
  readonly watch: Watch;
  readonly journal: AccessJournal;
  readonly cabTeller: CabTeller;
  readonly ledger: Ledger;
  readonly retention: Retention;
  readonly webhooks: Webhooks;
  /** Opens the first account of a depot that has none; told in the log alone. */
  readonly setupCode: string | undefined;
};

/** Fastify takes draft-7 only (facts/dependencies.md T6); the same zod schema validates, documents and types. */
export const jsonSchema = (schema: z.ZodType): object => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { target: 'draft-7', io: 'input' });
  return rest;
};

/** Documented body, validated by zod itself: one vocabulary, one list of problems. */
export function bodyOf<S extends z.ZodType>(schema: S, body: unknown): z.output<S> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  throw Object.assign(new Error(z.prettifyError(result.error)), { statusCode: 400 });
}

export const notFound = (what: string) => Object.assign(new Error(`no such ${what}`), { statusCode: 404 });
