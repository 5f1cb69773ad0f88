import type { PresenceState } from '../../../protocol/presence.ts';
import { hours, type Language, longDate } from '../../../web/format.ts';
import { Typeset } from '../../../web/text.tsx';
import { UprightLine } from '../../../web/uprightLine.tsx';
import type { Commune } from '../../core/communes.ts';
import { slugOf } from '../../core/communes.ts';
import { eventsOf } from '../../core/jsonLd.ts';
import { chosenOf, type Told } from '../../core/publicBoard.ts';
import { LiveStatements } from './card.tsx';
import { inLanguage, renderPage, type Site } from './shell.tsx';
import { words } from './words.ts';

export type StopPageProps = {
  readonly site: Site;
  readonly language: Language;
  readonly commune: Commune;
  readonly visits: readonly Told[];
  readonly nowMs: number;
  /** The reader asked a page without script to stay as it is. */
  readonly still?: boolean;
  /** Newest event of the live line that this page has seen. */
  readonly lastEvent?: string;
};

/** Seconds between two loads of a page without script: short only on a day with a visit. */
const REFRESH_TODAY_S = 60;
const REFRESH_S = 900;
const DATES_SHOWN = 8;

export const stopPath = (commune: Commune): string => `/c/${commune.insee}-${slugOf(commune.name)}`;

/** `/c/37130-ligueil`: the statement first, then the place, then the next dates (PAGES, «Tenant»). */
export function stopPage(props: StopPageProps): string {
  const { site, language, commune, visits, nowMs, still } = props;
  const w = words[language];
  const { now, later } = chosenOf(visits, nowMs);
  const path = stopPath(commune);
  const refreshS = now.some(({ facts }) => facts.dutyFromMs <= nowMs && nowMs <= facts.dutyToMs)
    ? REFRESH_TODAY_S
    : REFRESH_S;
  const first = now[0];
  return renderPage({
    site,
    language,
    path,
    nowMs,
    title: `${commune.name} · ${w.agency}`,
    description: first ? `${commune.name}: ${first.statement.text[language]}` : w.noVisitsHere,
    ...(still ? {} : { refreshS }),
    ...(props.lastEvent === undefined ? {} : { lastEvent: props.lastEvent }),
    jsonLd: eventsOf([...now, ...later], commune.name, `${site.origin}${path}`, language),
    children: (
      <>
        <h1>{commune.name}</h1>
        <StaleNotice site={site} language={language} />
        <LiveStatements commune={commune.insee} now={now} language={language} nowMs={nowMs}>
          <Places now={now} language={language} />
          <section class="next">
            <h2>{w.next}</h2>
            {later.length === 0 ? (
              <p>{w.noNext}</p>
            ) : (
              <UprightLine
                language={language}
                timezone={site.timezone}
                visits={later.slice(0, DATES_SHOWN).map((told) => lineOf(told, later, now))}
              />
            )}
          </section>
        </LiveStatements>
        <Actions {...props} />
        <noscript>
          <p class="quiet">
            {still ? null : w.refreshes(`${refreshS}`)}{' '}
            <a href={still ? inLanguage(path, language) : inLanguage(`${path}?still=1`, language)}>
              {still ? w.lively : w.still}
            </a>
          </p>
        </noscript>
      </>
    ),
  });
}

/** The place is written on a date only where the dates do not share one. */
function lineOf(told: Told, later: readonly Told[], now: readonly Told[]) {
  const { facts, statement } = told;
  const places = new Set([...now, ...later].map((one) => one.facts.stop));
  return {
    id: facts.id,
    label: facts.name,
    fromMs: facts.fromMs,
    toMs: facts.toMs,
    state: statement.state,
    ...(statement.movedTo ? { place: statement.movedTo.name } : places.size > 1 ? { place: facts.name } : {}),
  };
}

/** Where the agency stands: a place once, with the hours of each of today's visits there. */
function Places({ now, language }: { now: readonly Told[]; language: Language }) {
  const places = new Map<string, Told[]>();
  for (const told of now) {
    const key = told.statement.movedTo?.name ?? told.facts.stop;
    places.set(key, [...(places.get(key) ?? []), told]);
  }
  return (
    <>
      {[...places].map(([key, visits]) => (
        <Place key={key} visits={visits} language={language} />
      ))}
    </>
  );
}

/** Nobody is sent where nobody comes. */
const GONE = new Set<PresenceState>(['cancelled', 'missed', 'left']);

function Place({ visits, language }: { visits: readonly Told[]; language: Language }) {
  const w = words[language];
  const { facts, statement } = visits[0]!;
  const to = statement.movedTo;
  const at = to ? (to.lat === undefined ? undefined : { lat: to.lat, lon: to.lon }) : facts;
  return (
    <section class="place">
      <h2 class="spoken">{w.where}</h2>
      <p class="place-name">{to?.name ?? facts.name}</p>
      {!to && facts.address && facts.address !== facts.name ? <p>{facts.address}</p> : null}
      {!to && facts.access ? <p>{facts.access}</p> : null}
      {facts.services?.length ? <p class="services">{facts.services.join(' · ')}</p> : null}
      {visits.map((told) => (
        <p class="hours" key={told.facts.id}>
          {longDate(language, told.facts.fromMs, told.facts.timezone)},{' '}
          <Typeset text={hours(language, told.facts.fromMs, told.facts.toMs, told.facts.timezone)} />
        </p>
      ))}
      {at && !visits.every((told) => GONE.has(told.statement.state)) ? (
        <p>
          <a
            class="button"
            rel="noreferrer"
            href={`https://www.openstreetmap.org/?mlat=${at.lat}&mlon=${at.lon}#map=17/${at.lat}/${at.lon}`}
          >
            {w.route}
          </a>
        </p>
      ) : null}
    </section>
  );
}

/** Hidden until the script finds that the depot no longer answers; its words wait in the page, in one language. */
export function StaleNotice({ site, language }: { site: Site; language: Language }) {
  const w = words[language];
  return (
    <>
      <p
        id="stale"
        class="stale"
        hidden
        data-text={w.stale('{time}')}
        {...(site.phone ? { 'data-call': w.call(site.phone) } : {})}
      />
      <p id="news" class="spoken" role="status" />
    </>
  );
}

function Actions({ site, language, commune }: StopPageProps) {
  const w = words[language];
  const path = stopPath(commune);
  const calendar = `${site.origin}/public/v1/communes/${commune.insee}/visits.ics${language === 'en' ? '?lang=en' : ''}`;
  return (
    <section class="actions">
      <h2>{w.actions}</h2>
      <ul>
        {site.pushKey ? (
          <li id="tell-me" hidden data-key={site.pushKey} data-commune={commune.insee}>
            <button type="button" class="button" data-on={w.tellMe} data-off={w.pushOff}>
              {w.tellMe}
            </button>
            <p class="quiet" role="status" data-on={w.pushOn} data-refused={w.pushRefused}>
              {w.pushAbout}
            </p>
          </li>
        ) : null}
        {site.hasSms ? (
          <li>
            <a class="button" href={inLanguage(`${path}/sms`, language)}>
              {w.tellMeSms}
            </a>
          </li>
        ) : null}
        <li>
          <a class="button" href={calendar.replace(/^https?:/, 'webcal:')}>
            {w.calendar}
          </a>
        </li>
        <li>
          <a class="button" href={inLanguage(`${path}/affiche`, language)}>
            {w.print}
          </a>
        </li>
        <li>
          <a
            class="button"
            id="share"
            href={`mailto:?subject=${encodeURIComponent(`${commune.name} · ${w.agency}`)}&body=${encodeURIComponent(site.origin + inLanguage(path, language))}`}
          >
            {w.share}
          </a>
        </li>
      </ul>
      <p class="quiet">
        <a href={inLanguage('/', language)}>{w.otherCommune}</a>
      </p>
    </section>
  );
}
