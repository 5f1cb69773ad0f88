import { useEffect, useState } from 'preact/hooks';
import type { CabView } from '../core/cabView.ts';

/** The view as it comes from the gateway by SSE, and whether it still comes. Ages are counted from its own clock. */
export type Live = {
  readonly view?: CabView;
  /** `performance.now()` of the last view. */
  readonly viewMs: number;
  readonly lost: boolean;
  readonly needsPin: boolean;
  /** The gateway was started again under this page. */
  readonly restarted: boolean;
};

/** The heartbeat is every 5 s: two missed, and the page says so. */
const SILENCE_MS = 12_000;
const RETRY_MS = 1_500;
const RESTART_SHOWN_MS = 8_000;

export function useLive(attempt: number): Live {
  const [live, setLive] = useState<Live>({ viewMs: 0, lost: false, needsPin: false, restarted: false });
  // A new attempt (the PIN was given) connects again.
  useEffect(() => follow((change) => setLive((before) => ({ ...before, ...change(before) }))), [attempt]);
  return live;
}

function follow(update: (change: (before: Live) => Partial<Live>) => void): () => void {
  let source: EventSource | undefined;
  let heardMs = performance.now();
  let retry = 0;
  let restartedUntil = 0;

  function take(text: string): void {
    const view = JSON.parse(text) as CabView;
    heardMs = performance.now();
    update((before) => {
      if (before.view && before.view.session !== view.session) restartedUntil = heardMs + RESTART_SHOWN_MS;
      return { view, viewMs: heardMs, lost: false, needsPin: false, restarted: heardMs < restartedUntil };
    });
  }

  function connect(): void {
    source = new EventSource('/events');
    source.onmessage = (event) => take(event.data as string);
    source.addEventListener('beat', () => {
      heardMs = performance.now();
      update(() => ({ lost: false, restarted: heardMs < restartedUntil }));
    });
    source.onerror = () => void again();
  }

  /** The stream broke: is the gateway away, or does it want the PIN? */
  async function again(): Promise<void> {
    source?.close();
    window.clearTimeout(retry);
    const answer = await fetch('/view').catch(() => undefined);
    if (answer?.status === 401) return update(() => ({ needsPin: true, lost: false }));
    if (!answer?.ok) update(() => ({ lost: true }));
    retry = window.setTimeout(connect, RETRY_MS);
  }

  const watch = window.setInterval(() => {
    if (performance.now() - heardMs > SILENCE_MS) update(() => ({ lost: true }));
  }, 1000);
  connect();
  return () => {
    source?.close();
    window.clearTimeout(retry);
    window.clearInterval(watch);
  };
}

/** The gateway's time now, epoch ms; `undefined` while it does not know it. Counts on every second. */
export function useNow(live: Live): number | undefined {
  const [, turn] = useState(0);
  useEffect(() => {
    const timer = window.setInterval(() => turn((n) => n + 1), 1000);
    return () => window.clearInterval(timer);
  }, []);
  const at = live.view?.at;
  return at === undefined ? undefined : at + performance.now() - live.viewMs;
}
