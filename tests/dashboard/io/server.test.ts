import { createServer, request as httpRequest } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { buildServer, startServer } from '../../../dashboard/io/server.ts';
import type { Agenda } from '../../../protocol/agenda.ts';
import { ConfigError } from '../../../runtime/configFile.ts';
import { type SyntheticDepot, syntheticDepot } from '../syntheticDepot.ts';
import { AGENDA_TODAY, readEvents, TEST_ASSETS } from './parts.ts';

const depots: SyntheticDepot[] = [];
afterEach(() => {
  for (const depot of depots.splice(0)) depot.close();
});
async function depot(agenda: Agenda = AGENDA_TODAY(), config = {}) {
  const made = await syntheticDepot({ vans: ['one', 'two'], agenda, config });
  depots.push(made);
  return made;
}
const build = async (made: SyntheticDepot) => buildServer({ ...made, assets: TEST_ASSETS });

describe('staff server', () => {
  it('answers vans with the server’s time, and the page with a policy that allows nothing inline', async () => {
    const made = await depot();
    const { app, stop } = await build(made);
    made.online('one');
    const vans = (await app.inject('/api/vans')).json();
    expect(vans.vans.map((v: { van: string; freshness: string }) => [v.van, v.freshness])).toEqual([
      ['one', 'fresh'],
      ['two', 'never'],
    ]);
    const page = await app.inject('/depot');
    expect(page.headers['content-security-policy']).toMatch(/^default-src 'none';script-src 'self';/);
    expect(page.headers['content-security-policy']).not.toContain('unsafe');
    expect(page.body).not.toMatch(/<script>|style=|onclick=/);
    await stop();
    await app.close();
  });

  it('streams a snapshot, then only the keys that changed, and gives what was missed to one who comes back', async () => {
    const made = await depot();
    const server = await startServer({ ...made, assets: TEST_ASSETS });
    made.online('one');
    const first = await readEvents(`${server.url}/api/live`, {}, 2, () =>
      made.position('one', 47, 0.7, true),
    );
    expect(first.events.map((e) => e.event)).toEqual(['snapshot', 'vans']);
    expect(first.events[0]!.body.vans).toHaveLength(2);
    expect(Object.keys(first.events[1]!.body.vans[0]!).sort()).toEqual(['heardAt', 'position', 'van']);
    made.position('one', 47.01, 0.7, true);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const again = await readEvents(`${server.url}/api/live`, { 'last-event-id': first.events[1]!.id }, 1);
    expect(again.events[0]).toMatchObject({ event: 'vans', body: { vans: [{ van: 'one' }] } });
    const stranger = await readEvents(`${server.url}/api/live`, { 'last-event-id': 'other-9' }, 1);
    expect(stranger.events[0]!.event).toBe('snapshot');
    await server.stop();
  });

  it('shows offline within 2 s of the will', async () => {
    const made = await depot();
    const server = await startServer({ ...made, assets: TEST_ASSETS });
    made.online('one');
    let toldAt = 0;
    const seen = await readEvents(`${server.url}/api/live`, {}, 2, () => {
      toldAt = performance.now();
      const status = { state: 'offline', session: 's1', at: null } as const;
      made.tell({ kind: 'status', van: 'one', status, will: true, receivedAt: Date.now() });
    });
    expect(seen.events[1]!.body.vans[0]).toMatchObject({ van: 'one', freshness: 'offline' });
    expect(performance.now() - toldAt).toBeLessThan(2000);
    await server.stop();
  });

  it('stops while streams are open, and cuts them', async () => {
    const made = await depot();
    const server = await startServer({ ...made, assets: TEST_ASSETS });
    const ended = new Promise<void>((resolve) => {
      httpRequest(`${server.url}/api/live`, (response) => {
        response.resume();
        response.on('close', resolve);
        void server.stop();
      }).end();
    });
    await ended;
  });

  it('refuses a ninth stream of one session', async () => {
    const made = await depot();
    const server = await startServer({ ...made, assets: TEST_ASSETS });
    const open = await Promise.all(
      Array.from(
        { length: 9 },
        () =>
          new Promise<{ status: number; end: () => void }>((resolve) => {
            const request = httpRequest(`${server.url}/api/live`, (response) => {
              response.on('error', () => {});
              response.resume();
              resolve({ status: response.statusCode!, end: () => request.destroy() });
            });
            request.on('error', () => {});
            request.end();
          }),
      ),
    );
    expect(open.map((o) => o.status).sort()).toEqual([...Array(8).fill(200), 503]);
    for (const { end } of open) end();
    await server.stop();
  });

  it('names the port that is in use', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as { port: number };
    const made = await depot(undefined, { http: `http://127.0.0.1:${port}` });
    const error = await startServer({ ...made, assets: TEST_ASSETS }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(ConfigError);
    expect(String(error)).toContain(`127.0.0.1:${port}`);
    await new Promise((resolve) => taken.close(resolve));
  });

  it('takes exact application/json and nothing else', async () => {
    const made = await depot();
    const { app, stop } = await build(made);
    const csrf = (await app.inject('/api/session')).json().csrf as string;
    const send = (contentType: string, payload: string) =>
      app.inject({
        method: 'POST',
        url: '/api/watch',
        headers: { 'content-type': contentType, 'x-csrf': csrf },
        payload,
      });
    expect((await send('application/json', '{"van":"one"}')).statusCode).toBe(204);
    expect((await send('application/json\t', '{"van":"one"}')).statusCode).toBeGreaterThanOrEqual(400);
    expect((await send('application/json; charset=utf-8', '{"van":"one"}')).statusCode).toBe(415);
    expect((await send('text/plain', '{"van":"one"}')).statusCode).toBe(415);
    expect((await send('application/json', '{"van":"one","x":1}')).statusCode).toBe(400);
    expect((await send('application/json', '{"van":')).statusCode).toBe(400);
    await stop();
    await app.close();
  });

  it('tells a watched van at most twice a minute, and writes the look down once an hour', async () => {
    const made = await depot();
    const { app, stop } = await build(made);
    const csrf = (await app.inject('/api/session')).json().csrf as string;
    for (let n = 0; n < 3; n++)
      await app.inject({
        method: 'POST',
        url: '/api/watch',
        headers: { 'content-type': 'application/json', 'x-csrf': csrf },
        payload: { van: 'one' },
      });
    expect(made.published.filter((p) => 'watched' in p.payload)).toEqual([
      { van: 'one', leaf: 'cab', payload: { watched: true }, retained: false },
    ]);
    expect(made.office.prepare('select account, van, what from access').all()).toEqual([
      { account: 'local', van: 'one', what: 'live' },
    ]);
    await stop();
    await app.close();
  });

  it('documents every route of the API, each with a role', async () => {
    const made = await depot();
    const { app, stop } = await build(made);
    const docs = (await app.inject('/api/docs')).json();
    expect(Object.keys(docs.paths)).toEqual(
      expect.arrayContaining(['/api/vans', '/api/live', '/api/visits/{id}/acts']),
    );
    await stop();
    await app.close();
  });

  it('answers on loopback names alone while it has no password', async () => {
    const made = await depot();
    const { app, stop } = await build(made);
    expect((await app.inject({ url: '/api/vans', headers: { host: 'evil.example' } })).statusCode).toBe(421);
    expect((await app.inject({ url: '/api/vans', headers: { host: '127.0.0.1:8080' } })).statusCode).toBe(
      200,
    );
    await stop();
    await app.close();
  });
});
