import { STATE_WORDS } from '../../../web/dictionary.ts';
import { hours, type Language, longDate, when } from '../../../web/format.ts';
import { qrCode } from '../../../web/qr.ts';
import { Sign } from '../../../web/signs.tsx';
import { Typeset } from '../../../web/text.tsx';
import { chosenOf, type Told } from '../../core/publicBoard.ts';
import { inLanguage, renderPage } from './shell.tsx';
import { type StopPageProps, stopPath } from './stopPage.tsx';
import { words } from './words.ts';

const ROWS = 10;

/** `/c/…/affiche`: one A4 sheet for the town hall's board, with a QR code to the live page. */
export function sheetPage({ site, language, commune, visits, nowMs }: StopPageProps): string {
  const w = words[language];
  const { now, later } = chosenOf(visits, nowMs);
  const rows = [...now, ...later].slice(0, ROWS);
  const address = `${site.origin}${inLanguage(stopPath(commune), language)}`;
  return renderPage({
    site,
    language,
    nowMs,
    path: `${stopPath(commune)}/affiche`,
    title: `${w.sheetTitle} · ${commune.name}`,
    children: (
      <div class="sheet">
        <p class="is-screen">
          <a class="button" href={inLanguage(stopPath(commune), language)}>
            {w.back}
          </a>{' '}
          <button type="button" class="button is-main" id="print" hidden>
            {w.sheetPrint}
          </button>
        </p>
        <h1>{commune.name}</h1>
        <p class="place-name">{w.sheetTitle}</p>
        {rows.length === 0 ? <p>{w.noVisitsHere}</p> : <Rows rows={rows} language={language} />}
        <div class="code">
          <Qr text={address} />
          <p>
            {w.sheetScan}{' '}
            <strong class="wrap">
              {address.split(/(?<=[/-])/).map((part) => (
                <>
                  {part}
                  <wbr />
                </>
              ))}
            </strong>
          </p>
        </div>
        {site.phone ? <p class="place-name">{w.call(site.phone)}</p> : null}
        <p class="quiet">{w.sheetMade(when(language, nowMs, nowMs - 86_400_000, site.timezone))}</p>
      </div>
    ),
  });
}

function Rows({ rows, language }: { rows: readonly Told[]; language: Language }) {
  const w = words[language];
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">{w.date}</th>
          <th scope="col">{w.hours}</th>
          <th scope="col">{w.place}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ facts, statement }) => (
          <tr key={facts.id}>
            <th scope="row">{longDate(language, facts.fromMs, facts.timezone)}</th>
            <td>
              <Typeset text={hours(language, facts.fromMs, facts.toMs, facts.timezone)} />
            </td>
            <td>
              {statement.movedTo?.name ?? facts.name}
              {statement.state === 'cancelled' ? (
                <strong>
                  {' '}
                  <Sign state="cancelled" /> {STATE_WORDS[language].cancelled}
                </strong>
              ) : null}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Black on white in every theme: a phone's camera must read it. */
function Qr({ text }: { text: string }) {
  const grid = qrCode(text);
  if (!grid) return null;
  const size = grid.length + 8;
  const path = grid
    .flatMap((row, r) => row.map((dark, c) => (dark ? `M${c + 4} ${r + 4}h1v1h-1z` : '')))
    .join('');
  return (
    <svg
      class="qr"
      viewBox={`0 0 ${size} ${size}`}
      role="img"
      aria-label="QR code"
      shape-rendering="crispEdges"
    >
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}
