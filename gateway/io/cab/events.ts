import type { ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import type { Clock } from '../../../runtime/clock.ts';
import type { CabEngine } from '../cab.ts';
import type { HoldBack } from './holdBack.ts';
import { pendingOf } from './routes.ts';

/**
 * The live view by SSE: whole, after each change, at most four times a second, and a heartbeat so that the page knows
 * that the gateway lives. A reader that does not read is cut.
 */

const MAX_READERS = 16;
const SOONEST_MS = 250;
const BEAT_MS = 5_000;
const MAX_UNREAD_BYTES = 64 * 1024;

export function serveEvents(
  app: FastifyInstance,
  { engine, held, clock }: { readonly engine: CabEngine; readonly held: HoldBack; readonly clock: Clock },
): () => void {
  const readers = new Set<ServerResponse>();
  let due: (() => void) | undefined;
  let sentMs = Number.NEGATIVE_INFINITY;

  const frame = () => `data: ${JSON.stringify({ ...engine.view(), ...pendingOf(held) })}\n\n`;

  function send(text: string): void {
    for (const reader of readers) {
      if (reader.writableLength > MAX_UNREAD_BYTES) drop(reader);
      else reader.write(text);
    }
  }

  function drop(reader: ServerResponse): void {
    readers.delete(reader);
    reader.destroy();
  }

  /** Now, or as soon as the last one is a quarter of a second old. */
  function changed(): void {
    if (due || readers.size === 0) return;
    const waitMs = Math.max(0, sentMs + SOONEST_MS - clock.monotonicMs());
    due = clock.after(waitMs, () => {
      due = undefined;
      sentMs = clock.monotonicMs();
      send(frame());
    });
  }

  app.get('/events', (request, reply) => {
    // The newest reader is the one that somebody looks at.
    if (readers.size >= MAX_READERS) drop(readers.values().next().value!);
    reply.hijack();
    const { raw } = reply;
    raw.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    raw.on('error', () => drop(raw));
    request.raw.on('close', () => void readers.delete(raw));
    readers.add(raw);
    raw.write(`retry: 1000\n\n${frame()}`);
  });

  const stopEngine = engine.subscribe(changed);
  const stopHeld = held.subscribe(changed);
  const stopBeat = clock.every(BEAT_MS, () => send('event: beat\ndata:\n\n'));
  return () => {
    stopEngine();
    stopHeld();
    stopBeat();
    due?.();
    for (const reader of readers) reader.end();
    readers.clear();
  };
}
