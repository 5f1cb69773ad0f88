import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

/** PAGES, «Look»: every pair ≥ 4.5:1, read from the stylesheet itself. */
const css = readFileSync(new URL('../../web/tokens.css', import.meta.url), 'utf8');

type Tokens = Record<string, string>;

/** Custom properties of each block whose selector list holds `selector`, later ones winning. */
function tokensOf(text: string, selector: string): Tokens {
  const found: Tokens = {};
  for (const [, selectors, body] of text.matchAll(/([^{}]+)\{([^{}]*)\}/g)) {
    const names = selectors!
      .replace(/\/\*[\s\S]*?\*\//g, '')
      .split(',')
      .map((s) => s.trim());
    if (!names.includes(selector)) continue;
    for (const [, name, value] of body!.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})/gi)) found[name!] = value!;
  }
  return found;
}

const luminance = (hex: string): number => {
  const [r, g, b] = [1, 3, 5].map((n) => {
    const c = Number.parseInt(hex.slice(n, n + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const contrast = (a: string, b: string): number => {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (high + 0.05) / (low + 0.05);
};

const screen = css.slice(0, css.indexOf('@media print'));
const print = css.slice(css.indexOf('@media print')).replace('@media print {', '');
const light = tokensOf(screen, ':root');
const themes: Record<string, Tokens> = {
  light,
  dark: { ...light, ...tokensOf(screen.replace(/@media[^{]*\{/g, ''), ':root:not([data-theme="light"])') },
  'dark by choice': { ...light, ...tokensOf(screen, ':root[data-theme="dark"]') },
  print: { ...light, ...tokensOf(print, ':root') },
};
const TEXT = ['ink', 'blue', 'here', 'late', 'no', 'unknown'] as const;

describe('contrast of the tokens', () => {
  for (const [theme, tokens] of Object.entries(themes))
    for (const surface of ['paper', 'panel'])
      it.each(TEXT)(`${theme}: %s on ${surface}`, (name) => {
        expect(contrast(tokens[name]!, tokens[surface]!)).toBeGreaterThanOrEqual(4.5);
      });

  it.each(Object.keys(themes))('%s: text on blue, and the edge of a field', (theme) => {
    const { 'on-blue': onBlue, blue, edge, paper } = themes[theme]!;
    if (theme !== 'print') expect(contrast(onBlue!, blue!)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(edge!, paper!)).toBeGreaterThanOrEqual(3);
  });

  it('has the colours of PAGES', () => {
    expect(light).toMatchObject({
      paper: '#fbfaf7',
      ink: '#14202b',
      blue: '#0b5e8a',
      here: '#0f6b3e',
      no: '#a32020',
    });
    expect(themes.dark).toMatchObject({ paper: '#10161c', ink: '#e9edf0', blue: '#7cc4ee', late: '#f0b35e' });
  });

  it('would notice a pale grey', () => {
    expect(contrast('#999999', '#fbfaf7')).toBeLessThan(4.5);
  });
});
