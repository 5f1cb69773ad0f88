import { afterEach, describe, expect, it } from 'vitest';
import { buildServer } from '../../../dashboard/io/server.ts';
import { fakeClock } from '../../../runtime/clock.ts';
import { silentLog } from '../../../runtime/log.ts';
import { type SyntheticDepot, syntheticDepot } from '../syntheticDepot.ts';
import { AGENDA_TODAY, TEST_ASSETS } from './parts.ts';

const PASSWORD = 'un mot de passe long';
const open: { depot: SyntheticDepot; close: () => Promise<void> }[] = [];
afterEach(async () => {
  for (const { depot, close } of open.splice(0)) {
    await close();
    depot.close();
  }
});

async function staff() {
  const clock = fakeClock(Date.now());
  const depot = await syntheticDepot({ vans: ['one'], agenda: AGENDA_TODAY(), auth: 'password', clock });
  let code = '';
  const log = {
    ...silentLog,
    child: () => silentLog,
    warn(told: { code?: string }) {
      code = told.code ?? code;
    },
  };
  const { app, stop } = await buildServer({
    ...depot,
    log: log as never,
    assets: TEST_ASSETS,
    passwordCost: 2 ** 12,
  });
  open.push({
    depot,
    close: async () => {
      await stop();
      await app.close();
    },
  });
  const post = (url: string, payload: object, headers: Record<string, string> = {}) =>
    app.inject({ method: 'POST', url, payload, headers: { 'content-type': 'application/json', ...headers } });
  const login = async (name: string, password = PASSWORD) => {
    const answer = await post('/api/login', { name, password });
    const cookie = answer.cookies[0];
    return {
      status: answer.statusCode,
      cookie,
      csrf: answer.json().csrf as string,
      header: cookie ? `${cookie.name}=${cookie.value}` : '',
    };
  };
  return {
    app,
    depot,
    clock,
    post,
    login,
    setup: () => post('/api/setup', { code, name: 'Anne', password: PASSWORD }),
  };
}

describe('accounts and sessions', () => {
  it('opens the first account with the code of the log, once', async () => {
    const s = await staff();
    expect((await s.app.inject('/api/vans')).statusCode).toBe(401);
    expect((await s.post('/api/setup', { code: 'guess', name: 'X', password: PASSWORD })).statusCode).toBe(
      403,
    );
    expect((await s.setup()).statusCode).toBe(201);
    expect((await s.setup()).statusCode).toBe(403);
    const { cookie, header } = await s.login('Anne');
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Lax', path: '/' });
    expect((await s.app.inject({ url: '/api/vans', headers: { cookie: header } })).statusCode).toBe(200);
  });

  it('refuses a write without the token, from another site, or with a forged cookie', async () => {
    const s = await staff();
    await s.setup();
    const { header, csrf } = await s.login('Anne');
    const watch = (headers: Record<string, string>) => s.post('/api/watch', { van: 'one' }, headers);
    expect((await watch({ cookie: header })).statusCode).toBe(403);
    expect((await watch({ cookie: header, 'x-csrf': `${csrf}x` })).statusCode).toBe(403);
    expect((await watch({ cookie: header, 'x-csrf': csrf, 'sec-fetch-site': 'cross-site' })).statusCode).toBe(
      403,
    );
    expect((await watch({ cookie: header, 'x-csrf': csrf, origin: 'http://evil.example' })).statusCode).toBe(
      403,
    );
    expect(
      (await watch({ cookie: header, 'x-csrf': csrf, 'sec-fetch-site': 'same-origin' })).statusCode,
    ).toBe(204);
    expect(
      (await watch({ cookie: header.replace(/.$/, (c) => (c === 'A' ? 'B' : 'A')), 'x-csrf': csrf }))
        .statusCode,
    ).toBe(401);
  });

  it('locks a name after five tries for a quarter of an hour, with one and the same answer', async () => {
    const s = await staff();
    await s.setup();
    for (let n = 0; n < 5; n++) expect((await s.login('Anne', 'faux')).status).toBe(401);
    expect((await s.login('Anne')).status).toBe(401);
    await s.clock.advance(15 * 60_000 + 1);
    expect((await s.login('Anne')).status).toBe(200);
  });

  it('ends a session after an hour unused, after twelve in all, and at logout', async () => {
    const s = await staff();
    await s.setup();
    const status = async (cookie: string) =>
      (await s.app.inject({ url: '/api/vans', headers: { cookie } })).statusCode;
    const idle = await s.login('Anne');
    await s.clock.advance(3_600_001);
    expect(await status(idle.header)).toBe(401);
    const busy = await s.login('Anne');
    for (let n = 0; n < 14; n++) {
      await s.clock.advance(3_000_000);
      expect(await status(busy.header)).toBe(200);
    }
    await s.clock.advance(3_000_000);
    expect(await status(busy.header)).toBe(401);
    const leaving = await s.login('Anne');
    await s.app.inject({
      method: 'POST',
      url: '/api/logout',
      headers: { cookie: leaving.header, 'x-csrf': leaving.csrf },
    });
    expect(await status(leaving.header)).toBe(401);
  });

  it('holds the roles', async () => {
    const s = await staff();
    await s.setup();
    const { header, csrf } = await s.login('Anne');
    const headers = { cookie: header, 'x-csrf': csrf };
    expect(
      (await s.post('/api/accounts', { name: 'Luc', role: 'reader', password: PASSWORD }, headers))
        .statusCode,
    ).toBe(201);
    const luc = await s.login('Luc');
    const asLuc = { cookie: luc.header, 'x-csrf': luc.csrf };
    expect((await s.post('/api/watch', { van: 'one' }, asLuc)).statusCode).toBe(204);
    expect((await s.post('/api/vans/one/message', { text: 'bonjour' }, asLuc)).statusCode).toBe(403);
    expect(
      (await s.post('/api/accounts', { name: 'Eve', role: 'administrator', password: PASSWORD }, asLuc))
        .statusCode,
    ).toBe(403);
    expect((await s.app.inject({ method: 'DELETE', url: '/api/accounts/Luc', headers })).statusCode).toBe(
      204,
    );
    expect((await s.app.inject({ url: '/api/vans', headers: { cookie: luc.header } })).statusCode).toBe(401);
  });
});
