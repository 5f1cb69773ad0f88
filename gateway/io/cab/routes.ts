import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import { ACTS } from '../../../protocol/presence.ts';
import type { CabEngine } from '../cab.ts';
import type { HoldBack } from './holdBack.ts';

/** What the driver tells. Every press carries its own key: sent twice, it is told once. */

const Press = z.strictObject({
  key: z.string().min(8).max(64),
  act: z.enum(ACTS),
  visit: z.string().max(64).optional(),
  minutes: z.number().int().min(0).max(600).optional(),
  reason: z.string().trim().min(1).max(120).optional(),
  here: z.boolean().optional(),
  placeName: z.string().trim().min(1).max(120).optional(),
});
const Episode = z.strictObject({ episode: z.string().min(1).max(80) });
const Read = z.strictObject({ key: z.string().min(1).max(64) });

/** `press` without the absent ones: `exactOptionalPropertyTypes`. */
function given<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined)) as T;
}

export function serveActs(
  app: FastifyInstance,
  { engine, held }: { readonly engine: CabEngine; readonly held: HoldBack },
): void {
  app.post('/acts', async (request, reply) => {
    const press = Press.safeParse(request.body);
    if (!press.success) return reply.code(400).send({ problem: 'not an act' });
    const outcome = held.press(given(press.data) as Parameters<HoldBack['press']>[0]);
    return reply.code(outcome.ok ? 200 : 409).send(outcome);
  });

  app.delete<{ Params: { key: string } }>('/acts/:key', async (request, reply) =>
    held.takeBack(request.params.key)
      ? { ok: true }
      : reply.code(410).send({ problem: 'already told: an undo is a new act' }),
  );

  app.post('/acknowledge', async (request, reply) => {
    const asked = Episode.safeParse(request.body);
    if (!asked.success) return reply.code(400).send({ problem: 'not an episode' });
    return { ok: engine.acknowledge(asked.data.episode) };
  });

  app.post('/read', async (request, reply) => {
    const asked = Read.safeParse(request.body);
    if (!asked.success) return reply.code(400).send({ problem: 'not a message' });
    engine.read?.(asked.data.key);
    return { ok: true };
  });

  app.get('/view', async () => ({ ...engine.view(), ...pendingOf(held) }));
  app.get(
    '/mine',
    async (_request, reply) => engine.mine?.() ?? reply.code(404).send({ problem: 'nothing' }),
  );
}

export const pendingOf = (held: HoldBack) => {
  const pending = held.pending();
  return pending ? { pending } : {};
};
