import type { CabMessage } from '../../protocol/messages.ts';
import { msOf } from '../../protocol/time.ts';
import { foldMessage, MESSAGE, MESSAGE_READ } from '../core/cabMessages.ts';
import type { CabMine, CabMessage as CabNote, CabPress, CabSms, CabView } from '../core/cabView.ts';
import { currentVisit, makeCabView } from '../core/engine/cabView.ts';
import type { Act } from '../core/engine/types.ts';
import { believedPosition } from '../core/locate.ts';
import type { ActOutcome, CabEngine } from './cab.ts';
import { makeCabMine } from './cabMine.ts';
import type { Host } from './host.ts';
import type { Journal, JournalRow } from './journal.ts';

export type CabEngineDeps = {
  readonly host: Host;
  readonly journal: Journal;
  readonly van: string;
  readonly timezone: string;
  readonly session: string;
  readonly sms: () => readonly CabSms[];
  /** The depot's messages of before the restart. */
  readonly messages?: readonly CabNote[];
  /** Commits what waits: a message that the broker has handed over is not sent again. */
  readonly flush: () => void;
  /** How long received rows stay on board. */
  readonly retentionMs: number;
};

/** The engine as the cab page needs it: a view after each commit, and the driver's gestures as inputs. */
export function makeCabEngine(deps: CabEngineDeps): CabEngine & {
  message(message: CabMessage): void;
} {
  const { host, journal, van, timezone, session, flush } = deps;
  const listeners = new Set<() => void>();
  let messages = deps.messages ?? [];
  let looked: CabMine['looked'];
  let lastAct = journal.last('act');
  const changed = () => {
    for (const listener of listeners) listener();
  };
  // The page is told after the commit; ages and the position move without one.
  journal.onCommit((rows) => {
    messages = rows.reduce((told, { row }) => foldMessage(told, row, host.nowMs()), messages);
    for (const entry of rows) if (entry.row.kind === 'act') lastAct = { ...entry, row: entry.row };
    changed();
  });
  const note = (what: string, detail: Readonly<Record<string, string>>) => {
    host.offer({ kind: 'event', what, detail });
    flush();
  };

  const view = (): CabView =>
    makeCabView(host.state(), {
      session,
      van,
      timezone,
      waiting: journal.backlog().rows,
      ...(lastAct && isReceived(journal, lastAct) ? { receivedAct: lastAct.row.key } : {}),
      messages,
      sms: deps.sms(),
    });
  const mine = makeCabMine(journal, deps.retentionMs);

  return {
    view,
    subscribe(listener) {
      listeners.add(listener);
      const end = host.onStep(listener);
      return () => {
        end();
        listeners.delete(listener);
      };
    },
    act: (press) => tell(host, journal, press, timezone),
    acknowledge(episode) {
      host.offer({ kind: 'acknowledge', episode });
      return true;
    },
    read(key) {
      if (messages.some((m) => m.key === key && m.readAt === undefined)) note(MESSAGE_READ, { key });
    },
    hush: (on) => host.hush(on),
    mine: () => ({ ...mine(), ...(looked ? { looked } : {}) }),
    message(message) {
      if ('acknowledge' in message) host.offer({ kind: 'acknowledge', episode: message.acknowledge });
      if ('looked' in message)
        looked = message.looked.map(({ at, ...look }) => ({ ...look, at: msOf(at) ?? host.nowMs() }));
      if (!('text' in message) || messages.some((m) => m.key === message.key)) return;
      const { key, text, from, at } = message;
      note(MESSAGE, { key, text, sentAt: at, ...(from === undefined ? {} : { from }) });
    },
  };
}

/** Has the depot committed it? A journal that is no longer there was received whole. */
function isReceived(journal: Journal, { journal: uuid, lane, seq }: JournalRow<'act'>): boolean {
  const held = journal.extents().find((extent) => extent.journal === uuid);
  return held === undefined || held.lanes[lane].received >= seq;
}

/** One press as an act; it is answered when its row is committed (an urgent row commits at once). */
function tell(host: Host, journal: Journal, press: CabPress, timezone: string): ActOutcome {
  const act = actOf(host, press, timezone);
  if (typeof act === 'string') return { ok: false, problem: act };
  let committed: JournalRow | undefined;
  const end = journal.onCommit((rows) => {
    committed ??= rows.find(({ row }) => row.kind === 'act' && row.key === press.key);
  });
  const known = host.state().actKeys.includes(press.key);
  host.offer({ kind: 'act', act });
  end();
  return committed || known ? { ok: true } : { ok: false, problem: 'not written down yet: the disk is full' };
}

function actOf(host: Host, press: CabPress, timezone: string): Act | string {
  const { key, act, minutes, reason, here, placeName } = press;
  const state = host.state();
  const visit = press.visit ?? currentVisit(state, timezone);
  const isAboutVisit = act !== 'off_duty' && act !== 'on_duty' && act !== 'pause';
  if (isAboutVisit && visit === undefined) return 'no visit today to speak of';
  const position = here ? believedPosition(state.locate) : undefined;
  if (act === 'moved' && here && !position) return 'the place is not known: no position now';
  if (act === 'moved' && !here && placeName === undefined) return 'moved to where?';
  const place = {
    ...(position ? { latitude: position.latitude, longitude: position.longitude } : {}),
    ...(placeName === undefined ? {} : { name: placeName }),
  };
  return {
    key,
    act,
    ...(isAboutVisit && visit !== undefined ? { visit } : {}),
    ...(state.agenda ? { agenda: state.agenda.version } : {}),
    ...(minutes === undefined ? {} : { minutes }),
    ...(reason === undefined ? {} : { reason }),
    ...(act === 'moved' && Object.keys(place).length > 0 ? { place } : {}),
  };
}
