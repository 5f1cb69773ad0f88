import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import * as z from 'zod';
import type { Clock } from '../../../runtime/clock.ts';
import { communeOf } from '../../core/communes.ts';
import type { Site } from '../../web/tenant/shell.tsx';
import { type SmsStep, smsPage } from '../../web/tenant/smsPage.tsx';
import { problem } from '../public/api.ts';
import { languageOf } from '../public/pages.ts';
import type { NoticeStore } from './noticeStore.ts';
import { makeSmsCodes } from './smsCodes.ts';
import { mobileNumber, type SmsGateway } from './smsGateway.ts';

/** `/c/<insee>-<name>/sms`: plain forms, so that they work on any phone; and the gateway's word of a STOP. */
export type SmsRouteDeps = {
  readonly store: NoticeStore;
  readonly gateway: SmsGateway;
  readonly incomingSecret?: string;
  readonly clock: Clock;
  readonly site: Site;
  readonly random?: () => number;
};
type Place = { Params: { place: string } };

const MAX_BODY_BYTES = 2048;
const CODE_TEXT = {
  fr: (code: string) => `Agence mobile: votre code est ${code}. Pas demande par vous? Ignorez ce message.`,
  en: (code: string) => `Mobile agency: your code is ${code}. Not asked by you? Ignore this message.`,
};
const WELCOME = {
  fr: (commune: string) => `${commune}: vous serez prevenu par SMS. Pour arreter, repondez STOP.`,
  en: (commune: string) => `${commune}: you will be told by SMS. To stop, answer STOP.`,
};
const Incoming = z.object({ from: z.string().max(30), text: z.string().max(500) });

export function addSmsRoutes(app: FastifyInstance, deps: SmsRouteDeps): { stop(): void } {
  const { store, gateway, clock, site } = deps;
  const codes = makeSmsCodes(clock, deps.random);

  void app.register(async (forms) => {
    forms.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string', bodyLimit: MAX_BODY_BYTES },
      (_request, body, done) => done(null, Object.fromEntries(new URLSearchParams(body as string))),
    );
    // A form of another site must not send messages in the name of its readers.
    forms.addHook('preHandler', async (request, reply) => {
      const from = request.headers['sec-fetch-site'];
      if (request.method === 'POST' && from !== undefined && from !== 'same-origin' && from !== 'none')
        return problem(reply, 403, 'cross-site');
    });

    forms.get<Place>('/c/:place/sms', (request, reply) => show(request, reply, { kind: 'number' }));

    forms.post<Place>('/c/:place/sms', async (request, reply) => {
      const number = mobileNumber(fieldOf(request, 'number'));
      if (!number) return show(request, reply, { kind: 'number', problem: 'number' }, 400);
      const commune = communeAt(request);
      const language = languageOf(request);
      const code = commune && codes.ask({ number, commune: commune.insee, language }, request.ip);
      if (!code) return show(request, reply, { kind: 'number', problem: 'limit' }, 429);
      await gateway.text(number, CODE_TEXT[language](code));
      return show(request, reply, { kind: 'code', number });
    });

    forms.post<Place>('/c/:place/sms/code', async (request, reply) => {
      const number = mobileNumber(fieldOf(request, 'number')) ?? '';
      const asked = codes.confirm(number, fieldOf(request, 'code'));
      if (!asked) return show(request, reply, { kind: 'code', number, problem: 'code' }, 400);
      store.add('sms', number, number, asked.commune, asked.language, clock.nowMs());
      await gateway.text(number, WELCOME[asked.language](communeOf(asked.commune)?.name ?? asked.commune));
      return show(request, reply, { kind: 'done' });
    });
  });

  function show(
    request: FastifyRequest<Place>,
    reply: FastifyReply,
    step: SmsStep,
    code = 200,
  ): FastifyReply {
    const commune = communeAt(request);
    if (!commune) return problem(reply, 404, 'no such commune');
    const language = languageOf(request);
    return reply
      .code(code)
      .type('text/html; charset=utf-8')
      .header('cache-control', 'no-store')
      .send(smsPage({ site, language, commune, nowMs: clock.nowMs(), step }));
  }

  app.post('/public/v1/sms/incoming', { bodyLimit: MAX_BODY_BYTES }, (request, reply) => {
    if (!isSecret(request.headers.authorization, deps.incomingSecret))
      return problem(reply, 401, 'not the gateway');
    const incoming = Incoming.safeParse(request.body);
    if (!incoming.success) return problem(reply, 400, 'expected from and text');
    const number = mobileNumber(incoming.data.from);
    if (number && /^\s*(stop|arr[eêé]t)/i.test(incoming.data.text)) store.remove('sms', number);
    return reply.code(204).send();
  });
  return { stop: () => codes.stop() };
}

const communeAt = (request: FastifyRequest<Place>) => communeOf(request.params.place.slice(0, 5));

function fieldOf(request: FastifyRequest, name: string): string {
  const value = (request.body as Record<string, unknown> | undefined)?.[name];
  return typeof value === 'string' ? value.slice(0, 40) : '';
}

function isSecret(header: string | undefined, secret: string | undefined): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return secret !== undefined && timingSafeEqual(digest(header ?? ''), digest(`Bearer ${secret}`));
}
