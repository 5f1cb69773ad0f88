import { STATE_WORDS } from '../../../web/dictionary.ts';
import { clock, hours, type Language, localDate, shortDate } from '../../../web/format.ts';
import { Sign } from '../../../web/signs.tsx';
import { Typeset } from '../../../web/text.tsx';
import type { Commune } from '../../core/communes.ts';
import type { Board, Told } from '../../core/publicBoard.ts';
import { inLanguage, renderPage, type Site } from './shell.tsx';
import { StaleNotice, stopPath } from './stopPage.tsx';
import { words } from './words.ts';

export type HomePageProps = {
  readonly site: Site;
  readonly language: Language;
  readonly board: Board;
  readonly nowMs: number;
  /** Communes with a visit in the coming days, in the order of their next visit. */
  readonly soon: readonly { readonly commune: Commune; readonly told: Told }[];
  readonly typed?: string;
  readonly found?: readonly Commune[];
};

const REFRESH_S = 120;

/** `/`: one field, the remembered commune, the communes of this week. */
export function homePage({ site, language, board, nowMs, soon, typed, found }: HomePageProps): string {
  const w = words[language];
  return renderPage({
    site,
    language,
    nowMs,
    path: typed === undefined ? '/' : `/?q=${encodeURIComponent(typed)}`,
    title: w.homeTitle,
    // A search is being read: it does not reload under the reader.
    ...(typed === undefined ? { refreshS: REFRESH_S } : {}),
    children: (
      <>
        <h1>{w.homeTitle}</h1>
        <p>{w.homeLead}</p>
        <form class="search" action="/" method="get">
          <label for="q">{w.searchLabel}</label>
          <div class="search-row">
            <input
              id="q"
              name="q"
              type="search"
              value={typed ?? ''}
              maxlength={60}
              autocomplete="postal-code"
              enterkeyhint="search"
            />
            {language === 'en' ? <input type="hidden" name="lang" value="en" /> : null}
            <button type="submit" class="button is-main">
              {w.search}
            </button>
          </div>
        </form>
        {typed === undefined || !found ? null : (
          <section aria-live="polite">
            <h2>{w.found}</h2>
            {found.length === 0 ? <p>{w.notFound(typed)}</p> : null}
            <ul class="communes">
              {found.map((commune) => (
                <CommuneLine
                  key={commune.insee}
                  commune={commune}
                  told={nextOf(board.byCommune.get(commune.insee), nowMs)}
                  language={language}
                  nowMs={nowMs}
                />
              ))}
            </ul>
          </section>
        )}
        <section id="remembered" hidden>
          <h2>{w.remembered}</h2>
          <p>
            <a class="commune" href="/">
              {w.remembered}
            </a>
          </p>
        </section>
        <StaleNotice site={site} language={language} />
        <section id="live" data-commune="">
          <h2>{w.thisWeek}</h2>
          {soon.length === 0 ? <p>{w.nothingThisWeek}</p> : null}
          <ul class="communes">
            {soon.map(({ commune, told }) => (
              <CommuneLine
                key={commune.insee}
                commune={commune}
                told={told}
                language={language}
                nowMs={nowMs}
              />
            ))}
          </ul>
          <p class="quiet">
            <Typeset text={w.asOf(clock(language, nowMs, site.timezone))} />
          </p>
        </section>
      </>
    ),
  });
}

export const nextOf = (visits: readonly Told[] | undefined, nowMs: number): Told | undefined =>
  visits?.find(({ facts }) => facts.toMs > nowMs);

function CommuneLine({
  commune,
  told,
  language,
  nowMs,
}: {
  commune: Commune;
  told: Told | undefined;
  language: Language;
  nowMs: number;
}) {
  const w = words[language];
  return (
    <li>
      <a class="commune" href={inLanguage(stopPath(commune), language)}>
        <span class="commune-name">{commune.name}</span>{' '}
        <span class="commune-next">
          {told ? <NextInWords told={told} language={language} nowMs={nowMs} /> : w.noVisits}
        </span>
      </a>
    </li>
  );
}

function NextInWords(props: { told: Told; language: Language; nowMs: number }) {
  const { told, language, nowMs } = props;
  const { facts, statement } = told;
  const isToday = localDate(nowMs, facts.timezone) === facts.date;
  const day = isToday ? words[language].today : shortDate(language, facts.fromMs, facts.timezone);
  return (
    <>
      <span class="whole">{day}</span>{' '}
      <Typeset text={hours(language, facts.fromMs, facts.toMs, facts.timezone)} />
      {statement.state === 'planned' ? null : (
        <>
          {' '}
          <span class={`chip state-${statement.state}`}>
            <Sign state={statement.state} /> {STATE_WORDS[language][statement.state]}
          </span>
        </>
      )}
    </>
  );
}
