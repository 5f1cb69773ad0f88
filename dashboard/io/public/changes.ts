import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { isoOf } from '../../../protocol/time.ts';
import type { Clock } from '../../../runtime/clock.ts';
import type { Told } from '../../core/publicBoard.ts';
import type { LivingBoard } from './livingBoard.ts';

/**
 * `/public/v1/changes`: server-sent events. What was missed, then `hello`, then `visit` when something is said otherwise (a
 * PublicVisit), `reset` when the listener has missed something and should ask again, `beat` each 20 s with the time
 * and the newest news behind what is live. `Last-Event-ID` is answered from the last 500 events.
 */
export type Changes = {
  /** Takes over the response; false when there is no room (answer 503). */
  open(response: ServerResponse, listener: { ip: string; commune?: string; lastId?: string }): boolean;
  /** Id of the newest event: a page made now has seen it. */
  readonly lastId: () => string;
  readonly count: () => number;
  /** Listeners cut because they did not read. */
  readonly cut: () => number;
  stop(): void;
};

export type ChangeLimits = { readonly perAddress: number; readonly total: number };
/** 20 an address because of carrier NAT (campaigns H10). */
export const CHANGE_LIMITS: ChangeLimits = { perAddress: 20, total: 5000 };

/** Each listener each 20 s; a twentieth of them each second, so that no page waits for all of them. */
const BEAT_SLOTS = 20;
const SLOT_MS = 1000;
const KEPT_EVENTS = 500;
const MAX_WAITING_BYTES = 64 * 1024;
const LIVE = new Set(['approaching', 'on_site', 'late']);

type Listener = {
  readonly response: ServerResponse;
  readonly socket: Socket;
  readonly ip: string;
  readonly commune?: string;
};
type Event = { readonly number: number; readonly commune: string; readonly frame: Frame };
/** One text as it stands on the wire, made once for all who listen: bare (HTTP/1.0), and as an HTTP/1.1 chunk. */
type Frame = { readonly bare: Buffer; readonly chunk: Buffer };

const frameOf = (text: string): Frame => {
  const bare = Buffer.from(text);
  return { bare, chunk: Buffer.concat([Buffer.from(`${bare.length.toString(16)}\r\n`), bare, CRLF]) };
};
const CRLF = Buffer.from('\r\n');
const RETRY = frameOf('retry: 4000\n');

export function startChanges(board: LivingBoard, clock: Clock, limits = CHANGE_LIMITS): Changes {
  /** Ids of another run of the depot are not ours. */
  const run = clock.nowMs().toString(36);
  const listeners = new Set<Listener>();
  const byAddress = new Map<string, number>();
  const events: Event[] = [];
  let number = 0;
  let cut = 0;

  const slots = Array.from({ length: BEAT_SLOTS }, () => new Set<Listener>());
  let slot = 0;

  const text = (name: string, body: unknown) =>
    frameOf(`id: ${run}-${number}\nevent: ${name}\ndata: ${JSON.stringify(body)}\n\n`);

  /** Straight to the socket: the response's own `write` would frame the same text again for each of thousands. */
  function send({ response, socket }: Listener, frame: Frame): void {
    const taken = socket.write(response.chunkedEncoding ? frame.chunk : frame.bare);
    if (taken || socket.writableLength <= MAX_WAITING_BYTES) return;
    cut++;
    socket.destroy();
  }

  function tell(name: string, commune: string, body: unknown): void {
    number++;
    const event = { number, commune, frame: text(name, body) };
    events.push(event);
    if (events.length > KEPT_EVENTS) events.shift();
    for (const listener of listeners)
      if (listener.commune === undefined || listener.commune === commune) send(listener, event.frame);
  }

  const unsubscribe = board.subscribe((changed, gone) => {
    for (const told of changed) tell('visit', told.facts.commune, told.json);
    for (const commune of gone) tell('reset', commune, { commune });
  });

  /** Ages of what is live, one text for all who listen to the same commune. */
  function beats(): void {
    slot = (slot + 1) % BEAT_SLOTS;
    const made = new Map<string | undefined, Frame>();
    for (const listener of slots[slot]!) {
      let frame = made.get(listener.commune);
      if (!frame) {
        frame = text('beat', { at: isoOf(clock.nowMs()), news: newsOf(board, listener.commune) });
        made.set(listener.commune, frame);
      }
      send(listener, frame);
    }
  }
  const stopBeats = clock.every(SLOT_MS, beats);

  /** What was said since `lastId`, or a `reset` when that is no longer known. */
  function missed(listener: Listener, lastId: string): void {
    const [of, text_] = lastId.split('-');
    const seen = of === run && /^\d{1,12}$/.test(text_ ?? '') ? Number(text_) : undefined;
    const first = events[0]?.number ?? number + 1;
    if (seen === undefined || seen > number || seen + 1 < first) {
      send(listener, text('reset', { commune: listener.commune }));
      return;
    }
    for (const event of events)
      if (event.number > seen && (listener.commune === undefined || listener.commune === event.commune))
        send(listener, event.frame);
  }

  return {
    open(response, { ip, commune, lastId }) {
      const own = byAddress.get(ip) ?? 0;
      const { socket } = response;
      // No socket: the question was sent before the answer to another one on its connection. No browser does.
      if (!socket || listeners.size >= limits.total || own >= limits.perAddress) return false;
      const listener: Listener = { response, socket, ip, ...(commune === undefined ? {} : { commune }) };
      listeners.add(listener);
      // The slot that has just beaten: its next turn is in 20 s.
      const beat = slots[slot]!.add(listener);
      byAddress.set(ip, own + 1);
      response.on('error', () => {});
      response.on('close', () => {
        if (!listeners.delete(listener)) return;
        beat.delete(listener);
        const left = (byAddress.get(ip) ?? 1) - 1;
        if (left > 0) byAddress.set(ip, left);
        else byAddress.delete(ip);
      });
      response.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store, no-transform',
        'access-control-allow-origin': '*',
        'x-accel-buffering': 'no',
      });
      response.flushHeaders();
      send(listener, RETRY);
      if (lastId) missed(listener, lastId);
      send(listener, text('hello', { at: isoOf(clock.nowMs()), news: newsOf(board, commune) }));
      return true;
    },
    lastId: () => `${run}-${number}`,
    count: () => listeners.size,
    cut: () => cut,
    stop() {
      stopBeats();
      unsubscribe();
      for (const { response } of listeners) response.end();
      listeners.clear();
      for (const beat of slots) beat.clear();
    },
  };
}

function newsOf(board: LivingBoard, commune: string | undefined): Record<string, string> {
  const { visits, byCommune } = board.current();
  const own = commune === undefined ? visits : (byCommune.get(commune) ?? []);
  const isLive = ({ statement }: Told) => LIVE.has(statement.state);
  return Object.fromEntries(own.filter(isLive).map((told) => [told.facts.id, told.json.at]));
}
