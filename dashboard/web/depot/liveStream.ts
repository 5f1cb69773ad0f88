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

/** «Watched» means a visible tab with this van selected (DESIGN §4). */
export function watchWhileVisible(selected: () => string | undefined): () => void {
  const tell = () => {
    const van = selected();
    if (van && document.visibilityState === 'visible') write('/api/watch', { van }).catch(() => {});
  };
  tell();
  document.addEventListener('visibilitychange', tell);
  const timer = setInterval(tell, WATCH_MS);
  return () => {
    document.removeEventListener('visibilitychange', tell);
    clearInterval(timer);
  };
}
