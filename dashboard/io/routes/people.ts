import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import { MIN_PASSWORD, ROLES } from '../auth.ts';
import { bodyOf, jsonSchema, type RouteDeps } from './deps.ts';

const Account = z.strictObject({
  name: z.string().trim().min(1).max(60),
  role: z.enum(ROLES),
  password: z.string().min(MIN_PASSWORD).max(200),
});
const Token = z.strictObject({ name: z.string().trim().min(1).max(60), scope: z.enum(ROLES) });

/** Accounts, tokens, the journal of who looked at what, and what retention has removed. */
export function addPeopleRoutes(app: FastifyInstance, deps: RouteDeps): void {
  const { auth, journal, retention } = deps;
  const tags = ['people'];
  const admin = { config: { role: 'administrator' as const }, schema: { tags } };

  app.get('/api/accounts', admin, () => ({ accounts: auth.accounts() }));
  app.post(
    '/api/accounts',
    { config: { role: 'administrator' }, schema: { tags, body: jsonSchema(Account) } },
    async (request, reply) => {
      const { name, role, password } = bodyOf(Account, request.body);
      await auth.setAccount(name, role, password);
      return reply.code(201).send({ name, role });
    },
  );
  app.delete<{ Params: { name: string } }>('/api/accounts/:name', admin, (request, reply) => {
    const { name } = request.params;
    if (name === request.person!.name) return reply.code(409).send({ error: 'one does not remove oneself' });
    auth.removeAccount(name);
    return reply.code(204).send();
  });

  app.get('/api/tokens', admin, () => ({ tokens: auth.tokens() }));
  app.post(
    '/api/tokens',
    { config: { role: 'administrator' }, schema: { tags, body: jsonSchema(Token) } },
    (request, reply) => {
      const { name, scope } = bodyOf(Token, request.body);
      return reply.code(201).send({ name, scope, token: auth.makeToken(name, scope) });
    },
  );
  app.delete<{ Params: { id: string } }>('/api/tokens/:id', admin, (request, reply) => {
    auth.removeToken(request.params.id);
    return reply.code(204).send();
  });

  /** A reader too may see who looked: the driver's right (people.md §2.11). */
  app.get<{ Querystring: { van?: string } }>(
    '/api/access',
    { config: { role: 'reader' }, schema: { tags } },
    (request) => ({ entries: journal.entries(request.query.van, 500) }),
  );
  app.get('/api/retention', { config: { role: 'reader' }, schema: { tags } }, () => retention.report());
  app.post('/api/retention', admin, async (_request, reply) => reply.code(201).send(await retention.sweep()));
}
