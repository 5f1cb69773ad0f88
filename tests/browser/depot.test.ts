import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer } from '../../dashboard/io/server.ts';
import { isoOf } from '../../protocol/time.ts';
import { loadPageAssets, type PageAssets } from '../../runtime/pageAssets.ts';
import { buildPages } from '../../web/build.mjs';
import { AGENDA_TODAY } from '../dashboard/io/parts.ts';
import { type SyntheticDepot, syntheticDepot } from '../dashboard/syntheticDepot.ts';
import { axeFaults, hasBrowser, openBrowser, overflowing } from '../parts/browser.ts';

/** The staff's page in a real browser, on the real server; the vans are told by hand. */
const MAX_SCRIPT_BYTES = 150 * 1024;
/** Each section, and what says that it is drawn. */
const SECTIONS = [
  ['#/maintenant/one/v1', '#visit-title'],
  ['#/planning', '.card'],
  ['#/journee/one', '.uplot'],
  ['#/bilan', 'tfoot'],
  ['#/vehicules/one', '#van-title'],
  ['#/reglages', '#retention-title'],
  ['#/alertes', '.alert'],
] as const;

describe.skipIf(!hasBrowser)('the staff’s page in a browser', () => {
  let browser: Browser;
  let assets: PageAssets;
  let depot: SyntheticDepot;
  let server: Awaited<ReturnType<typeof startServer>>;
  const folder = mkdtempSync(join(tmpdir(), 'depot-pages-'));
  const faults: string[] = [];

  beforeAll(async () => {
    await buildPages({ outdir: folder, names: ['depot.css', 'depot.js'] });
    assets = loadPageAssets(folder);
    browser = await openBrowser();
    depot = await syntheticDepot({ vans: ['one', 'two', 'silent'], agenda: AGENDA_TODAY() });
    server = await startServer({ ...depot, assets });
    const now = depot.clock.nowMs();
    const past = (minutes: number) => isoOf(now - minutes * 60_000);
    depot.online('one', { agenda: 7, software: '0.1.0', backlog: { rows: 12 } });
    depot.tellRows(
      'one',
      { kind: 'power', at: past(1), soc: 78, houseV: 12.7, starterV: 12.6 },
      { kind: 'link', at: past(1), state: 'good', technology: '4g', operator: 'Orange F' },
      ...Array.from({ length: 30 }, (_, n) => ({
        kind: 'fix' as const,
        at: past(40 - n),
        latitude: 47.0421 + n * 1e-4,
        longitude: 0.8189,
        moving: n < 20,
      })),
      { kind: 'visit', at: past(9), visit: 'v1', agenda: 7, state: 'late', because: 'Late.', evidence: {} },
      {
        kind: 'alert',
        at: past(5),
        episode: 'e1',
        alert: 'house_battery',
        change: 'raised',
        severity: 'warning',
        values: { soc: 22 },
      },
    );
    depot.position('one', 47.0421, 0.8189, false);
    // Heard 10 minutes ago, then nothing.
    const receivedAt = now - 600_000;
    depot.tell({
      kind: 'position',
      van: 'silent',
      position: { at: past(10), latitude: 47.2, longitude: 0.7, moving: true, fixAgeMs: 0 },
      receivedAt,
    });
    depot.tell({
      kind: 'status',
      van: 'silent',
      status: { state: 'online', session: 's', at: past(10), duty: true },
      will: false,
      receivedAt,
    });
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
    depot?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function open(hash: string, options: BrowserContextOptions = {}): Promise<Page> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
    const page = await context.newPage();
    page.setDefaultTimeout(10_000);
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
    await page.goto(`${server.url}/depot${hash}`);
    await page.locator('h1').first().waitFor();
    return page;
  }

  it('says in the list what the map shows, and a silent van does not look alive', async () => {
    const page = await open('');
    const row = page.locator('.row', { hasText: 'silent' });
    await row.getByText(/pas de nouvelles depuis/).waitFor();
    await page.locator('.van', { hasText: 'silent' }).waitFor();
    expect(await page.locator('.van.is-dead').count()).toBe(1);
    expect(await page.locator('.van', { hasText: /^one$/ }).getAttribute('class')).not.toContain('is-dead');
    // What needs a person stands first.
    expect(await page.locator('.row strong').first().textContent()).toBe('silent');
    await page.context().close();
  });

  it('shows offline within 2 s, and tells the chosen van that it is watched', async () => {
    const page = await open('');
    await page.locator('.row-link', { hasText: 'one' }).click();
    await page.locator('#van-title').waitFor();
    await expect.poll(() => depot.published.some((p) => p.van === 'one' && p.leaf === 'cab')).toBe(true);
    const toldAt = performance.now();
    depot.tell({
      kind: 'status',
      van: 'one',
      status: { state: 'offline', session: 's1', at: null },
      will: true,
      receivedAt: depot.clock.nowMs(),
    });
    await page
      .locator('.row', { hasText: 'one' })
      .getByText(/hors ligne/)
      .waitFor();
    expect(performance.now() - toldAt).toBeLessThan(2000);
    depot.online('one', { agenda: 7 });
    await page.locator('.row', { hasText: 'one' }).locator('.row-state', { hasText: 'en retard' }).waitFor();
    await page.context().close();
  });

  it('tells for the crew: the sentence of the tenants follows, by keyboard alone', async () => {
    const page = await open('#/maintenant/one/v1');
    await page.locator('#visit-title').waitFor();
    await page.getByText('Dire pour l’équipe').first().focus();
    await page.keyboard.press('Enter');
    const form = page.locator('form[aria-label="Dire pour l’équipe"]');
    await form.locator('select').focus();
    await page.keyboard.type('Ann');
    await form.locator('input[name=reason]').focus();
    await page.keyboard.type('moteur en panne');
    await page.keyboard.press('Enter');
    await page
      .locator('.told blockquote[lang=fr]', { hasText: 'Passage annulé: moteur en panne.' })
      .waitFor();
    await page.getByText(/^Dit par le siège/).waitFor();
    await page.context().close();
  });

  it('marks an alert as seen', async () => {
    const page = await open('#/maintenant/one');
    await page.locator('.alert button').click();
    await page.locator('.alert.is-seen').waitFor();
    await page.getByText('Aucune alerte', { exact: true }).waitFor();
    await page.context().close();
  });

  it('plans: a visit is added, previewed as tenants will read it, published, and taken back', async () => {
    const page = await open('#/planning');
    await page.locator('.card').first().waitFor();
    await page.getByRole('button', { name: 'Ajouter un passage' }).click();
    const editor = page.locator('form[aria-label="Ajouter un passage"]');
    await editor.locator('select[name=stop]').selectOption('pre');
    await editor.locator('select[name=van]').selectOption('one');
    await editor.getByRole('button').click();
    await page.getByRole('button', { name: 'Voir avant de publier' }).click();
    await page.getByText('ajouté', { exact: true }).first().waitFor();
    await page.locator('input[name=why]').fill('demande de la mairie');
    await page.getByRole('button', { name: 'Publier', exact: true }).click();
    await page.getByText('Version 8 en vigueur.').waitFor();
    expect(depot.agenda.current()?.visits).toHaveLength(3);
    await page.getByText('Versions', { exact: true }).click();
    await page.getByRole('button', { name: 'Revenir à cette version 7' }).click();
    await page.getByText('Version 9 en vigueur.').waitFor();
    await page.context().close();
  });

  it('moves a visit by keyboard, into a draft that survives a reload', async () => {
    const page = await open('#/planning');
    const card = page.locator('.card').first();
    await card.focus();
    await page.keyboard.press('Alt+ArrowDown');
    await page.getByText('1 changement dans le brouillon.').waitFor();
    await page.reload();
    await page.getByText('1 changement dans le brouillon.').waitFor();
    await page.getByRole('button', { name: 'Abandonner le brouillon' }).click();
    await page.getByText('Aucun changement.').waitFor();
    await page.context().close();
  });

  it('draws an outline and a parking place without a mouse; the lint follows the draft', async () => {
    const page = await open('#/planning', { bypassCSP: true });
    const parking = page.getByText('Preuilly-sur-Claise : point de stationnement absent');
    await parking.waitFor();
    await page.locator('section[aria-labelledby=stops-title] select').selectOption('pre');
    await page.locator('form[aria-label=Lieux] textarea').fill('46.854, 0.928\n46.855, 0.928\n46.855, 0.930');
    await page.keyboard.press('Tab');
    await page.getByText('Contour de 3 coins.').waitFor();
    await page.getByLabel('Stationnement (latitude, longitude)').fill('46.8546, nowhere');
    await page.getByRole('button', { name: 'Mettre dans le brouillon' }).click();
    await page.getByText('Attendu: latitude, longitude').waitFor();
    await page.getByLabel('Stationnement (latitude, longitude)').fill('46.8546, 0.9286');
    expect(await axeFaults(page)).toEqual([]);
    await page.getByRole('button', { name: 'Mettre dans le brouillon' }).click();
    await parking.waitFor({ state: 'detached' });
    const draft = JSON.parse((await page.evaluate(() => localStorage.getItem('draft')))!);
    const stop = draft.agenda.stops.find((s: { id: string }) => s.id === 'pre');
    expect(stop).toMatchObject({ parking: { lat: 46.8546, lon: 0.9286 }, lat: 46.8545, lon: 0.929 });
    expect(stop.polygon).toHaveLength(3);
    await page.context().close();
  });

  it('shows a day again; the scrubber moves by keyboard and the figures stand in a table', async () => {
    const page = await open('#/journee/one');
    await page.locator('.uplot').first().waitFor();
    const scrubber = page.locator('.scrubber input');
    const before = await scrubber.inputValue();
    await scrubber.focus();
    await page.keyboard.press('End');
    expect(await scrubber.inputValue()).not.toBe(before);
    await page.getByText(/À cette heure, le véhicule disait: Ligueil: en retard/).waitFor();
    await page.locator('.chart summary').first().click();
    await page.locator('.chart table').first().getByText('78', { exact: true }).waitFor();
    await page.context().close();
  });

  it('works in English, and says nothing English in French', async () => {
    const page = await open('');
    await page.getByRole('button', { name: 'English' }).click();
    await page.getByRole('heading', { name: /^Now/ }).waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe('en');
    await page.getByRole('button', { name: 'Français' }).click();
    for (const [hash, shown] of SECTIONS) {
      await page.goto(`${server.url}/depot${hash}`);
      await page.locator(shown).first().waitFor();
      const text = await page.evaluate(() => {
        const copy = document.body.cloneNode(true) as HTMLElement;
        for (const other of copy.querySelectorAll('[lang=en], script, .leaflet-control')) other.remove();
        return copy.textContent ?? '';
      });
      expect(text).not.toMatch(/\b(the|visit|van|week|loading|seen|save|day|unknown|planned)\b/i);
    }
    await page.context().close();
  });

  it.each([
    ['light', 1280],
    ['dark', 320],
  ] as const)('every section is clean for axe and fits: %s, %i px', async (colorScheme, width) => {
    const page = await open('', { colorScheme, viewport: { width, height: 800 }, bypassCSP: true });
    for (const [hash, shown] of SECTIONS) {
      await page.goto(`${server.url}/depot${hash}`);
      await page.locator(shown).first().waitFor();
      expect(await axeFaults(page), hash).toEqual([]);
      // Inside a map things lie outside its frame and are cut by it; a table's frame scrolls.
      const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(over, `${hash}: ${await overflowing(page)}`).toBeLessThanOrEqual(0);
    }
    await page.context().close();
  });

  it('enrols a van: its secret is shown once, and revoking it is said', async () => {
    const page = await open('#/vehicules', { bypassCSP: true });
    await page.getByText('Inscrire un véhicule').first().click();
    const form = page.locator('form[aria-label="Inscrire un véhicule"]');
    await form.locator('input[name=id]').fill('four');
    await form.locator('input[name=name]').fill('Le quatre');
    await form.getByRole('button').click();
    const secret = (await page.locator('code.secret').textContent())!;
    expect(depot.fleet.verify('four', secret)).toBe(true);
    await page.getByRole('link', { name: 'Le quatre' }).click();
    await page.getByText('Révoquer…').click();
    await page.getByRole('button', { name: 'Révoquer' }).click();
    await page.getByText(/^Révoqué /).waitFor();
    expect(depot.fleet.verify('four', secret)).toBe(false);
    await page.reload();
    await page.locator('#van-title').waitFor();
    expect(await page.locator('code.secret').count()).toBe(0);
    expect(await axeFaults(page)).toEqual([]);
    await page.context().close();
  });

  it('asks nobody else for anything, holds its own policy, and its script stays small', async () => {
    const page = await open('#/maintenant/one');
    const hosts = await page.evaluate(() =>
      performance.getEntriesByType('resource').map((entry) => new URL(entry.name).host),
    );
    expect([...new Set(hosts)]).toEqual([new URL(server.url).host]);
    const script = assets.files.get(assets.path('depot.js').split('/').pop()!)!;
    expect(script.gzip.length).toBeLessThan(MAX_SCRIPT_BYTES);
    expect(faults.filter((fault) => !/net::ERR|Failed to load/.test(fault))).toEqual([]);
    await page.context().close();
  });
});
