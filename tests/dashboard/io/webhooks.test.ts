import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { VanView } from '../../../dashboard/core/vanView.ts';
import { type DepotStep, newDepot } from '../../../dashboard/core/views.ts';
import { type Send, startWebhooks } from '../../../dashboard/io/webhooks.ts';
import { fakeClock, systemClock } from '../../../runtime/clock.ts';
import { silentLog } from '../../../runtime/log.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hooks-'));
  writeFileSync(join(folder, 'secret'), 's3cret\n');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const hook = (url: string) => ({ url, secretFile: join(folder, 'secret'), events: ['van' as const] });

/** Views that change when told to. */
function changing() {
  const state = newDepot(['one'], 0);
  let listener: (step: DepotStep) => void = () => {};
  const views = {
    state: () => state,
    subscribe: (l: typeof listener) => {
      listener = l;
      return () => {};
    },
    tell: () => {},
    judge: () => {},
    enrol: () => {},
    see: () => {},
    stop: () => {},
  };
  const become = (freshness: VanView['freshness']) => {
    const entry = state.vans.get('one')!;
    const vans = new Map([['one', { ...entry, view: { ...entry.view, freshness } }]]);
    listener({ state: { ...state, vans }, changed: ['one'] });
  };
  return { views, become };
}

describe('webhooks', () => {
  it('are signed over time and body, on a real socket, and follow no redirect', async () => {
    const taken: { signature: string; body: string }[] = [];
    const server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => (body += chunk));
      request.on('end', () => {
        taken.push({ signature: String(request.headers['x-tournee-signature']), body });
        response.writeHead(taken.length === 1 ? 200 : 302, { location: 'http://127.0.0.1:1/' }).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const { views, become } = changing();
    const hooks = startWebhooks({
      hooks: [hook(`http://127.0.0.1:${port}/`)],
      views,
      clock: systemClock,
      log: silentLog,
      random: () => 0,
    });
    become('silent');
    await vi.waitFor(() => expect(hooks.list()[0]).toMatchObject({ waiting: 0, last: 'HTTP 200' }));
    const [, t, v1] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(taken[0]!.signature)!;
    expect(v1).toBe(createHmac('sha256', 's3cret').update(`${t}.${taken[0]!.body}`).digest('hex'));
    expect(JSON.parse(taken[0]!.body)).toMatchObject({ event: 'van', freshness: 'silent' });
    become('fresh');
    await vi.waitFor(() => expect(hooks.list()[0]).toMatchObject({ failed: 1, waiting: 1 }));
    await hooks.stop();
    await new Promise((resolve) => server.close(resolve));
  });

  it('are tried again in order, then given up; the queue is bounded', async () => {
    const clock = fakeClock(0);
    const sent: string[] = [];
    let answers = false;
    const send: Send = async (_url, init) => {
      sent.push(JSON.parse(String(init.body)).freshness);
      return { ok: answers, status: answers ? 200 : 500 };
    };
    /** Seconds, each with time for the calls that it makes. */
    const pass = async (seconds: number) => {
      for (let n = 0; n < seconds; n++) {
        await clock.advance(1000);
        await new Promise(setImmediate);
      }
    };
    const { views, become } = changing();
    const hooks = startWebhooks({
      hooks: [hook('http://hook/')],
      views,
      clock,
      log: silentLog,
      random: () => 0,
      send,
    });
    become('silent');
    become('fresh');
    await pass(11);
    expect(sent).toEqual(['silent', 'silent', 'silent']);
    answers = true;
    await pass(6);
    await vi.waitFor(() => expect(sent.slice(3)).toEqual(['silent', 'fresh']));
    answers = false;
    for (let n = 0; n < 600; n++) become(n % 2 ? 'fresh' : 'silent');
    expect(hooks.list()[0]!.waiting).toBeLessThanOrEqual(500);
    await pass(14 * 6);
    expect(hooks.list()[0]!.dropped).toBeGreaterThan(99);
    await hooks.stop();
  });
});
