import type { Head } from '../../core/head.ts';
import type { VanView } from '../../core/vanView.ts';
import { write } from './api.ts';
import { lostSinceMs, secondMs, serverNow, takeHead, takePatches, takeSnapshot } from './state.ts';

type Message = Head & { readonly vans: readonly VanView[] };
/** Two beats of the server missed: the connection is dead whatever the browser says. */
const DEAD_MS = 35_000;
const WATCH_MS = 30_000;

/** One stream for the whole page; the browser itself comes back with the last id it has seen. */
export function startStream(): void {
  let source: EventSource | undefined;
  let heardMs = serverNow();

  const open = () => {
    source?.close();
    source = new EventSource('/api/live');
    heardMs = serverNow();
    source.addEventListener('snapshot', (event) => take(event, takeSnapshot));
    source.addEventListener('vans', (event) => take(event, takePatches));
    source.addEventListener('beat', (event) => {
      takeHeadAt(JSON.parse((event as MessageEvent<string>).data) as { at: string });
    });
    source.addEventListener('error', () => {
      lostSinceMs.value ??= heardMs;
      // A refusal (session over, too many streams) closes for good: try again slowly.
      if (source?.readyState === EventSource.CLOSED) setTimeout(open, 10_000);
    });
  };
  const take = (event: Event, into: (vans: readonly VanView[]) => void) => {
    const message = JSON.parse((event as MessageEvent<string>).data) as Message;
    takeHead(message);
    heardMs = serverNow();
    into(message.vans);
  };
  const takeHeadAt = (_: { at: string }) => {
    heardMs = serverNow();
    lostSinceMs.value = undefined;
  };

  setInterval(() => {
    secondMs.value = serverNow();
    if (serverNow() - heardMs > DEAD_MS) {
      lostSinceMs.value ??= heardMs;
      open();
    }
  }, 1000);
  open();
}

/** A screen on a wall is not somebody who looks: without a touch for so long, the van's data plan is spared. */
const LOOKING_MS = 15 * 60_000;

/** «Watched» means a visible tab with this van selected (DESIGN §4), and somebody in front of it. */
export function watchWhileVisible(selected: () => string | undefined): () => void {
  let touchedMs = performance.now();
  const tell = () => {
    const van = selected();
    const isLooking = document.visibilityState === 'visible' && performance.now() - touchedMs < LOOKING_MS;
    if (van && isLooking) write('/api/watch', { van }).catch(() => {});
  };
  const touch = () => {
    touchedMs = performance.now();
  };
  tell();
  document.addEventListener('visibilitychange', tell);
  for (const kind of ['pointermove', 'keydown'] as const) document.addEventListener(kind, touch);
  const timer = setInterval(tell, WATCH_MS);
  return () => {
    document.removeEventListener('visibilitychange', tell);
    for (const kind of ['pointermove', 'keydown'] as const) document.removeEventListener(kind, touch);
    clearInterval(timer);
  };
}
