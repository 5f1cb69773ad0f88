import type { Log } from '../../runtime/log.ts';
import type { Feed, FeedEvent } from '../core/feed.ts';

/** In-process distribution. A listener that throws is a bug: the others are served first, then it ends the depot. */
export function makeFeed(log: Log): Feed {
  const listeners = new Set<(event: FeedEvent) => void>();
  return {
    publish(event) {
      for (const listener of listeners) {
        try {
          listener(event);
        } catch (error) {
          log.error({ kind: event.kind, van: event.van, error: String(error) }, 'feed listener failed');
          setImmediate(() => {
            throw error;
          });
        }
      }
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
