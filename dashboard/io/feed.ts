import type { Log } from '../../runtime/log.ts';
import type { Feed, FeedEvent } from '../core/feed.ts';

/** In-process distribution; a listener that throws is logged and the others go on. */
export function makeFeed(log: Log): Feed {
  const listeners = new Set<(event: FeedEvent) => void>();
  return {
    publish(event) {
      for (const listener of listeners) {
        try {
          listener(event);
        } catch (error) {
          log.error({ kind: event.kind, van: event.van, error: String(error) }, 'feed listener failed');
        }
      }
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
