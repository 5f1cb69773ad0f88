import type { CabMessage } from '../../protocol/messages.ts';
import { MAX_LOOKS } from '../../protocol/messages.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Part } from '../../runtime/lifecycle.ts';
import type { Feed, FeedEvent } from '../core/feed.ts';
import type { AccessJournal } from './accessJournal.ts';
import type { Auth, Role } from './auth.ts';
import type { Publish, Views } from './ports.ts';

/**
 * What the cab is told beside people's messages: who looked at its van, and which of its alerts head office has seen.
 * Nothing on `cab` is retained, so both are told again when a van connects (docs/PROTOCOL.md).
 */

const LOOKS_MS = 24 * 3_600_000;
const TELL_EVERY_MS = 60_000;

export type CabTellerDeps = {
  readonly vans: readonly string[];
  readonly views: Views;
  readonly feed: Feed;
  readonly journal: AccessJournal;
  readonly accounts: Auth['accounts'];
  readonly publish: Publish;
  readonly clock: Clock;
};

export type CabTeller = Part & {
  /** Head office has seen this alert: the van that raised it is told. */
  acknowledge(episode: string): void;
};

export function startCabTeller(deps: CabTellerDeps): CabTeller {
  const { vans, views, feed, journal, publish, clock } = deps;
  const toldMs = new Map<string, number>();
  const due = new Map<string, () => void>();
  const asks = new Map<string, string>();

  function tellLooks(van: string): void {
    due.delete(van);
    toldMs.set(van, clock.monotonicMs());
    publish(van, 'cab', { looked: looksAt(van) }, false);
  }
  function looksAt(van: string): Extract<CabMessage, { looked: unknown }>['looked'] {
    const roles = new Map<string, Role>(deps.accounts().map(({ name, role }) => [name, role]));
    const since = new Date(clock.nowMs() - LOOKS_MS).toISOString();
    return journal
      .entries(van, MAX_LOOKS)
      .filter(({ at }) => at >= since)
      .map(({ at, account, what }) => {
        const role = roles.get(account);
        return { at, who: account.slice(0, 60), what, ...(role ? { role } : {}) };
      });
  }
  /** At most once a minute a van. */
  function schedule(van: string): void {
    if (due.has(van) || !vans.includes(van)) return;
    const waitMs = (toldMs.get(van) ?? Number.NEGATIVE_INFINITY) + TELL_EVERY_MS - clock.monotonicMs();
    if (waitMs <= 0) tellLooks(van);
    else
      due.set(
        van,
        clock.after(waitMs, () => tellLooks(van)),
      );
  }

  const hasRaised = (van: string, episode: string) => views.state().vans.get(van)?.state.alerts.get(episode);
  function tellSeen(van: string): void {
    const { view, state } = views.state().vans.get(van) ?? {};
    for (const { episode, acknowledged } of view?.alerts ?? [])
      if (acknowledged && state?.alerts.get(episode) && !state.alerts.get(episode)?.acknowledged)
        publish(van, 'cab', { acknowledge: episode }, false);
  }

  /** A fresh `ask` is a new connection: what was told before it may not have come. */
  function takeStatus({ van, status, will }: Extract<FeedEvent, { kind: 'status' }>): void {
    if (will || status.ask === undefined || asks.get(van) === status.ask) return;
    asks.set(van, status.ask);
    toldMs.delete(van);
    schedule(van);
    tellSeen(van);
  }

  const ends = [
    journal.onNote(schedule),
    feed.subscribe((event) => {
      if (event.kind === 'status' && vans.includes(event.van)) takeStatus(event);
    }),
  ];
  return {
    acknowledge(episode) {
      for (const van of vans)
        if (hasRaised(van, episode)) publish(van, 'cab', { acknowledge: episode }, false);
    },
    stop() {
      for (const end of ends) end();
      for (const cancel of due.values()) cancel();
    },
  };
}
