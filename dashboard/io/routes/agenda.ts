import { parse } from 'csv-parse/sync';
import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import { Agenda } from '../../../protocol/agenda.ts';
import { localDate } from '../../../visit/format.ts';
import { agendaChanges, forbidden } from '../../core/agendaChanges.ts';
import { agendaIcal, linesOfIcal } from '../../core/agendaIcal.ts';
import { agendaWarnings } from '../../core/agendaLint.ts';
import { agendaOfVan, VAN_DAYS_AHEAD } from '../../core/agendaOfVan.ts';
import { agendaPreview } from '../../core/agendaPreview.ts';
import { type AgendaLine, agendaTable, mergeTable } from '../../core/agendaTable.ts';
import { csvOf } from '../../core/csv.ts';
import { bodyOf, jsonSchema, notFound, type RouteDeps } from './deps.ts';

const Draft = z.strictObject({ base: z.number().int().min(0), agenda: Agenda });
const Publish = Draft.extend({ why: z.string().trim().min(1).max(200) });
const Import = z.strictObject({ name: z.string().max(200), text: z.string().max(4_000_000) });
const Back = z.strictObject({ version: z.number().int().min(0) });
const Give = z.strictObject({ date: z.string(), from: z.string().max(31), to: z.string().max(31) });

/** The agenda: read, check, preview, publish, go back, import and export. */
export function addAgendaRoutes(app: FastifyInstance, deps: RouteDeps): void {
  const { agenda, views, clock, fleet } = deps;
  const tags = ['agenda'];
  const reader = { config: { role: 'reader' as const }, schema: { tags } };
  const planner = (body: z.ZodType) => ({
    config: { role: 'planner' as const },
    schema: { tags, body: jsonSchema(body) },
  });
  const current = () => {
    const held = agenda.current();
    if (!held) throw notFound('agenda');
    return held;
  };
  const today = () => localDate(clock.nowMs(), current().timezone);
  const taken = () =>
    [...views.state().vans.values()].map(({ view }) => ({
      van: view.van,
      version: view.agenda.taken ?? null,
    }));

  app.get('/api/agenda', reader, (_request, reply) => {
    const rest = {
      publishedAt: new Date(agenda.publishedAt()).toISOString(),
      problems: agenda.problems(),
      taken: taken(),
    };
    const text = `{"agenda":${textOf(current())},${JSON.stringify(rest).slice(1)}`;
    return reply.type('application/json; charset=utf-8').send(text);
  });
  app.get('/api/agenda/versions', reader, () => ({ versions: agenda.versions(200) }));
  app.get<{ Params: { version: string } }>('/api/agenda/versions/:version', reader, (request) => {
    const held = agenda.version(Number(request.params.version));
    if (!held) throw notFound('version');
    return held;
  });

  /** What would change, what the lint says, what tenants of each commune would read, what would not fit a van. */
  app.post('/api/agenda/preview', planner(Draft), (request) => {
    const { agenda: draft } = bodyOf(Draft, request.body);
    const changes = agendaChanges(current(), draft);
    return {
      changes,
      forbidden: forbidden(changes, today()).map(({ visit }) => visit),
      lint: agendaWarnings(draft, today()),
      communes: agendaPreview(current(), draft, views.state(), clock.nowMs()),
      shortened: fleet.ids.flatMap((van) => {
        const { daysAhead } = agendaOfVan(draft, van, today(), [], fleet.ids.length === 1);
        return daysAhead < VAN_DAYS_AHEAD ? [{ van, daysAhead }] : [];
      }),
    };
  });
  app.post('/api/agenda', planner(Publish), (request, reply) => {
    const { base, agenda: draft, why } = bodyOf(Publish, request.body);
    if (forbidden(agendaChanges(current(), draft), today()).length > 0)
      return reply.code(409).send({ error: 'a visit of today is cancelled, never removed' });
    const result = agenda.publish(draft, base, request.person!.name, why);
    return reply
      .code(result.kind === 'conflict' ? 409 : 200)
      .send(
        result.kind === 'conflict'
          ? { error: `version ${result.version} was published meanwhile`, ...result }
          : result,
      );
  });
  app.post('/api/agenda/back', planner(Back), (request, reply) => {
    const { version } = bodyOf(Back, request.body);
    const held = agenda.version(version);
    if (!held) throw notFound('version');
    // Today's visits that came since are cancelled, not removed: tenants were told of them.
    const names = new Set(held.visits.map((visit) => visit.id));
    const kept = current()
      .visits.filter((visit) => visit.date === today() && !names.has(visit.id))
      .map((visit) => ({ ...visit, cancelled: visit.cancelled ?? { reason: 'planning corrigé' } }));
    const stops = new Map([...current().stops, ...held.stops].map((stop) => [stop.id, stop]));
    const back = { ...held, stops: [...stops.values()], visits: [...held.visits, ...kept] };
    return reply.send(agenda.publish(back, current().version, request.person!.name, `back:${version}`));
  });
  /** A day is given to another van in one act. */
  app.post('/api/agenda/give', planner(Give), (request, reply) => {
    const { date, from, to } = bodyOf(Give, request.body);
    if (!views.state().vans.has(to)) throw notFound('van');
    const held = current();
    const only = fleet.ids.length === 1;
    const visits = held.visits.map((visit) =>
      visit.date === date && (visit.van === from || (only && !visit.van)) ? { ...visit, van: to } : visit,
    );
    return reply.send(
      agenda.publish(
        { ...held, visits },
        held.version,
        request.person!.name,
        `given:${date}, ${from} → ${to}`,
      ),
    );
  });

  app.get('/api/agenda.csv', reader, (_request, reply) =>
    reply
      .type('text/csv; charset=utf-8')
      .header('content-disposition', 'attachment; filename="agenda.csv"')
      .send(csvOf(agendaTable(current()))),
  );
  app.get('/api/agenda.ics', reader, (_request, reply) =>
    reply
      .type('text/calendar; charset=utf-8')
      .header('content-disposition', 'attachment; filename="agenda.ics"')
      .send(agendaIcal(current(), agenda.publishedAt())),
  );
  /** Gives the draft that a CSV or iCal file would make; nothing is published. */
  app.post('/api/agenda/import', planner(Import), (request, reply) => {
    const { text } = bodyOf(Import, request.body);
    let lines: readonly AgendaLine[];
    try {
      lines = linesOf(text, current());
    } catch (error) {
      return reply.code(400).send({ error: (error as Error).message });
    }
    const draft = Agenda.safeParse(mergeTable(current(), lines));
    if (!draft.success) return reply.code(400).send({ error: z.prettifyError(draft.error) });
    return reply.send({ base: current().version, agenda: draft.data });
  });
}

const texts = new WeakMap<Agenda, string>();
/** A quarter of 50 vans is half a megabyte: written once a version. */
function textOf(agenda: Agenda): string {
  const text = texts.get(agenda) ?? JSON.stringify(agenda);
  texts.set(agenda, text);
  return text;
}

/** The one that its first line uses most: a place's name may hold the others. */
function delimiterOf(text: string): string {
  const head = text.slice(0, text.search(/[\r\n]|$/));
  const uses = (sign: string) => head.split(sign).length;
  return [';', ',', '\t'].reduce((most, sign) => (uses(sign) > uses(most) ? sign : most));
}

/** Throws in words what the file lacks. */
function linesOf(text: string, agenda: Agenda): readonly AgendaLine[] {
  if (/^\uFEFF?BEGIN:VCALENDAR/.test(text)) {
    const { lines, unknown } = linesOfIcal(text, agenda);
    if (unknown.length > 0) throw new Error(`no known place: ${unknown.slice(0, 5).join(', ')}`);
    return lines;
  }
  return parse(text, {
    bom: true,
    columns: true,
    delimiter: delimiterOf(text),
    trim: true,
    skip_empty_lines: true,
    relax_column_count_less: true,
    max_record_size: 10_000,
    to: 20_000,
  });
}
