import type { Language } from '../../../web/format.ts';
import { renderPage, type Site } from './shell.tsx';

/** The declaration that décret 2019-768 asks for; its blanks are the landlord's to fill (docs/ACCESSIBILITY.md). */
export function accessibilityPage(site: Site, language: Language, nowMs: number): string {
  return renderPage({
    site,
    language,
    nowMs,
    path: '/accessibilite',
    title: language === 'fr' ? "Déclaration d'accessibilité" : 'Accessibility statement',
    children: language === 'fr' ? <French phone={site.phone} /> : <English phone={site.phone} />,
  });
}

function French({ phone }: { phone: string | undefined }) {
  return (
    <>
      <h1>Déclaration d'accessibilité</h1>
      <p>
        Ces pages veulent être lisibles par tous: sans JavaScript, au clavier, avec un lecteur d'écran,
        agrandies à 200 %, sur un écran de 320 pixels, en clair et en sombre, et imprimées.
      </p>
      <h2>État de conformité</h2>
      <p>Partiellement conforme au RGAA 4.1: un audit par un tiers n'a pas encore été fait.</p>
      <h2>Ce qui est vérifié à chaque version</h2>
      <p>
        Contrastes, titres, étiquettes, langue, annonces de changement, avec axe-core, en français et en
        anglais, en clair et en sombre.
      </p>
      <h2>Contenus exemptés</h2>
      <p>
        Le lien «Y aller» ouvre une carte d'un autre site. L'adresse et les heures sont écrites sur la page.
      </p>
      <h2>Un problème?</h2>
      <p>{phone ? `Appelez le ${phone}.` : 'Dites-le à votre agence.'}</p>
      <p>
        Sans réponse, vous pouvez saisir le Défenseur des droits:{' '}
        <a href="https://www.defenseurdesdroits.fr/" rel="noreferrer">
          defenseurdesdroits.fr
        </a>
        , ou par courrier gratuit: Défenseur des droits, Libre réponse 71120, 75342 Paris CEDEX 07.
      </p>
    </>
  );
}

function English({ phone }: { phone: string | undefined }) {
  return (
    <>
      <h1>Accessibility statement</h1>
      <p>
        These pages are meant to be read by everyone: without JavaScript, by keyboard, with a screen reader,
        enlarged to 200 %, on a screen of 320 pixels, light and dark, and printed.
      </p>
      <h2>State of compliance</h2>
      <p>Partly compliant with RGAA 4.1 (WCAG 2.1 AA): no audit by a third party has been made yet.</p>
      <h2>What is checked at each release</h2>
      <p>
        Contrasts, headings, labels, language, announcements of changes, with axe-core, in French and English,
        light and dark.
      </p>
      <h2>Exempt contents</h2>
      <p>The link “Get there” opens a map of another site. Address and hours are written on the page.</p>
      <h2>A problem?</h2>
      <p>{phone ? `Call ${phone}.` : 'Tell your agency.'}</p>
      <p>
        Without an answer you may turn to the Défenseur des droits:{' '}
        <a href="https://www.defenseurdesdroits.fr/" rel="noreferrer">
          defenseurdesdroits.fr
        </a>
        .
      </p>
    </>
  );
}
