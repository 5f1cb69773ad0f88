import type { ServerResponse } from 'node:http';
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

const BEAT_MS = 20_000;
const KEPT_EVENTS = 500;
const MAX_WAITING_BYTES = 64 * 1024;
const LIVE = new Set(['approaching', 'on_site', 'late']);

type Listener = { readonly response: ServerResponse; readonly ip: string; readonly commune?: string };
type Event = { readonly number: number; readonly commune: string; readonly bytes: Buffer };

export function startChanges(board: LivingBoard, clock: Clock, limits = CHANGE_LIMITS): Changes {
  /** Ids of another run of the depot are not ours. */
  const run = clock.nowMs().toString(36);
  const listeners = new Set<Listener>();
  const byAddress = new Map<string, number>();
  const events: Event[] = [];
  let number = 0;
  let cut = 0;

  const text = (name: string, body: unknown) =>
    Buffer.from(`id: ${run}-${number}\nevent: ${name}\ndata: ${JSON.stringify(body)}\n\n`);

  function send(listener: Listener, bytes: Buffer): void {
    const { response } = listener;
    if (response.write(bytes) || response.writableLength <= MAX_WAITING_BYTES) return;
    cut++;
    response.destroy();
  }

  function tell(name: string, commune: string, body: unknown): void {
    number++;
    const event = { number, commune, bytes: text(name, body) };
    events.push(event);
    if (events.length > KEPT_EVENTS) events.shift();
    for (const listener of listeners)
      if (listener.commune === undefined || listener.commune === commune) send(listener, event.bytes);
  }

  const unsubscribe = board.subscribe((changed, gone) => {
    for (const told of changed) tell('visit', told.facts.commune, told.json);
    for (const commune of gone) tell('reset', commune, { commune });
  });

  /** Ages of what is live, one text for all who listen to the same commune. */
  function beats(): void {
    const made = new Map<string | undefined, Buffer>();
    for (const listener of listeners) {
      let bytes = made.get(listener.commune);
      if (!bytes) {
        bytes = text('beat', { at: isoOf(clock.nowMs()), news: newsOf(board, listener.commune) });
        made.set(listener.commune, bytes);
      }
      send(listener, bytes);
    }
  }
  const stopBeats = clock.every(BEAT_MS, beats);

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
        send(listener, event.bytes);
  }

  return {
    open(response, { ip, commune, lastId }) {
      const own = byAddress.get(ip) ?? 0;
      if (listeners.size >= limits.total || own >= limits.perAddress) return false;
      const listener: Listener = { response, ip, ...(commune === undefined ? {} : { commune }) };
      listeners.add(listener);
      byAddress.set(ip, own + 1);
      response.on('error', () => {});
      response.on('close', () => {
        if (!listeners.delete(listener)) return;
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
      send(listener, Buffer.from('retry: 4000\n'));
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
    },
  };
}

function newsOf(board: LivingBoard, commune: string | undefined): Record<string, string> {
  const { visits, byCommune } = board.current();
  const own = commune === undefined ? visits : (byCommune.get(commune) ?? []);
  const isLive = ({ statement }: Told) => LIVE.has(statement.state);
  return Object.fromEntries(own.filter(isLive).map((told) => [told.facts.id, told.json.at]));
}
