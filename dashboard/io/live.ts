import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../../runtime/clock.ts';
import type { Part } from '../../runtime/lifecycle.ts';
import { headOf } from '../core/head.ts';
import type { VanView } from '../core/vanView.ts';
import type { Views } from './ports.ts';

/**
 * The staff page's one stream (SSE): a snapshot, then for each van only the keys that changed. A reader that comes
 * back with `Last-Event-ID` gets what it missed, or a snapshot when that is no longer here. A frozen reader is cut.
 */
const FLUSH_MS = 200;
const HEARTBEAT_MS = 15_000;
const MAX_STREAMS = 200;
const MAX_STREAMS_A_SESSION = 8;
const MAX_BUFFERED_BYTES = 64 * 1024;
/** A snapshot of 50 vans is itself larger than what a slow reader may owe. */
const MAX_SNAPSHOT_BYTES = 4 * 1024 * 1024;
/** Changes kept for those who come back: about two minutes of a busy fleet. */
const KEPT = 600;

type Stream = { readonly reply: FastifyReply; readonly session: string; owes: number };
type Kept = { readonly n: number; readonly frame: string };

export type Live = Part & {
  attach(request: FastifyRequest, reply: FastifyReply, session: string): void;
  /** Ends the streams of a session that is over. */
  end(session: string): void;
  streams(): number;
};

export function startLive(views: Views, clock: Clock): Live {
  // Ids of an earlier process mean nothing to this one.
  const epoch = clock.nowMs().toString(36);
  const streams = new Set<Stream>();
  const waiting = new Set<string>();
  const kept: Kept[] = [];
  let n = 0;
  let told = new Map<string, VanView>([...views.state().vans].map(([van, { view }]) => [van, view] as const));

  const drop = (stream: Stream) => {
    streams.delete(stream);
    stream.reply.raw.destroy();
  };
  const write = (stream: Stream, frame: string) => {
    const { raw } = stream.reply;
    if (raw.writableLength > Math.max(MAX_BUFFERED_BYTES, stream.owes)) return drop(stream);
    if (raw.writableLength === 0) stream.owes = 0;
    raw.write(frame);
  };
  const frameOf = (event: string, body: object) =>
    `id: ${epoch}-${n}\nevent: ${event}\ndata: ${JSON.stringify(body)}\n\n`;

  const flush = () => {
    if (waiting.size === 0) return;
    const { vans } = views.state();
    const changes: Partial<VanView>[] = [];
    for (const van of waiting) {
      const view = vans.get(van)?.view;
      if (!view) continue;
      changes.push(patchOf(told.get(van), view));
      told.set(van, view);
    }
    waiting.clear();
    n += 1;
    const frame = frameOf('vans', { ...headOf(views.state(), clock.nowMs()), vans: changes });
    kept.push({ n, frame });
    if (kept.length > KEPT) kept.shift();
    for (const stream of streams) write(stream, frame);
  };

  const leave = [
    views.subscribe(({ changed }) => {
      for (const van of changed) waiting.add(van);
    }),
    clock.every(FLUSH_MS, flush),
    clock.every(HEARTBEAT_MS, () => {
      const frame = `event: beat\ndata: ${JSON.stringify({ at: new Date(clock.nowMs()).toISOString() })}\n\n`;
      for (const stream of streams) write(stream, frame);
    }),
  ];

  return {
    attach(request, reply, session) {
      const own = [...streams].filter((s) => s.session === session).length;
      if (streams.size >= MAX_STREAMS || own >= MAX_STREAMS_A_SESSION) {
        reply.code(503).header('retry-after', '10').send({ error: 'too many open streams' });
        return;
      }
      flush();
      reply.hijack();
      const { raw } = reply;
      for (const [name, value] of Object.entries(reply.getHeaders())) raw.setHeader(name, value as string);
      raw.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
      });
      const stream: Stream = { reply, session, owes: 0 };
      raw.on('error', () => drop(stream));
      raw.on('close', () => streams.delete(stream));
      const missed = missedSince(request.headers['last-event-id'], epoch, n, kept);
      const frames = missed?.map(({ frame }) => frame) ?? [
        frameOf('snapshot', {
          ...headOf(views.state(), clock.nowMs()),
          vans: [...views.state().vans.values()].map(({ view }) => view),
        }),
      ];
      const text = `retry: 2000\n\n${frames.join('')}`;
      stream.owes = Math.min(MAX_SNAPSHOT_BYTES, MAX_BUFFERED_BYTES + Buffer.byteLength(text));
      streams.add(stream);
      raw.write(text);
    },
    end(session) {
      for (const stream of streams) if (stream.session === session) drop(stream);
    },
    streams: () => streams.size,
    stop() {
      for (const end of leave) end();
      for (const stream of streams) stream.reply.raw.end();
      streams.clear();
      told = new Map();
    },
  };
}

function missedSince(header: unknown, epoch: string, n: number, kept: readonly Kept[]): Kept[] | undefined {
  const match = typeof header === 'string' ? /^([a-z0-9]+)-(\d{1,12})$/.exec(header) : null;
  if (!match || match[1] !== epoch) return undefined;
  const last = Number(match[2]);
  if (last > n || (last < n && (kept[0]?.n ?? Infinity) > last + 1)) return undefined;
  return kept.filter((k) => k.n > last);
}

/** The van's id and the top keys that differ; a key that went is `null`. */
export function patchOf(before: VanView | undefined, after: VanView): Partial<VanView> {
  if (!before) return after;
  const patch: Record<string, unknown> = { van: after.van };
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)]) as Set<keyof VanView>) {
    if (before[key] === after[key]) continue;
    if (JSON.stringify(before[key]) !== JSON.stringify(after[key])) patch[key] = after[key] ?? null;
  }
  return patch as Partial<VanView>;
}
