import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { axeFaults, hasBrowser, openBrowser, overflowing } from '../parts/browser.ts';
import { at, factsOf, gps } from '../parts/publicFacts.ts';
import { listening, publicServer } from '../parts/publicServer.ts';

/** The tenants' pages in a real browser: live, offline, small, in both languages and themes. */
const NOW = at('09:20');
const heard = { heardMs: NOW, moving: true };
const approaching = factsOf({ ...heard, ...gps({ state: 'approaching', atMs: NOW }) });
const arrived = factsOf({
  heardMs: NOW + 1000,
  ...gps({ state: 'on_site', arrivedMs: at('09:20'), atMs: NOW + 1000 }),
});
const LONG = 'Parking du Champ de Foire, derrière la salle des fêtes Jacques-Prévert-et-de-la-Résistance';
const FACTS = [
  approaching,
  factsOf({
    id: 'v2',
    date: '2026-12-29',
    name: LONG,
    claims: { planner: { state: 'cancelled', atMs: NOW } },
  }),
  factsOf({ id: 'v3', commune: '37115', name: LONG, address: LONG, access: LONG, services: [LONG] }),
];

describe.skipIf(!hasBrowser)('the tenants’ pages in a browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser?.close());

  const serve = async () => {
    const server = await publicServer(FACTS, NOW);
    return { ...server, url: await listening(server.app) };
  };
  const open = async (url: string, options: BrowserContextOptions = {}): Promise<Page> => {
    const context = await browser.newContext({ viewport: { width: 360, height: 740 }, ...options });
    const page = await context.newPage();
    await page.goto(url);
    return page;
  };

  it('shows the arrival by itself and announces it once', async () => {
    const { app, clock, source, url } = await serve();
    const page = await open(`${url}/c/37130-ligueil`);
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(error.message));
    await page.getByText("L'agence arrive.").waitFor();
    await expect.poll(() => app.inject('/').then(() => true)).toBe(true);
    await page.evaluate(() => {
      const told: string[] = [];
      Object.assign(window, { told });
      new MutationObserver(() => told.push(document.getElementById('news')?.textContent ?? '')).observe(
        document.getElementById('news')!,
        { childList: true, characterData: true, subtree: true },
      );
    });
    source.set([arrived, ...FACTS.slice(1)]);
    await clock.advance(1000);
    await page.getByText("L'agence est arrivée à 9 h 20.").first().waitFor({ timeout: 5000 });
    expect(await page.locator('[data-visit="v1"]').getAttribute('data-state')).toBe('on_site');
    expect(await page.evaluate(() => (window as unknown as { told: string[] }).told)).toEqual([
      "L'agence est arrivée à 9 h 20. Ouverture à 9 h 30.",
    ]);
    expect(errors).toEqual([]);
    await page.context().close();
    await app.close();
  });

  it('says since when it is not up to date, and recovers', async () => {
    const { app, url } = await serve();
    const page = await open(`${url}/c/37130-ligueil`);
    await page.getByText("L'agence arrive.").waitFor();
    await page.clock.install();
    await page.reload();
    await page.getByText("L'agence arrive.").waitFor();
    await page.context().setOffline(true);
    await page.clock.runFor(90_000);
    const notice = page.locator('#stale');
    await notice.waitFor();
    expect((await notice.textContent())?.replaceAll('\u00a0', ' ')).toBe(
      "Cette page n'est plus à jour depuis 9 h 20. Appelez le 02 47 00 00 00.",
    );
    expect(await page.locator('body').getAttribute('class')).toBe('is-stale');
    await page.context().setOffline(false);
    // The page's clock is false and the network is real: it may take more than one try.
    await expect
      .poll(
        async () => {
          await page.clock.runFor(30_000);
          return notice.isHidden();
        },
        { timeout: 25_000 },
      )
      .toBe(true);
    await page.context().close();
    await app.close();
  });

  it('opens from the phone’s own copy without network, and says how old it is', async () => {
    const { app, url } = await serve();
    const page = await open(`${url}/c/37130-ligueil`);
    await page.evaluate(() => navigator.serviceWorker.ready);
    await page.reload();
    await page.getByText("L'agence arrive.").waitFor();
    await app.close();
    await page.reload();
    await page.getByText("L'agence arrive.").waitFor();
    await page.getByText("Cette page n'est plus à jour depuis 9 h 20.").first().waitFor();
    await page.context().close();
  });

  it('keeps the page of all communes true, or says since when it is not', async () => {
    const { app, clock, source, url } = await serve();
    const page = await open('about:blank');
    await page.clock.install();
    await page.goto(url);
    await page.getByText('en approche').waitFor();
    await page.getByText('Situation à 9 h 20.').waitFor();
    source.set([arrived, ...FACTS.slice(1)]);
    await clock.advance(1000);
    await page.clock.runFor(31_000);
    await page.getByText('sur place').waitFor();
    await page.context().setOffline(true);
    await page.clock.runFor(61_000);
    await page.locator('#stale').waitFor();
    await page.context().close();
    await app.close();
  });

  it('is whole without JavaScript', async () => {
    const { app, url } = await serve();
    const page = await open(url, { javaScriptEnabled: false });
    await page.getByLabel('Votre commune ou code postal').fill('ligeuil');
    await page.keyboard.press('Enter');
    await page
      .getByRole('link', { name: /Ligueil/ })
      .first()
      .click();
    expect(await page.locator('.statement').textContent()).toContain("L'agence arrive.");
    expect(await page.locator('.source').textContent()).toBe('vue par GPS, à 9 h 20');
    expect(await page.locator('#stale').isVisible()).toBe(false);
    await page.getByRole('link', { name: 'Imprimer' }).click();
    expect(await page.getByRole('img', { name: 'QR code' }).isVisible()).toBe(true);
    await page.context().close();
    await app.close();
  });

  it('is used by keyboard alone', async () => {
    const { app, url } = await serve();
    const page = await open(`${url}/c/37130-ligueil`);
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.getAttribute('href'))).toBe('#content');
    const seen = new Set<string>();
    for (let n = 0; n < 12; n++) {
      await page.keyboard.press('Tab');
      seen.add(await page.evaluate(() => document.activeElement?.textContent?.trim() ?? ''));
    }
    for (const name of ['English', 'Y aller', 'Ajouter à mon agenda', 'Imprimer', 'Partager'])
      expect([...seen]).toContain(name);
    await page.context().close();
    await app.close();
  });

  it('remembers the commune on the phone', async () => {
    const { app, url } = await serve();
    const page = await open(`${url}/c/37130-ligueil`);
    await page.goto(url);
    const link = page.locator('#remembered a');
    await link.waitFor();
    expect([await link.textContent(), await link.getAttribute('href')]).toEqual([
      'Ligueil',
      '/c/37130-ligueil',
    ]);
    await page.context().close();
    await app.close();
  });

  const PATHS = [
    '/',
    '/?q=lig',
    '/c/37130-ligueil',
    '/c/37115-descartes',
    '/c/37130-ligueil/affiche',
    '/c/37130-ligueil/widget',
    '/accessibilite',
    '/c/x',
  ];
  it.each([
    ['fr', 'light', 320],
    ['en', 'dark', 320],
    ['fr', 'dark', 1200],
  ] as const)(
    'axe finds nothing, nothing reaches over the edge: %s, %s, %i px',
    async (language, colorScheme, width) => {
      const { app, url } = await serve();
      const context = await browser.newContext({
        viewport: { width, height: 740 },
        colorScheme,
        bypassCSP: true,
      });
      const page = await context.newPage();
      for (const path of PATHS) {
        await page.goto(
          `${url}${path}${language === 'en' ? `${path.includes('?') ? '&' : '?'}lang=en` : ''}`,
        );
        expect(await axeFaults(page), path).toEqual([]);
        expect(await overflowing(page), path).toEqual([]);
        const small = await page.evaluate(
          () =>
            [...document.querySelectorAll('.button, .top a, .commune, input[type=search]')]
              .map((el) => el.getBoundingClientRect())
              .filter((box) => box.height > 0 && box.height < 47.5).length,
        );
        expect(small, `${path}: targets of 48 px`).toBe(0);
      }
      await context.close();
      await app.close();
    },
  );

  it('shows itself in the page of a town hall by one line', async () => {
    const { app, url } = await serve();
    const html = `<h1>Mairie</h1><script src="${url}/widget.js" data-commune="37130" async></script>`;
    const townHall = createServer((_request, response) =>
      response.setHeader('content-type', 'text/html').end(html),
    );
    await new Promise<void>((resolve) => townHall.listen(0, '127.0.0.1', resolve));
    const page = await open(`http://127.0.0.1:${(townHall.address() as AddressInfo).port}/`);
    await page.frameLocator('iframe').getByText("L'agence arrive.").waitFor();
    expect(await page.locator('iframe').getAttribute('title')).toBe("L'agence mobile");
    await page.context().close();
    townHall.close();
    await app.close();
  });

  it('has nothing English in the French page', async () => {
    const { app, url } = await serve();
    const page = await open(`${url}/c/37130-ligueil`);
    const text = await page.locator('main').textContent();
    expect(text).not.toMatch(/\b(the|agency|visit|open|until|next|print|share)\b/i);
    await page.context().close();
    await app.close();
  });
});
