import type { Agenda } from '../../protocol/agenda.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Part } from '../../runtime/lifecycle.ts';
import type { Log } from '../../runtime/log.ts';
import { localDate } from '../../visit/format.ts';
import { agendaOfVan, VAN_DAYS_AHEAD } from '../core/agendaOfVan.ts';
import { statePayloads } from '../core/stateTopics.ts';
import { actKeys } from '../core/views.ts';
import type { AgendaFile } from './agendaFile.ts';
import type { Publish, Views } from './ports.ts';

export type PublisherDeps = {
  readonly vans: readonly string[];
  readonly agenda: AgendaFile;
  readonly views: Views;
  readonly publish: Publish;
  readonly clock: Clock;
  readonly log: Log;
};

/** Of the agenda's own days ahead, a week is used up before the same version is sent again with later days. */
const RESEND_MS = 86_400_000;

/** Retained `agenda` of each van: at start, at each version, daily, and above what a van already holds. */
export function startAgendaPublisher(deps: PublisherDeps): Part & { republish(): void } {
  const { vans, agenda, views, publish, clock, log } = deps;

  const send = (published: Agenda): void => {
    const today = localDate(clock.nowMs(), published.timezone);
    for (const van of vans) {
      const seen = actKeys(views.state(), van);
      const own = agendaOfVan(published, van, today, seen, vans.length === 1);
      if (own.daysAhead < VAN_DAYS_AHEAD)
        log.warn({ van, daysAhead: own.daysAhead, bytes: own.bytes }, 'agenda of van shortened to 60 KiB');
      publish(van, 'agenda', own.agenda, true);
    }
  };
  const republish = () => {
    const current = agenda.current();
    if (current) send(current);
  };
  const leave = [
    agenda.subscribe(send),
    views.subscribe(({ state, changed }) => {
      for (const van of changed) {
        const taken = state.vans.get(van)?.state.agendaTaken;
        if (taken !== undefined && taken > (agenda.current()?.version ?? taken)) agenda.publishAbove(taken);
      }
    }),
    clock.every(RESEND_MS, republish),
  ];
  republish();
  return {
    republish,
    stop: () => {
      for (const end of leave) end();
    },
  };
}

/** Retained `state/…` of each van, when what they say has changed. */
export function startStatePublisher(deps: Pick<PublisherDeps, 'vans' | 'views' | 'publish' | 'clock'>): Part {
  const { vans, views, publish, clock } = deps;
  const sent = new Map<string, string>();
  const send = (ids: readonly string[]): void => {
    const { vans: entries } = views.state();
    for (const van of ids) {
      const view = entries.get(van)?.view;
      if (!view) continue;
      const payloads = statePayloads(view, new Date(clock.nowMs()).toISOString());
      for (const [leaf, payload] of Object.entries(payloads) as ['state/visit', object][]) {
        const text = textToCompare(payload);
        if (sent.get(`${van} ${leaf}`) === text) continue;
        sent.set(`${van} ${leaf}`, text);
        publish(van, leaf, payload, true);
      }
    }
  };
  const leave = views.subscribe(({ changed }) => send(changed));
  send(vans);
  return { stop: leave };
}

/** `at` moves with every message heard: alone it is no news. */
const textToCompare = (payload: object): string =>
  JSON.stringify(payload, (key, value) => (key === 'at' ? undefined : value));
