import { computed } from '@preact/signals';
import { longDate, when } from '../../../web/format.ts';
import { Accounting } from './accounting.tsx';
import { Alerts } from './alerts.tsx';
import { write } from './api.ts';
import { Day } from './day.tsx';
import { Now } from './now.tsx';
import { Planning } from './planning.tsx';
import { linkTo, route, SECTIONS, type SectionPath } from './router.ts';
import { Settings } from './settings.tsx';
import {
  language,
  lostSinceMs,
  minuteMs,
  secondMs,
  session,
  theme,
  timezone,
  vanIds,
  vanOf,
} from './state.ts';
import { Vans } from './vans.tsx';
import { bareTime, words } from './words.ts';

const openAlerts = computed(() =>
  vanIds.value.reduce((n, id) => n + vanOf(id)!.value.alerts.filter((a) => !a.acknowledged).length, 0),
);
/** Alerts are reached by their count. */
const IN_BAR = (Object.keys(SECTIONS) as SectionPath[]).filter((section) => section !== 'alertes');
const THEMES = ['auto', 'light', 'dark'] as const;

export function Shell() {
  const w = words();
  return (
    <>
      <a class="skip" href="#content">
        {w.skip}
      </a>
      <header>
        <div class="top">
          <p class="product">{w.product}</p>
          <nav class="sections" aria-label={w.product}>
            <ul>
              {IN_BAR.map((section) => (
                <li key={section}>
                  <a
                    href={linkTo(section)}
                    aria-current={route.value.section === section ? 'page' : undefined}
                  >
                    {w.sections[SECTIONS[section]]}
                  </a>
                </li>
              ))}
            </ul>
          </nav>
          <p class="today">
            <span class="whole">{longDate(language.value, minuteMs.value, timezone.value)}</span>
            {' · '}
            <a
              class={openAlerts.value > 0 ? 'has-alerts' : ''}
              href={linkTo('alertes')}
              aria-current={route.value.section === 'alertes' ? 'page' : undefined}
            >
              {w.now.alerts(openAlerts.value)}
            </a>
          </p>
          <div class="choices">
            <button
              type="button"
              class="button is-plain"
              lang={language.value === 'fr' ? 'en' : 'fr'}
              onClick={() => {
                language.value = language.value === 'fr' ? 'en' : 'fr';
              }}
            >
              {w.otherLanguage}
            </button>
            <button
              type="button"
              class="button is-plain"
              onClick={() => {
                theme.value = THEMES[(THEMES.indexOf(theme.value) + 1) % 3]!;
              }}
            >
              {w.theme[theme.value]}
            </button>
            {session.value?.auth === 'password' ? (
              <button
                type="button"
                class="button is-plain"
                onClick={() => write('/api/logout').finally(() => location.reload())}
              >
                {w.logout}
              </button>
            ) : null}
          </div>
        </div>
        {session.value?.auth === 'none' ? <p class="banner">{w.openBanner}</p> : null}
        <div role="status">
          {lostSinceMs.value === undefined ? null : (
            <p class="banner is-bad">
              {w.notLive(bareTime(when(language.value, lostSinceMs.value, secondMs.peek(), timezone.value)))}
            </p>
          )}
        </div>
      </header>
      <main id="content" tabIndex={-1}>
        <Section />
      </main>
    </>
  );
}

function Section() {
  switch (route.value.section) {
    case 'maintenant':
      return <Now />;
    case 'planning':
      return <Planning />;
    case 'journee':
      return <Day />;
    case 'bilan':
      return <Accounting />;
    case 'vehicules':
      return <Vans />;
    case 'reglages':
      return <Settings />;
    case 'alertes':
      return <Alerts />;
  }
}
