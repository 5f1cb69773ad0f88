import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { openNoticeStore } from '../../../../dashboard/io/notices/noticeStore.ts';
import { makeSmsGateway, mobileNumber } from '../../../../dashboard/io/notices/smsGateway.ts';
import { at, factsOf, gps } from '../../../parts/publicFacts.ts';
import { publicServer } from '../../../parts/publicServer.ts';

/** An operator's gateway on the loopback: what it was asked, what it answers. */
async function gateway(answer: (response: ServerResponse, n: number) => void = (r) => r.end('{}')) {
  const asked: { type: string; authorization: string | undefined; body: string }[] = [];
  const server: Server = createServer((request: IncomingMessage, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => {
      body += chunk;
    });
    request.on('end', () => {
      asked.push({
        type: String(request.headers['content-type']),
        authorization: request.headers.authorization,
        body,
      });
      answer(response, asked.length);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => close(server));
  return { asked, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/send` };
}
const close = (server: Server) =>
  new Promise<void>((resolve) => {
    server.closeAllConnections();
    server.close(() => resolve());
  });
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of closing.splice(0).reverse()) await end();
});

const JSON_BODY = '{"recipient": {to}, "message": {text}}';

describe('the gateway', () => {
  it('fills its form, as JSON or as a form', async () => {
    const { asked, url } = await gateway();
    const json = makeSmsGateway({ url, body: JSON_BODY, secret: 'abc' });
    expect(await json.text('+33612345678', 'l\'agence "est" la')).toBe('sent');
    const form = makeSmsGateway({ url, body: 'to={to}&text={text}' });
    await form.text('+33612345678', 'a&b=c');
    expect(asked).toEqual([
      {
        type: 'application/json',
        authorization: 'Bearer abc',
        body: '{"recipient": "+33612345678", "message": "l\'agence \\"est\\" la"}',
      },
      {
        type: 'application/x-www-form-urlencoded',
        authorization: undefined,
        body: 'to=%2B33612345678&text=a%26b%3Dc',
      },
    ]);
  });

  it('tells what may be tried again from what may have been sent', async () => {
    const refused = await gateway((r) => r.writeHead(503).end());
    expect(await makeSmsGateway({ url: refused.url, body: JSON_BODY }).text('+33612345678', 'x')).toEqual({
      retry: 'gateway answered 503',
    });
    const cut = await gateway((r) => r.destroy());
    expect(await makeSmsGateway({ url: cut.url, body: JSON_BODY }).text('+33612345678', 'x')).toEqual({
      lost: 'connection lost',
    });
    const closed = await gateway();
    await closing.pop()!();
    const mute = await gateway(() => {});
    expect(
      await makeSmsGateway({ url: mute.url, body: JSON_BODY, timeoutMs: 100 }).text('+33612345678', 'x'),
    ).toEqual({ lost: 'gateway did not answer' });
    expect(await makeSmsGateway({ url: closed.url, body: JSON_BODY }).text('+33612345678', 'x')).toEqual({
      retry: 'ECONNREFUSED',
    });
  });

  it.each([
    ['06 12 34 56 78', '+33612345678'],
    ['+33 7.12.34.56.78', '+33712345678'],
    ['0033612345678', '+33612345678'],
    ['02 47 00 00 00', undefined],
    ['+44 7700 900123', undefined],
    ['0899123456', undefined],
    ['06123', undefined],
  ])('knows a mobile: %s', (typed, number) => {
    expect(mobileNumber(typed)).toBe(number);
  });
});

describe('asking to be told by text message', () => {
  async function serve(facts = factsOf({ heardMs: at('09:20') })) {
    const { asked, url } = await gateway();
    const store = openNoticeStore(':memory:');
    const sms = {
      gateway: makeSmsGateway({ url, body: JSON_BODY }),
      incomingSecret: 's3cret',
      random: () => 42,
    };
    const server = await publicServer([facts], at('09:20'), { notices: { store, sms } });
    closing.push(async () => {
      await server.app.close();
      store.close();
    });
    const post = (path: string, body: string, headers = {}) =>
      server.app.inject({
        method: 'POST',
        url: path,
        payload: body,
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      });
    return { ...server, asked, store, post };
  }

  it('goes from the number to its code to the arrival, and ends with STOP', async () => {
    const { app, asked, store, post, source, clock } = await serve();
    expect((await app.inject('/c/37130-ligueil')).body).toContain('href="/c/37130-ligueil/sms"');
    const form = await post('/c/37130-ligueil/sms', 'number=06+12+34+56+78');
    expect([form.statusCode, form.body.includes('name="code"')]).toEqual([200, true]);
    expect(asked[0]!.body).toContain('000042');
    expect((await post('/c/37130-ligueil/sms/code', 'number=%2B33612345678&code=000043')).statusCode).toBe(
      400,
    );
    expect(store.count('sms')).toBe(0);
    expect((await post('/c/37130-ligueil/sms/code', 'number=%2B33612345678&code=000042')).statusCode).toBe(
      200,
    );
    expect(store.count('sms')).toBe(1);
    source.set([
      factsOf({
        heardMs: at('09:20'),
        ...gps({ state: 'on_site', open: true, arrivedMs: at('09:20'), atMs: at('09:20') }),
      }),
    ]);
    await clock.advance(1000);
    await expect
      .poll(() => asked.at(-1)!.body)
      .toBe(
        '{"recipient": "+33612345678", "message": "Ligueil: l\'agence est arrivee (9h20). Ouverte jusqu\'a 12h."}',
      );
    const stop = (authorization: string) =>
      app.inject({
        method: 'POST',
        url: '/public/v1/sms/incoming',
        headers: { authorization },
        payload: { from: '0612345678', text: ' Stop svp' },
      });
    expect((await stop('Bearer wrong')).statusCode).toBe(401);
    expect(store.count('sms')).toBe(1);
    expect((await stop('Bearer s3cret')).statusCode).toBe(204);
    expect(store.count('sms')).toBe(0);
  });

  it('gives three tries at a code, and ten minutes', async () => {
    const { clock, store, post } = await serve();
    const code = (value: string) => post('/c/37130-ligueil/sms/code', `number=0612345678&code=${value}`);
    await post('/c/37130-ligueil/sms', 'number=0612345678');
    for (const wrong of ['1', '2', '3']) await code(wrong);
    expect((await code('000042')).statusCode).toBe(400);
    await post('/c/37130-ligueil/sms', 'number=0612345678');
    await clock.advance(601_000);
    expect((await code('000042')).statusCode).toBe(400);
    expect(store.count()).toBe(0);
  });

  it('sends two codes an hour to a number, three for an address, none from another site', async () => {
    const { asked, post } = await serve();
    const ask = (number: string, headers = {}) => post('/c/37130-ligueil/sms', `number=${number}`, headers);
    const codes = [];
    for (const number of ['0612345678', '0612345678', '0612345678', '0712345678'])
      codes.push((await ask(number)).statusCode);
    expect(codes).toEqual([200, 200, 429, 429]);
    expect(asked).toHaveLength(2);
    expect((await ask('0712345678', { 'sec-fetch-site': 'cross-site' })).statusCode).toBe(403);
    expect((await ask('bad')).body).toContain('aria-invalid');
  });
});

describe('push subscriptions', () => {
  it('are taken from known services only, three an hour an address, and taken back', async () => {
    const store = openNoticeStore(':memory:');
    const { makeWebPush } = await import('../../../../dashboard/io/notices/webPush.ts');
    const push = makeWebPush({ store, contact: 'mailto:a@example.org' });
    const { app } = await publicServer([factsOf()], at('09:20'), { notices: { store, push } });
    closing.push(async () => {
      await app.close();
      store.close();
    });
    expect((await app.inject('/c/37130-ligueil')).body).toContain(`data-key="${push.publicKey}"`);
    const keys = { p256dh: 'B'.repeat(87), auth: 'a'.repeat(22) };
    const send = async (method: 'POST' | 'DELETE', endpoint: string, more = {}) =>
      (
        await app.inject({
          method,
          url: '/public/v1/push/subscriptions',
          payload: { endpoint, keys, expirationTime: null, commune: '37130', language: 'fr', ...more },
        })
      ).statusCode;
    expect(await send('POST', 'https://127.0.0.1/x')).toBe(400);
    expect(await send('POST', 'https://fcm.googleapis.com/1', { commune: 'x' })).toBe(400);
    expect(await send('POST', 'https://fcm.googleapis.com/1')).toBe(201);
    expect(await send('POST', 'https://fcm.googleapis.com/2')).toBe(201);
    expect(await send('POST', 'https://fcm.googleapis.com/3')).toBe(201);
    expect(await send('POST', 'https://fcm.googleapis.com/4')).toBe(429);
    expect(await send('DELETE', 'https://fcm.googleapis.com/1')).toBe(204);
    expect(store.count('push')).toBe(2);
  });
});
