import { age, clock, type Language } from '../../../web/format.ts';
import { contact, staleSince, startContact } from './contact.ts';
import { startPush } from './push.ts';

/**
 * What the script adds to a page that is whole without it: it stays true while it is open, says when it no longer
 * can, and remembers the commune on this phone. The words always come from the server.
 */
const root = document.documentElement;
const language: Language = root.lang === 'en' ? 'en' : 'fr';
const zone = document.body.dataset.zone ?? 'Europe/Paris';
const live = document.getElementById('live');

/** Ages are counted from the server's time: the phone's clock may be wrong. */
function showAges(): void {
  for (const time of document.querySelectorAll<HTMLElement>('time[data-at]'))
    time.textContent = age(language, Number(time.dataset.at), contact.serverNowMs(), zone);
}

function showStale(): void {
  const notice = document.getElementById('stale');
  if (!notice) return;
  const since = staleSince();
  const wasHidden = notice.hidden;
  notice.hidden = since === undefined;
  document.body.classList.toggle('is-stale', since !== undefined);
  if (since === undefined) return;
  const text = [notice.dataset.text?.replace('{time}', clock(language, since, zone)), notice.dataset.call];
  notice.textContent = text.filter(Boolean).join(' ');
  if (wasHidden) announce(notice.textContent);
}

/** Told once to a screen reader; the same words twice are no news. */
function announce(text: string): void {
  const news = document.getElementById('news');
  if (news && news.textContent !== text) news.textContent = text;
}

const statements = (of: ParentNode): string =>
  [...of.querySelectorAll('.sentence, .following')].map((el) => el.textContent).join(' ');

/** Puts the server's newest page in place of what is shown. */
function show(html: string): void {
  const fresh = new DOMParser().parseFromString(html, 'text/html');
  const part = fresh.getElementById('live');
  if (!live || !part) return;
  const before = statements(live);
  if (live.innerHTML !== part.innerHTML) live.replaceChildren(...part.childNodes);
  const after = statements(live);
  if (after !== before) announce(after);
  document.title = fresh.title;
}

function remember(): void {
  const name = document.querySelector('h1')?.textContent;
  try {
    if (live?.dataset.commune && name)
      localStorage.setItem('commune', JSON.stringify({ path: location.pathname, name }));
    const section = document.getElementById('remembered');
    const known = JSON.parse(localStorage.getItem('commune') ?? 'null') as {
      path: string;
      name: string;
    } | null;
    const link = section?.querySelector('a');
    if (!section || !link || !known || !/^\/c\/[\w-]+$/.test(known.path)) return;
    link.href = known.path + (language === 'en' ? '?lang=en' : '');
    link.textContent = known.name;
    section.hidden = false;
  } catch {
    // A browser that keeps nothing: then nothing is remembered.
  }
}

function startButtons(): void {
  const share = document.getElementById('share');
  if (share && 'share' in navigator)
    share.addEventListener('click', (event) => {
      event.preventDefault();
      navigator.share({ title: document.title, url: location.href }).catch(() => {});
    });
  const print = document.getElementById('print');
  if (print) {
    print.hidden = false;
    print.addEventListener('click', () => window.print());
  }
}

if ('serviceWorker' in navigator) navigator.serviceWorker.register('/worker.js').catch(() => {});
remember();
startButtons();
startPush(language);
if (live) {
  startContact({
    commune: live.dataset.commune ?? '',
    servedAtMs: Number(document.body.dataset.now),
    lastEvent: document.body.dataset.event ?? '',
    show,
    news: (visit, atMs) => {
      for (const card of live.querySelectorAll<HTMLElement>('[data-visit]'))
        if (card.dataset.visit === visit)
          card.querySelector('time[data-at]')?.setAttribute('data-at', `${atMs}`);
    },
    changed: () => {
      showStale();
      showAges();
    },
  });
  setInterval(() => {
    showStale();
    showAges();
  }, 5000);
}
