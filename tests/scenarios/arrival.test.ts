import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterEach, describe, expect, it } from 'vitest';
import { DepotConfig } from '../../dashboard/config.ts';
import { startDepot } from '../../dashboard/main.ts';
import { systemClock } from '../../runtime/clock.ts';
import { makeParts } from '../../runtime/lifecycle.ts';
import { silentLog } from '../../runtime/log.ts';
import { hasBrowser, openBrowser } from '../parts/browser.ts';
import { layOut, VAN } from '../parts/processes.ts';
import { startPushService } from '../parts/pushService.ts';

/**
 * The whole chain, from the simulated antenna to the tenant's phone: simulator and gateway are processes on real PTYs,
 * the depot is whole and in this process, the page is in a real browser, the push service answers over real HTTP.
 */
const MAX_MS = 3000;
const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

describe.skipIf(!hasBrowser)('«L’agence est arrivée»', () => {
  it('is on the page and in a notice ≤ 3 s after the deciding row reached the depot', {
    timeout: 120_000,
  }, async () => {
    const push = await startPushService();
    stops.push(push.stop);
    const place = await layOut({ presence: { dwell: '5s' } });
    const box = place.simulate('plain');
    stops.push(() => box.child.kill('SIGKILL') && box.ended);
    await box.ready;

    const parts = makeParts(silentLog);
    stops.push(() => parts.stop());
    const config = DepotConfig.parse({
      ...JSON.parse(readFileSync(place.at('depot.yaml'), 'utf8')),
      tenants: { push: { contact: 'mailto:depot@example.org' } },
    });
    const depot = await startDepot(config, {
      add: parts.add,
      clock: systemClock,
      log: silentLog,
      ask: push.ask,
    });
    const asked = await fetch(`${place.http}/public/v1/push/subscriptions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...push.subscription, commune: '37130', language: 'fr' }),
    });
    expect(asked.status).toBe(201);

    const browser: Browser = await openBrowser();
    stops.push(() => browser.close());
    const page = await openPage(browser, place.http);
    const gateway = place.gateway();
    stops.push(() => gateway.child.kill('SIGKILL') && gateway.ended);
    await gateway.ready;

    await page
      .getByText(/L'agence est arrivée/)
      .first()
      .waitFor({ timeout: 90_000 });
    const shownMs = await page.evaluate(() => (window as unknown as { arrivedMs: number }).arrivedMs);
    const pushed = await push.arrival(/arrivée/);
    const rows = await depot.store.rows({ van: VAN, kinds: ['visit'] });
    const deciding = rows.find(({ row }) => row.kind === 'visit' && row.state === 'on_site')!;
    const took = { page: shownMs - deciding.receivedAt, push: pushed.atMs - deciding.receivedAt };
    process.stdout.write(`after the row reached the depot: page ${took.page} ms, push ${took.push} ms\n`);
    for (const ms of [took.page, took.push]) expect(ms).toBeGreaterThanOrEqual(0);
    expect(took.page).toBeLessThanOrEqual(MAX_MS);
    expect(took.push).toBeLessThanOrEqual(MAX_MS);

    // The same words on the phone, from the worker that shows the notice.
    const { body, title, path } = JSON.parse(pushed.text) as Record<string, string>;
    const sentence = (await page.locator('.sentence').first().textContent())!
      .replaceAll('\u00a0', ' ')
      .trim();
    expect(body).toContain(sentence);
    expect([title, path]).toEqual(['Ligueil', '/c/37130-ligueil']);
    expect(await shownBy(page, pushed.text)).toEqual([{ title, body }]);
  });
});

/** The commune's page, which notes when it first said that the agency has arrived. */
async function openPage(browser: Browser, http: string): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 360, height: 740 } });
  await context.grantPermissions(['notifications'], { origin: http });
  const page = await context.newPage();
  await page.goto(`${http}/c/37130-ligueil`);
  await page.evaluate(() => {
    const look = () => {
      if (!/L'agence est arrivée/.test(document.getElementById('live')!.textContent!)) return;
      observer.disconnect();
      Object.assign(window, { arrivedMs: Date.now() });
    };
    const observer = new MutationObserver(look);
    observer.observe(document.getElementById('live')!, { childList: true, subtree: true });
    look();
  });
  return page;
}

/** Gives the message to the page's service worker as the browser would, and reads what it shows. */
async function shownBy(page: Page, text: string): Promise<{ title: string; body: string }[]> {
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => {}));
  const session = await page.context().newCDPSession(page);
  const registration = new Promise<string>((resolve) =>
    session.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
      if (registrations[0]) resolve(registrations[0].registrationId);
    }),
  );
  await session.send('ServiceWorker.enable');
  const registrationId = await registration;
  const { origin } = new URL(page.url());
  await session.send('ServiceWorker.deliverPushMessage', { origin, registrationId, data: text });
  return page.evaluate(async () => {
    const registered = await navigator.serviceWorker.ready;
    for (;;) {
      const shown = await registered.getNotifications();
      if (shown.length > 0) return shown.map(({ title, body }) => ({ title, body }));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  });
}
