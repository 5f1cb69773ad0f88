import type { ComponentChildren } from 'preact';
import { renderToString } from 'preact-render-to-string';
import type { Language } from '../../../visit/format.ts';
import { words } from './words.ts';

/** What every tenants' page needs to know of the place that serves it. */
export type Site = {
  /** Address of an asset: `path('tenant.css')`. */
  readonly path: (name: string) => string;
  /** `https://agence.example` without a last slash. */
  readonly origin: string;
  readonly timezone: string;
  /** The telephone that a tenant calls when the page cannot know. */
  readonly phone?: string;
  /** Public key of the push server; absent: no «Me prévenir». */
  readonly pushKey?: string;
  /** Whether text messages can be sent. */
  readonly hasSms?: boolean;
};

export type PageProps = {
  readonly site: Site;
  readonly language: Language;
  readonly title: string;
  readonly description?: string;
  /** Path and query of this page without its language. */
  readonly path: string;
  readonly nowMs: number;
  /** Seconds after which a page without script asks again. */
  readonly refreshS?: number;
  readonly jsonLd?: unknown;
  /** Without head and foot: inside a frame. */
  readonly isBare?: boolean;
  /** Newest event of the live line when the page was made: the line begins after it. */
  readonly lastEvent?: string;
  readonly children: ComponentChildren;
};

/** The same page in the other language. */
export const inLanguage = (path: string, language: Language): string =>
  language === 'fr' ? path : `${path}${path.includes('?') ? '&' : '?'}lang=en`;

/** JSON that may stand inside a `script`: no `<` closes it. */
const embedded = (value: unknown): string =>
  JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

function Page(props: PageProps) {
  const { site, language, title, path, nowMs, refreshS, jsonLd, children } = props;
  const w = words[language];
  return (
    <html lang={language}>
      <head>
        <meta charset="utf-8" />
        <title>{title}</title>
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="description" content={props.description ?? w.oneLine} />
        <meta name="theme-color" content="#FBFAF7" media="(prefers-color-scheme: light)" />
        <meta name="theme-color" content="#10161C" media="(prefers-color-scheme: dark)" />
        <link rel="stylesheet" href={site.path('tenant.css')} />
        <link rel="icon" href="/icon.svg" type="image/svg+xml" />
        <link rel="apple-touch-icon" href="/icon-180.png" />
        <link
          rel="manifest"
          href={language === 'fr' ? '/manifest.webmanifest' : '/manifest.webmanifest?lang=en'}
        />
        <link rel="alternate" hreflang="fr" href={inLanguage(path, 'fr')} />
        <link rel="alternate" hreflang="en" href={inLanguage(path, 'en')} />
        {refreshS === undefined ? null : (
          <noscript>
            <meta http-equiv="refresh" content={`${refreshS}`} />
          </noscript>
        )}
        <script src={site.path('tenant.js')} defer />
      </head>
      <body data-now={nowMs} data-event={props.lastEvent} data-zone={site.timezone}>
        {props.isBare ? null : <Head language={language} path={path} />}
        <main id="content">{children}</main>
        {props.isBare ? null : <Foot language={language} />}
        {jsonLd === undefined ? null : (
          <script type="application/ld+json" dangerouslySetInnerHTML={{ __html: embedded(jsonLd) }} />
        )}
      </body>
    </html>
  );
}

function Head({ language, path }: { language: Language; path: string }) {
  const w = words[language];
  const other: Language = language === 'fr' ? 'en' : 'fr';
  return (
    <>
      <a class="skip" href="#content">
        {w.skip}
      </a>
      <header class="top">
        <a class="brand" href={inLanguage('/', language)}>
          {w.agency}
        </a>
        <a class="language" href={inLanguage(path, other)} lang={other} hreflang={other}>
          {w.otherLanguage}
        </a>
      </header>
    </>
  );
}

function Foot({ language }: { language: Language }) {
  const w = words[language];
  return (
    <footer class="foot">
      <p>{w.privacy}</p>
      <p>{w.sources}</p>
      <p>
        <a href={inLanguage('/accessibilite', language)}>{w.accessibility}</a>
      </p>
    </footer>
  );
}

/** A whole page as HTML text. */
export const renderPage = (props: PageProps): string =>
  `<!doctype html>${renderToString(<Page {...props} />)}`;
