import type { FastifyInstance } from 'fastify';
import { isoOf } from '../../../protocol/time.ts';
import type { RouteDeps } from './deps.ts';

const SHOWN = 50;

/** `/api/notices`: notices to tenants that were given up, newest first; `undelivered` is absent where none can be asked. */
export function addNoticeRoutes(app: FastifyInstance, { deadLetters }: RouteDeps): void {
  app.get('/api/notices', { config: { role: 'reader' }, schema: { tags: ['notices'] } }, () =>
    deadLetters
      ? {
          undelivered: deadLetters()
            .slice(0, SHOWN)
            .map(({ key, channel, commune, at, error }) => ({
              visit: key.slice(0, key.indexOf('|')),
              fact: key.split('|')[1],
              channel,
              commune,
              at: isoOf(at),
              error,
            })),
        }
      : {},
  );
}
