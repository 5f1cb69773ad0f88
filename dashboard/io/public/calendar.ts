import type { FastifyInstance } from 'fastify';
import type { Clock } from '../../../runtime/clock.ts';
import { atomOf } from '../../core/atom.ts';
import { calendarOf } from '../../core/calendar.ts';
import { communeOf } from '../../core/communes.ts';
import { inLanguage, type Site } from '../../web/tenant/shell.tsx';
import { stopPath } from '../../web/tenant/stopPage.tsx';
import { give, makeAnswers } from './answers.ts';
import { problem } from './api.ts';
import type { LivingBoard } from './livingBoard.ts';
import { languageOf } from './pages.ts';

/** `/public/v1/communes/<insee>/visits.ics` and `visits.atom`. */
const AGE_MS = 60_000;
const KINDS = {
  ics: { type: 'text/calendar; charset=utf-8', cache: 'public, max-age=300' },
  atom: { type: 'application/atom+xml; charset=utf-8', cache: 'public, max-age=60' },
} as const;

export function addCalendar(app: FastifyInstance, board: LivingBoard, clock: Clock, site: Site): void {
  const answers = makeAnswers(AGE_MS);
  for (const kind of ['ics', 'atom'] as const)
    app.get<{ Params: { insee: string } }>(
      `/public/v1/communes/:insee/visits.${kind}`,
      { schema: { tags: ['public'], summary: `A commune's visits to subscribe to (${kind})` } },
      (request, reply) => {
        const { insee } = request.params;
        const visits = board.current().byCommune.get(insee) ?? [];
        const first = visits[0]?.facts.name;
        const commune = communeOf(insee) ?? (first ? { insee, name: first, postcodes: [] } : undefined);
        if (!commune) return problem(reply, 404, 'no such commune');
        const language = languageOf(request);
        const now = clock.nowMs();
        const answer = answers.of(`${kind} ${insee} ${language}`, `${board.version(insee)}`, now, () => {
          const url = `${site.origin}${inLanguage(stopPath(commune), language)}`;
          const self = `${site.origin}/public/v1/communes/${insee}/visits.${kind}`;
          const of = {
            commune: commune.name,
            language,
            url,
            self,
            host: new URL(site.origin).host,
            visits,
            nowMs: now,
          };
          return { type: KINDS[kind].type, body: kind === 'ics' ? calendarOf(of) : atomOf(of) };
        });
        if (kind === 'ics')
          reply.header('content-disposition', `inline; filename="agence-${commune.insee}.ics"`);
        return give(request, reply, answer, KINDS[kind].cache);
      },
    );
}
