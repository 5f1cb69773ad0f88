import type { FastifyInstance, FastifyRequest } from 'fastify';
import { instantOf } from '../../../visit/agenda.ts';
import { dayAgain } from '../../core/dayAgain.ts';
import { addDays, isDate } from '../../core/days.ts';
import { geojsonOf, gpxOf } from '../../core/trackFormats.ts';
import { verdictOf } from '../verdicts.ts';
import { notFound, type RouteDeps } from './deps.ts';

type Day = { Params: { van: string; date: string } };

/** A day again: every look at a track is in the access journal. */
export function addDayRoutes(app: FastifyInstance, deps: RouteDeps): void {
  const { store, views, agenda, journal, ledger } = deps;
  const reader = { config: { role: 'reader' as const }, schema: { tags: ['days'] } };

  const rowsOf = async (request: FastifyRequest<Day>, what: 'day' | 'export') => {
    const { van, date } = request.params;
    if (!views.state().vans.has(van)) throw notFound('van');
    if (!isDate(date)) throw Object.assign(new Error('expected YYYY-MM-DD'), { statusCode: 400 });
    journal.note(request.person!.name, van, what, date);
    const timezone = agenda.current()?.timezone ?? 'Europe/Paris';
    const fromMs = instantOf(date, '00:00', timezone);
    return {
      van,
      date,
      fromMs,
      rows: await store.rowsOfVan(van, fromMs, instantOf(addDays(date, 1), '00:00', timezone)),
    };
  };
  app.get<Day>('/api/vans/:van/days/:date', reader, async (request) => {
    const { van, date, fromMs, rows } = await rowsOf(request, 'day');
    const verdict = await verdictOf(store, van, fromMs, rows);
    if (verdict.kind !== 'not_comparable') views.judge(van, date, verdict.kind === 'differs');
    return { van, date, ...dayAgain(rows), verdict, visits: await ledger.day(van, date) };
  });
  app.get<Day>('/api/vans/:van/days/:date/track.gpx', reader, async (request, reply) => {
    const { van, date, rows } = await rowsOf(request, 'export');
    reply
      .type('application/gpx+xml')
      .header('content-disposition', `attachment; filename="${van}-${date}.gpx"`);
    return gpxOf(`${van} ${date}`, dayAgain(rows).track);
  });
  app.get<Day>('/api/vans/:van/days/:date/track.geojson', reader, async (request, reply) => {
    const { van, date, rows } = await rowsOf(request, 'export');
    return reply
      .type('application/geo+json')
      .send(JSON.stringify(geojsonOf(`${van} ${date}`, dayAgain(rows).track)));
  });
  /** Where the vans are, for another map; a look at positions like any other. */
  app.get('/api/positions.geojson', reader, (request, reply) => {
    const features = [...views.state().vans.values()].flatMap(({ view }) => {
      if (!view.position) return [];
      journal.note(request.person!.name, view.van, 'positions');
      const { latitude, longitude, ...properties } = view.position;
      return [
        {
          type: 'Feature',
          properties: { van: view.van, freshness: view.freshness, ...properties },
          geometry: { type: 'Point', coordinates: [longitude, latitude] },
        },
      ];
    });
    return reply.type('application/geo+json').send(JSON.stringify({ type: 'FeatureCollection', features }));
  });
}
