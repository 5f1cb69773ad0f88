import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import { instantOf } from '../../../visit/agenda.ts';
import { addDays, isDate } from '../../core/days.ts';
import { bodyOf, jsonSchema, notFound, type RouteDeps } from './deps.ts';

/** Where somebody was and what the van measured meanwhile; verdicts and acts prove a service and stay their year. */
export const ERASED_KINDS = [
  'fix',
  'lost',
  'power',
  'link',
  'learnt',
  'snapshot',
  'event',
  'health',
] as const;

const Day = z.string().refine(isDate, 'expected YYYY-MM-DD');
const Erase = z.strictObject({ from: Day, to: Day, reason: z.string().trim().min(3).max(200) });
type ByVan = { Params: { van: string }; Querystring: { from?: string; to?: string } };

/** A driver's request (GDPR art. 15 and 17): everything of a van over days, and its erasure, written down. */
export function addPrivacyRoutes(app: FastifyInstance, deps: RouteDeps): void {
  const { store, journal, retention, fleet, agenda, log } = deps;
  const tags = ['privacy'];
  const spanOf = (van: string, from: string, to: string) => {
    if (!fleet.ids.includes(van)) throw notFound('van');
    if (!isDate(from) || !isDate(to) || to < from)
      throw Object.assign(new Error('expected from ≤ to, YYYY-MM-DD'), { statusCode: 400 });
    const timezone = agenda.current()?.timezone ?? 'Europe/Paris';
    return [instantOf(from, '00:00', timezone), instantOf(addDays(to, 1), '00:00', timezone)] as const;
  };

  app.get<ByVan>(
    '/api/vans/:van/everything.json',
    { config: { role: 'administrator' }, schema: { tags } },
    (request, reply) => {
      const { van } = request.params;
      const { from = '', to = '' } = request.query;
      const [fromMs, toMs] = spanOf(van, from, to);
      const looks = journal.between(van, new Date(fromMs).toISOString(), new Date(toMs).toISOString());
      journal.note(request.person!.name, van, 'export', from);
      async function* lines() {
        yield `{"van":${JSON.stringify(van)},"from":"${from}","to":"${to}","looks":${JSON.stringify(looks)},"rows":[`;
        let comma = '';
        // A day at a time: two months of a second each are not held in memory.
        for (let date = from; date <= to; date = addDays(date, 1)) {
          const [dayMs, endMs] = spanOf(van, date, date);
          for (const { text } of await store.rowsOfVan(van, dayMs, endMs)) {
            yield `${comma}\n${text}`;
            comma = ',';
          }
        }
        yield '\n]}\n';
      }
      return reply
        .type('application/json; charset=utf-8')
        .header('content-disposition', `attachment; filename="${van}-${from}-${to}.json"`)
        .send(Readable.from(lines()));
    },
  );

  app.post<ByVan>(
    '/api/vans/:van/erase',
    { config: { role: 'administrator' }, schema: { tags, body: jsonSchema(Erase) } },
    async (request) => {
      const { van } = request.params;
      const { from, to, reason } = bodyOf(Erase, request.body);
      const [fromMs, toMs] = spanOf(van, from, to);
      const rows = await store.erase(van, ERASED_KINDS, fromMs, toMs);
      retention.note(rows, { van, from, to, reason, by: request.person!.name });
      log.warn({ van, from, to, rows, by: request.person!.name }, 'erased on request');
      return { rows };
    },
  );
}
