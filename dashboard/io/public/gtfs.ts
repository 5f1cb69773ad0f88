import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { Clock } from '../../../runtime/clock.ts';
import { localDate } from '../../../visit/format.ts';
import { communeOf } from '../../core/communes.ts';
import { currentOf, gtfsFiles, type Publisher } from '../../core/gtfs.ts';
import { realtimeOf } from '../../core/gtfsRealtime.ts';
import type { Site } from '../../web/tenant/shell.tsx';
import { stopPath } from '../../web/tenant/stopPage.tsx';
import { words } from '../../web/tenant/words.ts';
import { give, makeAnswers } from './answers.ts';
import type { LivingBoard } from './livingBoard.ts';
import { realtimeBytes } from './realtimeProto.ts';
import { zipOf } from './zip.ts';

/** `/public/v1/gtfs.zip` (the plan) and `/public/v1/gtfs-rt.pb` (what is live). */
const PLAN_AGE_MS = 60_000;
/** A live feed is to be made again within 35 s (validator W007), its header be younger than 65 s (W008). */
const LIVE_AGE_MS = 15_000;

export function addGtfs(app: FastifyInstance, board: LivingBoard, clock: Clock, site: Site): void {
  const plan = makeAnswers(PLAN_AGE_MS);
  const live = makeAnswers(LIVE_AGE_MS);
  const publisher: Publisher = {
    name: words.fr.agency,
    origin: site.origin,
    timezone: site.timezone,
    ...(site.phone === undefined ? {} : { phone: site.phone.replaceAll('\u00a0', ' ') }),
  };
  let stamp = 0;

  app.get(
    '/public/v1/gtfs.zip',
    { schema: { tags: ['public'], summary: 'The planned visits as GTFS' } },
    (request, reply) => {
      const now = clock.nowMs();
      const answer = plan.of('plan', localDate(now, site.timezone), now, () => {
        const visits = currentOf(board.current().visits, now);
        const mark = createHash('sha1')
          .update([...gtfsFiles(visits, publisher, '')].join())
          .digest('hex')
          .slice(0, 12);
        return { body: zipOf(gtfsFiles(visits, publisher, mark)), type: 'application/zip', mark };
      });
      reply.header('content-disposition', 'attachment; filename="gtfs.zip"');
      return give(request, reply, answer, 'public, max-age=300');
    },
  );

  app.get(
    '/public/v1/gtfs-rt.pb',
    { schema: { tags: ['public'], summary: 'The live state as GTFS-Realtime: trip updates and alerts' } },
    (request, reply) => {
      const now = clock.nowMs();
      const answer = live.of('live', `${board.version()}`, now, () => {
        const feed = realtimeOf(board.current(), now, pageOf);
        // Another content never bears the same stamp (E017), and no stamp goes back (E018).
        stamp = Math.max(stamp + 1, feed.timestamp);
        return {
          body: realtimeBytes({ ...feed, timestamp: stamp }),
          type: 'application/x-protobuf',
        };
      });
      return give(request, reply, answer, 'public, max-age=10');
    },
  );

  function pageOf(commune: string): string {
    const known = communeOf(commune);
    return `${site.origin}${known ? stopPath(known) : `/c/${commune}`}`;
  }
}
