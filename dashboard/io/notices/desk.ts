import type { Clock } from '../../../runtime/clock.ts';
import type { Log } from '../../../runtime/log.ts';
import type { Language } from '../../../visit/format.ts';
import { smsOf } from '../../../visit/sms.ts';
import { communeOf, slugOf } from '../../core/communes.ts';
import { type Notice, noticesDue } from '../../core/notices.ts';
import type { Told } from '../../core/publicBoard.ts';
import type { LivingBoard } from '../public/livingBoard.ts';
import type { Channel, Delivery, NoticeStore, Recipient } from './noticeStore.ts';

/**
 * «Me prévenir»: from the board to the people who asked. A notice is written with its deliveries before anything is
 * sent; each sending is checked against the board of that moment: what is no longer true is dropped in silence.
 */
export type Message = {
  readonly title: string;
  readonly text: string;
  readonly sms: string;
  readonly path: string;
  readonly language: Language;
  readonly notice: Notice;
};
/** `gone`: the address is no more. `lost`: perhaps sent; it is shown, and not sent again. */
export type Outcome = 'sent' | 'gone' | { readonly retry: string } | { readonly lost: string };
/** One way to reach people. */
export interface Sender {
  send(recipient: Recipient, message: Message, nowMs: number): Promise<Outcome>;
}

const LOOK_MS = 5000;
const SWEEP_MS = 6 * 3_600_000;
const AT_ONCE = 20;
const RETRY_MS = [30_000, 120_000, 480_000] as const;
const EVE: Record<Language, string> = { fr: 'Demain', en: 'Tomorrow' };

export type DeskDeps = {
  readonly board: LivingBoard;
  readonly store: NoticeStore;
  readonly senders: Partial<Record<Channel, Sender>>;
  readonly clock: Clock;
  readonly log: Log;
};

export function startDesk({ board, store, senders, clock, log }: DeskDeps) {
  const counters = { sent: 0, retried: 0, dead: 0, gone: 0, outdated: 0 };
  const known = new Set<string>();
  let running: Promise<void> | undefined;
  let isStopped = false;

  /** Notices that became due; those that this run has already written are not looked up again. */
  function look(visits: readonly Told[]): void {
    if (store.count() === 0) return;
    const now = clock.nowMs();
    for (const told of visits)
      for (const notice of noticesDue(told, now)) {
        if (known.has(notice.key)) continue;
        if (known.size > 20_000) known.clear();
        known.add(notice.key);
        store.queue(notice.key, notice.commune, now);
      }
    deliver();
  }

  function deliver(): void {
    if (isStopped) return;
    running ??= round().finally(() => {
      running = undefined;
    });
  }

  async function round(): Promise<void> {
    for (;;) {
      const due = store.due(clock.nowMs(), AT_ONCE);
      if (due.length === 0 || isStopped) return;
      await Promise.all(due.map(one));
    }
  }

  async function one(delivery: Delivery): Promise<void> {
    const now = clock.nowMs();
    const message = messageOf(board.current().byId, delivery, now);
    const sender = senders[delivery.recipient.channel];
    if (!message || !sender) {
      counters.outdated++;
      store.done(delivery.id);
      return;
    }
    const wait = RETRY_MS[delivery.attempts];
    store.flying(delivery.id, now + (wait ?? SWEEP_MS));
    const outcome = await sender.send(delivery.recipient, message, now).catch(
      (error: unknown): Outcome => ({
        retry: error instanceof Error ? error.message : String(error),
      }),
    );
    settle(delivery, outcome, wait !== undefined);
  }

  function settle(delivery: Delivery, outcome: Outcome, mayRetry: boolean): void {
    if (outcome === 'sent') {
      counters.sent++;
      store.done(delivery.id);
    } else if (outcome === 'gone') {
      counters.gone++;
      store.remove(delivery.recipient.channel, whoIs(delivery.recipient));
    } else if ('retry' in outcome && mayRetry) {
      counters.retried++;
      store.landed(delivery.id);
    } else {
      counters.dead++;
      const error = 'retry' in outcome ? outcome.retry : outcome.lost;
      store.dead(delivery, error, clock.nowMs());
      log.warn({ notice: delivery.key, error }, 'notice given up');
    }
  }

  const unsubscribe = board.subscribe((changed) => look(changed));
  const stopLooks = clock.every(LOOK_MS, () => look(board.current().visits));
  const stopSweeps = clock.every(SWEEP_MS, () => void store.sweep(clock.nowMs()));
  store.sweep(clock.nowMs());
  for (const delivery of store.lost()) store.dead(delivery, 'outcome unknown after a restart', clock.nowMs());
  return {
    counters: () => ({ ...counters, recipients: store.count() }),
    /** Resolves when nothing more is due now. */
    settled: async () => {
      while (running) await running;
    },
    async stop() {
      isStopped = true;
      unsubscribe();
      stopLooks();
      stopSweeps();
      await running;
    },
  };
}
export type Desk = ReturnType<typeof startDesk>;

/** By what an address is known: a push endpoint, whatever its keys; a number. */
export const whoIs = ({ channel, address }: Recipient): string =>
  channel === 'push' ? (JSON.parse(address) as { endpoint: string }).endpoint : address;

/** The words of a delivery as things stand now; `undefined` when its notice is no longer true. */
function messageOf(
  byId: ReadonlyMap<string, Told>,
  { key, recipient: { language } }: Delivery,
  nowMs: number,
): Message | undefined {
  const told = byId.get(key.slice(0, key.indexOf('|')));
  const notice = told && noticesDue(told, nowMs).find((due) => due.key === key);
  if (!told || !notice) return undefined;
  const { facts, statement } = told;
  const commune = communeOf(facts.commune);
  const name = commune?.name ?? facts.name;
  const path = `/c/${facts.commune}-${slugOf(name)}${language === 'en' ? '?lang=en' : ''}`;
  return {
    title: notice.fact === 'eve' ? `${EVE[language]}: ${name}` : name,
    text: statement.text[language],
    sms: smsOf(statement, name, language),
    path,
    language,
    notice,
  };
}
