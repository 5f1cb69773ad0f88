import type { Language } from '../../visit/format.ts';

/** What the page remembers on this device. Storage may be refused: then nothing is remembered. */
export type Theme = 'auto' | 'light' | 'dark';
export type Prefs = { readonly language: Language; readonly theme: Theme; readonly sound: boolean };

const NAME = 'cab';
const DEFAULTS: Prefs = { language: 'fr', theme: 'auto', sound: false };

export function loadPrefs(): Prefs {
  try {
    return { ...DEFAULTS, ...(JSON.parse(localStorage.getItem(NAME) ?? '{}') as Partial<Prefs>) };
  } catch {
    return DEFAULTS;
  }
}

export function savePrefs(prefs: Prefs): void {
  try {
    localStorage.setItem(NAME, JSON.stringify(prefs));
  } catch {
    // Private browsing: the choice holds until the page is closed.
  }
}

export function applyPrefs({ language, theme }: Prefs): void {
  document.documentElement.lang = language;
  if (theme === 'auto') document.documentElement.removeAttribute('data-theme');
  else document.documentElement.setAttribute('data-theme', theme);
}
