/**
 * The line between an open page and the depot: server-sent events, else a question each 30 s. It knows the server's
 * time and since when nothing has been heard.
 */
type Listener = {
  readonly commune: string;
  readonly servedAtMs: number;
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
  let asking = false;

  async function ask(): Promise<void> {
    if (asking) return;
    asking = true;
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), 10_000);
    try {
      const answer = await fetch(location.href, { cache: 'no-cache', signal: stop.signal });
      if (!answer.ok) throw new Error(`${answer.status}`);
      const copy = answer.clone();
      const html = await answer.text();
      heard(Number(/data-now="(\d+)"/.exec(html)?.[1]));
      listener.show(html);
      if ('caches' in window) await (await caches.open('pages')).put(location.href, copy);
    } catch {
      // A short loss is no news; a page that never met the depot (opened from the phone's copy) is old at once.
      hasFailed = !hasHeard || Date.now() - heardAtMs > SHORT_LOSS_MS;
    }
    clearTimeout(timer);
    asking = false;
    listener.changed();
  }

  function open(): void {
    triedAtMs = Date.now();
    if (!('EventSource' in window)) return void ask();
    close();
    stream = new EventSource(`/public/v1/changes?commune=${encodeURIComponent(listener.commune)}`);
    const told = (event: MessageEvent<string>) => JSON.parse(event.data) as Record<string, unknown>;
    const beat = (event: Event) => {
      const { at, news } = told(event as MessageEvent<string>);
      heard(Date.parse(String(at)));
      for (const [visit, atText] of Object.entries((news ?? {}) as Record<string, string>))
        listener.news(visit, Date.parse(atText));
      listener.changed();
    };
    // A page that comes from a cache may be old: the first word of a line is answered by a question.
    stream.addEventListener('hello', (event) => {
      const isOld = Date.parse(String(told(event as MessageEvent<string>).at)) - serverMs > 15_000;
      beat(event);
      if (isOld) void ask();
    });
    stream.addEventListener('beat', beat);
    stream.addEventListener('visit', () => void setTimeout(() => void ask(), Math.random() * SPREAD_MS));
    stream.addEventListener('reset', () => void ask());
    stream.onerror = () => void ask();
  }

  function close(): void {
    stream?.close();
    stream = undefined;
  }

  setInterval(() => {
    if (document.hidden) return;
    const lost = !stream || stream.readyState === 2 || Date.now() - heardAtMs > LOST_MS;
    if (!lost) return;
    void ask();
    if (Date.now() - triedAtMs > (stream?.readyState === 2 ? REOPEN_MS : LOST_MS)) open();
  }, POLL_MS);

  document.addEventListener('visibilitychange', () => {
    if (document.hidden) return close();
    void ask();
    open();
  });
  window.addEventListener('online', () => void ask());
  open();
}
