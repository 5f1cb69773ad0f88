/**
 * The line between an open page and the depot: server-sent events, else a question each 30 s. It knows the server's
 * time and since when nothing has been heard.
 */
type Listener = {
  /** INSEE code; empty: of all. */
  readonly commune: string;
  readonly servedAtMs: number;
  /** Newest event that the page has seen. */
  readonly lastEvent: string;
  /** A newer page of this address. */
  readonly show: (html: string) => void;
  /** A visit is still as said, by news of `atMs`. */
  readonly news: (visit: string, atMs: number) => void;
  readonly changed: () => void;
};

/** The server speaks each 20 s; two and a half silences are a lost line. */
const LOST_MS = 50_000;
const SHORT_LOSS_MS = 20_000;
const POLL_MS = 30_000;
const REOPEN_MS = 120_000;
/** Many phones hear of one change at once: their questions are spread. */
const SPREAD_MS = 800;

let serverMs = 0;
let heardAtMs = 0;
let hasHeard = false;
let hasFailed = false;

export const contact = {
  serverNowMs: () => serverMs + Math.max(0, Date.now() - heardAtMs),
};

function heard(atMs: number): void {
  if (!(atMs > 0)) return;
  serverMs = atMs;
  heardAtMs = Date.now();
  hasHeard = true;
  hasFailed = false;
}

/** The server's time of the last news, once the line is known to be lost. */
export function staleSince(): number | undefined {
  return hasFailed || Date.now() - heardAtMs > LOST_MS ? serverMs : undefined;
}

export function startContact(listener: Listener): void {
  serverMs = listener.servedAtMs;
  heardAtMs = Date.now();
  let stream: EventSource | undefined;
  let triedAtMs = 0;
  let lastEvent = listener.lastEvent;
  let asking = false;
  /** A newer page is owed: by this event, since then. */
  let owed: { readonly event: string; readonly sinceMs: number } | undefined;

  /** `event`: what made it worth asking; it names another page to a shared cache, the same one for everybody. */
  async function ask(event = ''): Promise<void> {
    owed = { event: event || (owed?.event ?? ''), sinceMs: owed?.sinceMs ?? Date.now() };
    if (asking) return;
    asking = true;
    while (owed && (await answered(owed.event))) {
      // Asked for once more while the answer was on its way.
    }
    asking = false;
    listener.changed();
  }

  /** Whether the page came; then nothing is owed but what was asked for in between. */
  async function answered(event: string): Promise<boolean> {
    const asked = owed;
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), 10_000);
    try {
      const url = new URL(location.href);
      if (event) url.searchParams.set('v', event);
      const answer = await fetch(url.href, { cache: 'no-cache', signal: stop.signal });
      if (!answer.ok) throw new Error(`${answer.status}`);
      const copy = answer.clone();
      const html = await answer.text();
      if (owed === asked) owed = undefined;
      heard(Number(/data-now="(\d+)"/.exec(html)?.[1]));
      listener.show(html);
      if ('caches' in window) await (await caches.open('pages')).put(location.href, copy);
      return true;
    } catch {
      // A short loss is no news; a page that never met the depot (opened from the phone's copy) is old at once.
      const lossMs = Date.now() - Math.min(heardAtMs, asked?.sinceMs ?? heardAtMs);
      hasFailed = !hasHeard || lossMs > SHORT_LOSS_MS;
      return false;
    } finally {
      clearTimeout(timer);
    }
  }

  function open(): void {
    triedAtMs = Date.now();
    // The page of all communes asks now and then: a line for every change anywhere is not worth its data.
    if (!('EventSource' in window) || listener.commune === '') return;
    close();
    const since = `commune=${encodeURIComponent(listener.commune)}&lastEventId=${encodeURIComponent(lastEvent)}`;
    stream = new EventSource(`/public/v1/changes?${since}`);
    const beat = (event: MessageEvent<string>) => {
      lastEvent = event.lastEventId;
      const { at, news } = JSON.parse(event.data) as { at: string; news: Record<string, string> };
      heard(Date.parse(at));
      for (const [visit, atText] of Object.entries(news)) listener.news(visit, Date.parse(atText));
      listener.changed();
    };
    /** Something is said otherwise, or was missed: the page is asked for again. */
    const changed = (event: MessageEvent<string>) => {
      lastEvent = event.lastEventId;
      setTimeout(() => void ask(lastEvent), Math.random() * SPREAD_MS);
    };
    const on = (name: string, then: (event: MessageEvent<string>) => void) =>
      stream?.addEventListener(name, (event) => then(event as MessageEvent<string>));
    on('hello', beat);
    on('beat', beat);
    on('visit', changed);
    on('reset', changed);
    stream.onerror = () => void ask();
  }

  function close(): void {
    stream?.close();
    stream = undefined;
  }

  setInterval(() => {
    if (document.hidden) return;
    const lost = !stream || stream.readyState === 2 || Date.now() - heardAtMs > LOST_MS;
    if (lost || owed) void ask();
    if (lost && Date.now() - triedAtMs > (stream?.readyState === 2 ? REOPEN_MS : LOST_MS)) open();
  }, POLL_MS);

  document.addEventListener('visibilitychange', () => {
    if (document.hidden) return close();
    void ask();
    open();
  });
  window.addEventListener('online', () => void ask());
  open();
}
