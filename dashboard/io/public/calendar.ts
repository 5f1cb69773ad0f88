import type { FastifyInstance } from 'fastify';
import type { Clock } from '../../../runtime/clock.ts';
import { calendarOf } from '../../core/calendar.ts';
import { communeOf } from '../../core/communes.ts';
import { inLanguage, type Site } from '../../web/tenant/shell.tsx';
import { stopPath } from '../../web/tenant/stopPage.tsx';
import { give, makeAnswers } from './answers.ts';
import { problem } from './api.ts';
import type { LivingBoard } from './livingBoard.ts';
import { languageOf } from './pages.ts';

/** `/public/v1/communes/<insee>/visits.ics`. */
const AGE_MS = 60_000;

export function addCalendar(app: FastifyInstance, board: LivingBoard, clock: Clock, site: Site): void {
  const answers = makeAnswers(AGE_MS);
  app.get<{ Params: { insee: string } }>(
    '/public/v1/communes/:insee/visits.ics',
    { schema: { tags: ['public'], summary: "A commune's visits as a calendar to subscribe to" } },
    (request, reply) => {
      const { insee } = request.params;
      const visits = board.current().byCommune.get(insee);
      const known = communeOf(insee);
      if (!known && !visits) return problem(reply, 404, 'no such commune');
      const commune = known ?? { insee, name: visits![0]!.facts.name, postcodes: [] };
      const language = languageOf(request);
      const answer = answers.of(`${insee} ${language}`, `${board.version(insee)}`, clock.nowMs(), () => ({
        type: 'text/calendar; charset=utf-8',
        body: calendarOf({
          commune: commune.name,
          language,
          url: `${site.origin}${inLanguage(stopPath(commune), language)}`,
          host: new URL(site.origin).host,
          visits: visits ?? [],
        }),
      }));
      reply.header('content-disposition', `inline; filename="agence-${insee}.ics"`);
      return give(request, reply, answer, 'public, max-age=300');
    },
  );
}
