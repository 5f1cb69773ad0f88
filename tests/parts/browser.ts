import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Browser, chromium, type Page } from 'playwright-core';

/**
 * Debian's Chromium for the tests that look at a page. Without it a test skips and says so in one line; with
 * TOURNEE_REQUIRE_ALL=1 (set by .ci/run) it fails.
 */
const EXECUTABLE = '/usr/bin/chromium';
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export const hasBrowser = existsSync(EXECUTABLE) || process.env.TOURNEE_REQUIRE_ALL === '1';
if (!hasBrowser) process.stderr.write(`no ${EXECUTABLE}: the pages are not looked at\n`);

/** `describe.skipIf(!hasBrowser)` beside it; close it in `afterAll`. */
export const openBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: EXECUTABLE, args: FLAGS });

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/**
 * What axe-core finds, one line a fault; `[]` is clean. WCAG 2.1 A and AA, and best practices. The page's context
 * must have been made with `bypassCSP: true`: axe is put into the page.
 */
export async function axeFaults(page: Page): Promise<string[]> {
  await page.addScriptTag({ path: AXE });
  return page.evaluate(async () => {
    type Found = { violations: { id: string; nodes: { target: string[]; failureSummary: string }[] }[] };
    const { violations } = await (window as unknown as { axe: { run(): Promise<Found> } }).axe.run();
    return violations.flatMap(({ id, nodes }) =>
      nodes.map((node) => `${id}: ${node.target.join(' ')}: ${node.failureSummary.replace(/\s+/g, ' ')}`),
    );
  });
}

/** Whether anything reaches over the right edge, and what: at 320 px nothing may. */
export const overflowing = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    [...document.querySelectorAll('body *')]
      .filter((el) => {
        const box = el.getBoundingClientRect();
        return box.width > 1 && box.right > document.documentElement.clientWidth + 0.5;
      })
      .map((el) => `${el.tagName.toLowerCase()}.${el.getAttribute('class') ?? ''}`),
  );
