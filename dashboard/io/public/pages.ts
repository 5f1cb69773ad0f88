import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../../../runtime/clock.ts';
import type { Language } from '../../../visit/format.ts';
import { type Commune, communeOf, searchCommunes } from '../../core/communes.ts';
import type { Board } from '../../core/publicBoard.ts';
import { accessibilityPage } from '../../web/tenant/accessibilityPage.tsx';
import { homePage, nextOf } from '../../web/tenant/homePage.tsx';
import { notFoundPage } from '../../web/tenant/plainPage.tsx';
import { sheetPage } from '../../web/tenant/sheetPage.tsx';
import type { Site } from '../../web/tenant/shell.tsx';
import { inLanguage } from '../../web/tenant/shell.tsx';
import { stopPage, stopPath } from '../../web/tenant/stopPage.tsx';
import { widgetPage } from '../../web/tenant/widgetPage.tsx';
import { give, makeAnswers } from './answers.ts';
import { problem } from './api.ts';
import type { Changes } from './changes.ts';
import { CSP_FRAMED } from './headers.ts';
import type { LivingBoard } from './livingBoard.ts';

/** The tenants' HTML: `/`, `/c/<insee>-<name>`, its sheet, and the declaration of accessibility. */
type Query = { lang?: string; q?: string; still?: string };

const WEEK_MS = 7 * 86_400_000;
const MAX_SOON = 60;
const HTML = 'text/html; charset=utf-8';
const KINDS = {
  page: { path: '', make: stopPage },
  sheet: { path: '/affiche', make: sheetPage },
  widget: { path: '/widget', make: widgetPage },
} as const;
/** Nobody reads these addresses in a browser's window. */
const IS_FOR_MACHINES = /^\/(api|public|depot|metrics|assets)(\/|\?|$)/;
/** A page is rendered again after 10 s, so that the time it carries stays near. */
const PAGE_AGE_MS = 10_000;

export function addPages(
  app: FastifyInstance,
  board: LivingBoard,
  changes: Changes,
  clock: Clock,
  site: Site,
): void {
  const answers = makeAnswers(PAGE_AGE_MS);

  app.get<{ Querystring: Query }>('/', (request, reply) => {
    const language = languageOf(request);
    const typed = textOf(request.query.q)?.slice(0, 60);
    const now = clock.nowMs();
    const answer = answers.of(`/ ${language} ${typed ?? ''}`, `${board.version()}`, now, () => {
      const current = board.current();
      const body = homePage({
        site,
        language,
        board: current,
        nowMs: now,
        soon: soonOf(current, now),
        ...(typed ? { typed, found: searchCommunes(typed) } : {}),
      });
      return { body, type: HTML, mark: withoutTime(body) };
    });
    return give(request, reply, answer);
  });

  app.get<{ Params: { place: string }; Querystring: Query }>('/c/:place', (request, reply) =>
    ofCommune(request, reply, 'page'),
  );
  app.get<{ Params: { place: string }; Querystring: Query }>('/c/:place/affiche', (request, reply) =>
    ofCommune(request, reply, 'sheet'),
  );
  app.get<{ Params: { place: string }; Querystring: Query }>('/c/:place/widget', (request, reply) => {
    // The one page that any site may frame: it has no form and no power.
    reply.header('content-security-policy', CSP_FRAMED).removeHeader('x-frame-options');
    return ofCommune(request, reply, 'widget');
  });

  function ofCommune(
    request: FastifyRequest<{ Params: { place: string }; Querystring: Query }>,
    reply: FastifyReply,
    kind: keyof typeof KINDS,
  ) {
    const language = languageOf(request);
    const now = clock.nowMs();
    const insee = /^(\d[\dAB]\d{3})(?:-|$)/.exec(request.params.place)?.[1];
    const visits = insee ? (board.current().byCommune.get(insee) ?? []) : [];
    const commune = insee ? communeNamed(insee, visits[0]?.facts.name) : undefined;
    if (!commune) return notFound(reply, language, now);
    const path = stopPath(commune);
    if (request.params.place !== path.slice(3))
      return reply.redirect(inLanguage(`${path}${KINDS[kind].path}`, language), 301);
    const still = request.query.still === '1';
    const version = `${board.version(commune.insee)}`;
    const answer = answers.of(`${kind} ${commune.insee} ${language} ${still}`, version, now, () => {
      const body = KINDS[kind].make({
        site,
        language,
        commune,
        visits,
        nowMs: now,
        still,
        lastEvent: changes.lastId(),
      });
      return { body, type: HTML, mark: withoutTime(body) };
    });
    return give(request, reply, answer);
  }

  app.get<{ Querystring: Query }>('/accessibilite', (request, reply) => {
    const body = accessibilityPage(site, languageOf(request), clock.nowMs());
    return reply.type(HTML).header('cache-control', 'public, max-age=3600').send(body);
  });

  app.setNotFoundHandler((request, reply) => {
    if (IS_FOR_MACHINES.test(request.url)) return problem(reply, 404, 'no such address');
    return notFound(reply, languageOf(request), clock.nowMs());
  });

  function notFound(reply: FastifyReply, language: Language, now: number) {
    return reply
      .code(404)
      .type(HTML)
      .send(notFoundPage(site, language, now));
  }
}

export const languageOf = (request: FastifyRequest): Language =>
  (request.query as Query).lang === 'en' ? 'en' : 'fr';

/** A repeated parameter comes as an array: it is not what a form sends. */
const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;

const withoutTime = (html: string): string => html.replace(/data-now="\d+"( data-event="[\w-]*")?/, '');

/** A commune outside the department's table is named by its stop. */
const communeNamed = (insee: string, stopName: string | undefined): Commune | undefined =>
  communeOf(insee) ?? (stopName ? { insee, name: stopName.split(',')[0]!.trim(), postcodes: [] } : undefined);

function soonOf(board: Board, nowMs: number) {
  return [...board.byCommune]
    .flatMap(([insee, visits]) => {
      const told = nextOf(visits, nowMs);
      const commune = communeNamed(insee, visits[0]?.facts.name);
      return told && commune && told.facts.fromMs < nowMs + WEEK_MS ? [{ commune, told }] : [];
    })
    .sort((a, b) => a.told.facts.fromMs - b.told.facts.fromMs)
    .slice(0, MAX_SOON);
}
