import { createHmac, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fullJitterMs } from '../../runtime/backoff.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Part } from '../../runtime/lifecycle.ts';
import type { Log } from '../../runtime/log.ts';
import type { DepotConfig } from '../config.ts';
import { type Happening, happenings } from '../core/happenings.ts';
import type { VanView } from '../core/vanView.ts';
import type { Views } from './ports.ts';

/**
 * Other software is told of changes: JSON, signed `t=<s>,v1=<hex HMAC-SHA256 of "t.body">` in `x-tournee-signature`,
 * tried again for about six hours, in order, one call at a time. No redirect is followed.
 */
export type Webhooks = Part & {
  list(): readonly WebhookState[];
  test(n: number): boolean;
};
export type WebhookState = {
  readonly url: string;
  readonly events: readonly string[];
  readonly waiting: number;
  readonly dropped: number;
  readonly failed: number;
  readonly last?: string;
};

const MAX_WAITING = 500;
const MAX_TRIES = 12;
const BASE_MS = 5000;
const MAX_WAIT_MS = 3_600_000;
const TIMEOUT_MS = 10_000;

type Hook = DepotConfig['webhooks'][number];
export type Send = (
  url: string,
  init: RequestInit,
) => Promise<{ readonly ok: boolean; readonly status: number }>;
export type WebhookDeps = {
  readonly hooks: readonly Hook[];
  readonly views: Views;
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
  readonly send?: Send;
};

export function startWebhooks(deps: WebhookDeps): Webhooks {
  const { hooks, views, clock } = deps;
  const lines = hooks.map((hook) => startLine(hook, deps));
  let told = new Map<string, VanView>([...views.state().vans].map(([van, { view }]) => [van, view]));
  const leave = views.subscribe(({ state, changed }) => {
    if (lines.length === 0) return;
    for (const van of changed) {
      const view = state.vans.get(van)?.view;
      const before = told.get(van);
      if (view && before)
        for (const happening of happenings(before, view)) for (const line of lines) line.tell(happening);
      if (view) told.set(van, view);
    }
  });
  return {
    list: () => lines.map((line) => line.state()),
    test(n) {
      const line = lines[n];
      line?.tell({ event: 'test', van: 'test', at: new Date(clock.nowMs()).toISOString() });
      return line !== undefined;
    },
    stop() {
      leave();
      told = new Map();
      for (const line of lines) line.stop();
    },
  };
}

function startLine(hook: Hook, { clock, log, random, send = fetch }: WebhookDeps) {
  const secret = readFileSync(hook.secretFile, 'utf8').trim();
  const waiting: { readonly id: string; readonly body: string }[] = [];
  let [tries, failed, dropped, busy, stopped] = [0, 0, 0, false, false];
  let last: string | undefined;
  let cancel = () => {};

  const call = async (body: string, id: string): Promise<boolean> => {
    const t = Math.floor(clock.nowMs() / 1000);
    const v1 = createHmac('sha256', secret).update(`${t}.${body}`).digest('hex');
    try {
      const answer = await send(hook.url, {
        method: 'POST',
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT_MS),
        headers: {
          'content-type': 'application/json',
          'x-tournee-signature': `t=${t},v1=${v1}`,
          'x-tournee-delivery': id,
        },
        body,
      });
      last = `HTTP ${answer.status}`;
      return answer.ok;
    } catch (error) {
      last = String((error as Error).cause ?? error);
      return false;
    }
  };

  const next = async (): Promise<void> => {
    const first = waiting[0];
    if (busy || stopped || !first) return;
    busy = true;
    const taken = await call(first.body, first.id);
    busy = false;
    if (stopped) return;
    tries = taken ? 0 : tries + 1;
    if (!taken) failed += 1;
    if (taken || tries >= MAX_TRIES) {
      if (!taken) {
        log.warn({ url: hook.url, tries, last }, 'webhook given up');
        dropped += 1;
        tries = 0;
      }
      waiting.shift();
      void next();
      return;
    }
    cancel = clock.after(BASE_MS + fullJitterMs(tries, BASE_MS, MAX_WAIT_MS, random), () => void next());
  };

  return {
    tell(happening: Happening | { readonly event: 'test'; readonly van: string; readonly at: string }) {
      if (happening.event !== 'test' && !hook.events.includes(happening.event)) return;
      waiting.push({ id: randomUUID(), body: JSON.stringify(happening) });
      if (waiting.length > MAX_WAITING) {
        waiting.splice(busy ? 1 : 0, 1);
        dropped += 1;
      }
      if (tries === 0) void next();
    },
    state: (): WebhookState => ({
      url: hook.url,
      events: hook.events,
      waiting: waiting.length,
      dropped,
      failed,
      ...(last === undefined ? {} : { last }),
    }),
    stop() {
      stopped = true;
      cancel();
    },
  };
}
