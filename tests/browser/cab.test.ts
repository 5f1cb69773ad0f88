import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { initialAlerts, openEpisodes, stepAlerts } from '../../gateway/core/alerts.ts';
import { alertSettings } from '../../gateway/core/settings.ts';
import { type Cab, startCab } from '../../gateway/io/cab.ts';
import { systemClock } from '../../runtime/clock.ts';
import { silentLog } from '../../runtime/log.ts';
import { loadPageAssets, type PageAssets } from '../../runtime/pageAssets.ts';
import { buildPages } from '../../web/build.mjs';
import { type FakeEngine, fakeEngine, VIEW } from '../gateway/io/cabFixture.ts';
import { axeFaults, hasBrowser, openBrowser, overflowing } from '../parts/browser.ts';

/** The driver's page in a real browser, on the real server; the engine is told by hand. */

describe.skipIf(!hasBrowser)('the cab page in a browser', () => {
  let browser: Browser;
  let assets: PageAssets;
  const folder = mkdtempSync(join(tmpdir(), 'cab-pages-'));
  const faults: string[] = [];
  let cab: Cab;
  let engine: FakeEngine;

  beforeAll(async () => {
    await buildPages({ outdir: folder, names: ['cab.css', 'cab.js'] });
    assets = loadPageAssets(folder);
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
    await cab.stop();
    expect(faults.splice(0)).toEqual([]);
  });

  const serve = async (port = 0, pin?: string) => {
    cab = await startCab({
      http: `http://127.0.0.1:${port}`,
      van: 'van37',
      engine,
      clock: systemClock,
      log: silentLog,
      assets,
      ...(pin ? { pin } : {}),
    });
  };

  type Look = {
    width?: number;
    height?: number;
    dark?: boolean;
    english?: boolean;
    pin?: string;
    scale?: number;
  };

  async function open({ width = 360, height = 740, dark, english, pin }: Look = {}): Promise<Page> {
    engine = fakeEngine();
    await serve(0, pin);
    const context = await browser.newContext({
      viewport: { width, height },
      colorScheme: dark ? 'dark' : 'light',
      bypassCSP: true,
    });
    if (english) await context.addInitScript(() => localStorage.setItem('cab', '{"language":"en"}'));
    const page = await context.newPage();
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('request', (request) => {
      if (!request.url().startsWith(cab.url() ?? 'http://127.0.0.1'))
        faults.push(`outside: ${request.url()}`);
    });
    await page.goto(cab.url()!);
    await page.waitForSelector(pin ? '.pin' : '.status');
    return page;
  }
  const button = (page: Page, name: RegExp) => page.getByRole('button', { name });
  const until = (what: () => boolean) => expect.poll(what, { timeout: 10_000, interval: 30 }).toBe(true);

  const PANELS: readonly (readonly RegExp[])[] = [
    [],
    [/^Retard/],
    [/^Autre…/],
    [/^Autre…/, /^Annuler ce passage/],
    [/^Autre…/, /^Nous sommes ici/],
    [/^Autre…/, /^Pause/],
    [/^Autre…/, /^Message/],
    [/^Autre…/, /^Mes données/],
    [/^Autre…/, /^Réglages/],
    [/^1 autre alerte/],
    [/^Changer/],
  ];

  it.each([false, true])('has no fault that axe finds, on any panel (dark: %s)', async (dark) => {
    const page = await open({ dark });
    for (const path of PANELS) {
      for (const name of path) await button(page, name).first().click();
      expect(await axeFaults(page)).toEqual([]);
      expect(await overflowing(page)).toEqual([]);
      if (path.length > 0) await button(page, /^Retour/).click();
    }
  });

  it.each([
    { width: 320, height: 640 },
    { width: 800, height: 1100 },
    { width: 1280, height: 800 },
  ])('fits $width px, with text twice as large, and its targets are big enough for gloves', async (size) => {
    const page = await open(size);
    expect(await overflowing(page)).toEqual([]);
    const heights = await page.$$eval('button', (all) => all.map((b) => b.getBoundingClientRect().height));
    expect(Math.min(...heights)).toBeGreaterThanOrEqual(48);
    const big = await page.$$eval('.big button', (all) => all.map((b) => b.getBoundingClientRect().height));
    expect(Math.min(...big)).toBeGreaterThanOrEqual(96);
    await page.addStyleTag({ content: 'body { font-size: 36px } :root { font-size: 32px }' });
    expect(await overflowing(page)).toEqual([]);
  });

  it('says in English what it says in French, and nothing French', async () => {
    const page = await open({ english: true });
    expect(await page.textContent('main')).toContain('The agency arrived at 9:24.');
    expect(await page.evaluate(() => document.documentElement.lang)).toBe('en');
    expect(await page.textContent('main')).not.toMatch(/Affiché|Ouvrir|Batterie|Ensuite|prévu/i);
  });

  it('says what it can without time, GPS and network, and lets the stop be chosen', async () => {
    const page = await open();
    const { at: _at, current: _current, next: _next, statement: _told, link: _link, ...dark } = engine.view();
    const alerts = dark.alerts.map(({ raisedAt: _raised, ...alert }) => alert);
    engine.replace({ ...dark, alerts, gps: { state: 'none' }, duty: { on: false, why: 'agenda' } });
    await page.getByText('Le boîtier ne connaît pas encore').waitFor();
    const text = await page.textContent('main');
    expect(text).toContain('Batterie et alertes marchent');
    expect(text).not.toMatch(/Rien de prévu|[Hh]ors service|NaN|Invalid/);
    expect(await axeFaults(page)).toEqual([]);
    await button(page, /^Choisir l’arrêt/).click();
    await button(page, /^Ligueil/).click();
    await button(page, /^Ouvrir/).click();
    await until(() => engine.acts.at(-1)?.visit === 'v1');
  });

  it('tells an act with one press, confirms it, and undoes it by a new act', async () => {
    const page = await open();
    await button(page, /^Ouvrir/).dblclick();
    await page.waitForSelector('.told');
    expect(await page.textContent('.told')).toContain('Ouvert, dit à 9 h 31.');
    expect(await page.textContent('.told')).toContain('Gardé à bord');
    expect(engine.acts.filter((a) => a.act === 'open')).toHaveLength(1);
    engine.show({ lastAct: { ...engine.view().lastAct!, received: true } });
    await page.waitForFunction(() =>
      document.querySelector('.told')?.textContent?.includes('Reçu par le siège'),
    );
    await button(page, /^Défaire/).click();
    await until(() => engine.acts.at(-1)?.act === 'closed');
  });

  it('counts down before off duty, and takes it back', async () => {
    const page = await open();
    await button(page, /^Autre…/).click();
    await button(page, /^Hors service/).click();
    await page.waitForSelector('.countdown');
    expect(await page.textContent('.countdown')).toMatch(/Hors service dans (10|9)\s?s/);
    expect(engine.hushed).toEqual([true]);
    await button(page, /^Annuler ce geste/).click();
    await page.waitForSelector('.countdown', { state: 'detached' });
    expect([engine.hushed, engine.acts]).toEqual([[true, false], []]);
  });

  it('tells a delay, a cancellation with its reason, and another place', async () => {
    const page = await open();
    await button(page, /^Retard/).click();
    await button(page, /^20 min/).click();
    await until(() => engine.acts.at(-1)?.minutes === 20);
    await button(page, /^Autre…/).click();
    await button(page, /^Nous sommes ici/).click();
    await page.getByLabel(/Nom de la place/).fill('parking de la gare');
    await button(page, /^Dire que nous sommes ici/).click();
    await page.waitForSelector('.countdown');
    await button(page, /^Annuler ce geste/).click();
    await button(page, /^Autre…/).click();
    await button(page, /^Annuler ce passage/).click();
    await button(page, /^Route fermée/).click();
    await page.waitForSelector('.countdown');
    // The next gesture settles the one that waits.
    await page.evaluate(() =>
      fetch('/acts', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-cab': '1' },
        body: JSON.stringify({ key: 'key-from-elsewhere', act: 'open', visit: 'v1' }),
      }),
    );
    await until(() => engine.acts.some((a) => a.act === 'cancelled' && a.reason === 'Route fermée'));
    expect(engine.acts.some((a) => a.act === 'moved')).toBe(false);
  });

  it('shows an alert within 2 s of the reading that decides it, and says it once to a screen reader', async () => {
    const page = await open();
    const settings = alertSettings({ chemistry: 'lifepo4' });
    let state = initialAlerts();
    const at = VIEW.at!;
    let decidedMs = 0;
    for (let s = 0; s <= 120; s += 2) {
      const step = stepAlerts(
        state,
        { kind: 'power', at: at + s * 1000, reading: { soc: 7, houseV: 11.8, houseA: -95 } },
        settings,
      );
      state = step.state;
      if (step.events.length === 0) continue;
      decidedMs = performance.now();
      const [episode] = openEpisodes(state);
      engine.show({
        at: at + s * 1000,
        alerts: [
          {
            episode: episode!.id,
            alert: episode!.alert,
            severity: episode!.severity,
            values: episode!.values,
            raisedAt: episode!.raisedAt,
            acknowledged: false,
          },
          ...VIEW.alerts,
        ],
      });
    }
    await page.waitForFunction(() => document.querySelector('.alert')?.textContent?.includes('presque vide'));
    expect(performance.now() - decidedMs).toBeLessThan(2000);
    expect(await page.textContent('.alert')).toMatch(/Grave/);
    await page.waitForFunction(() =>
      document.querySelector('[role=status]')?.textContent?.includes('Batterie presque vide'),
    );
    await button(page, /^Vu: Batterie presque vide/).click();
    await page.waitForFunction(() => document.querySelector('.alert')?.textContent?.includes('tiendra'));
    expect(engine.acknowledged).toHaveLength(1);
  });

  it('says when the gateway is gone, and comes back by itself when it is started again', async () => {
    const page = await open();
    const { port } = new URL(cab.url()!);
    await cab.stop();
    await page.waitForSelector('.banner.bad');
    expect(await page.textContent('.banner')).toContain('Le boîtier ne répond plus depuis 9 h 31.');
    engine = fakeEngine({ session: 's2' });
    await serve(Number(port));
    await page.waitForFunction(() => document.querySelector('.banner')?.textContent?.includes('a redémarré'));
  });

  it('asks for the PIN with big keys, says when it is wrong, and opens', async () => {
    const page = await open({ pin: '482915' });
    expect(await axeFaults(page)).toEqual([]);
    for (const digit of '111111') await button(page, new RegExp(`^${digit}$`)).click();
    await button(page, /^Entrer/).click();
    await page.waitForFunction(() => document.querySelector('.pin')?.textContent?.includes('Code faux'));
    await page.getByLabel('Code du véhicule').fill('482915');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.status');
  });

  it('off duty shows one way back and no position', async () => {
    const page = await open();
    engine.show({ duty: { on: false, why: 'switch' } });
    await page.waitForSelector('.off-duty');
    expect(await page.textContent('.status')).toContain('GPS: hors service');
    await button(page, /^Reprendre le service/).click();
    await until(() => engine.acts.at(-1)?.act === 'on_duty');
  });

  it('holds out without anything: no visit, no shunt, no link, no time', async () => {
    const page = await open();
    const {
      at: _at,
      power: _power,
      link: _link,
      statement: _statement,
      current: _c,
      next: _n,
      ...bare
    } = VIEW;
    engine.view = () => ({ ...bare, visits: [], alerts: [], messages: [], gps: { state: 'none' } });
    await page.reload();
    await page.waitForSelector('.status');
    expect(await page.textContent('main')).toContain('tant que le GPS ou le réseau');
    expect(await page.textContent('.banner')).toContain("ne connaît pas encore l'heure");
    expect(await axeFaults(page)).toEqual([]);
  });
});
