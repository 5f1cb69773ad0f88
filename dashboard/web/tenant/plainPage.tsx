import type { Language } from '../../../web/format.ts';
import { inLanguage, renderPage, type Site } from './shell.tsx';
import { words } from './words.ts';

/** Nothing is at this address: the way back, in plain words; no path, no version, no cause. */
export function notFoundPage(site: Site, language: Language, nowMs: number): string {
  const w = words[language];
  return renderPage({
    site,
    language,
    nowMs,
    path: '/',
    title: w.notFoundTitle,
    children: (
      <>
        <h1>{w.notFoundTitle}</h1>
        <p>{w.notFoundLead}</p>
        <p>
          <a class="button" href={inLanguage('/', language)}>
            {w.search}
          </a>
        </p>
      </>
    ),
  });
}
