import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { DepotConfig } from '../../../dashboard/config.ts';
import { openNoticeStore } from '../../../dashboard/io/notices/noticeStore.ts';
import { startDepot } from '../../../dashboard/main.ts';
import { systemClock } from '../../../runtime/clock.ts';
import { freePort } from '../../../runtime/freePort.ts';
import { makeParts } from '../../../runtime/lifecycle.ts';
import { silentLog } from '../../../runtime/log.ts';
import { AGENDA_TODAY } from './parts.ts';

/** The whole depot with `staffHttp:`: two addresses, two servers. */
let stop: (() => Promise<void>) | undefined;
let folder = '';
afterEach(async () => {
  await stop?.();
  stop = undefined;
  rmSync(folder, { recursive: true, force: true });
});

async function start(isSplit: boolean) {
  folder = mkdtempSync(join(tmpdir(), 'split-'));
  writeFileSync(join(folder, 'agenda.json'), JSON.stringify(AGENDA_TODAY()));
  const notices = openNoticeStore(join(folder, 'tenants.db'));
  notices.add('sms', '+33612345678', '+33612345678', '37130', 'fr', 1);
  notices.queue('v1|arrived|x', '37130', 2);
  notices.dead(notices.due(3, 1)[0]!, 'gateway answered 500', Date.UTC(2026, 10, 24, 9));
  notices.close();
  const parts = makeParts(silentLog);
  stop = () => parts.stop();
  const [http, staffHttp] = [await freePort(), await freePort()].map((port) => `http://127.0.0.1:${port}`);
  const config = DepotConfig.parse({
    broker: 'mqtt://127.0.0.1:0',
    http,
    ...(isSplit ? { staffHttp } : {}),
    store: `sqlite:${join(folder, 'depot.db')}`,
    agenda: join(folder, 'agenda.json'),
    vans: [{ id: 'one' }, { id: 'two' }],
    auth: 'none',
    tenants: { push: { contact: 'mailto:depot@example.org' } },
  });
  await startDepot(config, { add: parts.add, clock: systemClock, log: silentLog });
  const answer = async (base: string | undefined, path: string) => {
    const response = await fetch(base + path);
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
  return {
    tenants: (path: string) => answer(http, path),
    staff: (path: string) => answer(isSplit ? staffHttp : http, path),
  };
}

describe('staffHttp', () => {
  it('serves tenants on http alone, and staff on staffHttp alone', async () => {
    const { tenants, staff } = await start(true);
    for (const path of ['/', '/c/37130-ligueil', '/public/v1/visits', '/public/v1/gtfs.zip', '/worker.js'])
      expect([path, (await tenants(path)).status, (await staff(path)).status]).toEqual([path, 200, 404]);
    for (const path of ['/depot', '/api/vans', '/metrics', '/api/docs'])
      expect([path, (await tenants(path)).status, (await staff(path)).status]).toEqual([path, 404, 200]);
    const page = (await tenants('/')).text;
    const [, style] = /href="(\/assets\/tenant[^"]+\.css)"/.exec(page)!;
    expect((await tenants(style!)).status).toBe(200);
  });

  it('is one server without it, and the tenants’ routes carry none of the staff’s headers', async () => {
    const { tenants, staff } = await start(false);
    const page = await tenants('/c/37130-ligueil');
    expect(page.status).toBe(200);
    expect(page.headers.get('set-cookie')).toBeNull();
    expect(page.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(page.headers.get('cache-control')).toContain('public');
    expect((await staff('/api/vans')).headers.get('cache-control')).toBe('no-store');
    expect((await staff('/depot')).headers.get('x-frame-options')).toBe('SAMEORIGIN');
  });

  it('shows the staff what could not be delivered, without an address', async () => {
    const { staff } = await start(false);
    const { text } = await staff('/api/notices');
    expect(JSON.parse(text)).toEqual({
      undelivered: [
        {
          visit: 'v1',
          fact: 'arrived',
          channel: 'sms',
          commune: '37130',
          at: '2026-11-24T09:00:00.000Z',
          error: 'gateway answered 500',
        },
      ],
    });
    expect(text).not.toContain('612345678');
  });
});
