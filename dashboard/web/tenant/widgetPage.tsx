import { chosenOf } from '../../core/publicBoard.ts';
import { LiveStatements } from './card.tsx';
import { inLanguage, renderPage } from './shell.tsx';
import { StaleNotice, type StopPageProps, stopPath } from './stopPage.tsx';
import { words } from './words.ts';

/** `/c/…/widget`: the statement alone, to be framed by the site of a town hall. */
export function widgetPage({ site, language, commune, visits, nowMs, lastEvent }: StopPageProps): string {
  const w = words[language];
  const path = stopPath(commune);
  const { now } = chosenOf(visits, nowMs);
  return renderPage({
    site,
    language,
    nowMs,
    path,
    isBare: true,
    refreshS: 60,
    title: `${commune.name} · ${w.agency}`,
    ...(lastEvent === undefined ? {} : { lastEvent }),
    children: (
      <>
        <h1 class="widget-title">
          <a href={inLanguage(path, language)} target="_blank" rel="noopener">
            {w.agency} · {commune.name}
          </a>
        </h1>
        <StaleNotice site={site} language={language} />
        <LiveStatements commune={commune.insee} now={now} language={language} nowMs={nowMs} />
      </>
    ),
  });
}
