import type { CabMessage } from '../../protocol/messages.ts';
import type { CabMessage as CabNote, CabPress, CabSms, CabView } from '../core/cabView.ts';
import { makeCabView } from '../core/engine/cabView.ts';
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
  /** How long received rows stay on board. */
  readonly retentionMs?: number;
};

/** The journal's default. */
const RETENTION_MS = 14 * 86_400_000;
/** Messages kept on the page; the newest first. */
const MAX_MESSAGES = 20;

/** The engine as the cab page needs it: a view after each commit, and the driver's gestures as inputs. */
export function makeCabEngine(deps: CabEngineDeps): CabEngine & {
  message(message: CabMessage): void;
} {
  const { host, journal, van, timezone, session } = deps;
  const listeners = new Set<() => void>();
  let messages: CabNote[] = [];
  const changed = () => {
    for (const listener of listeners) listener();
  };
  // The page is told after the commit; ages and the position move without one.
  journal.onCommit(changed);

  const view = (): CabView =>
    makeCabView(host.state(), {
      session,
      van,
      timezone,
      waiting: journal.backlog().rows,
      messages,
      sms: deps.sms(),
    });

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
      messages = messages.map((m) => (m.key === key ? { ...m, readAt: host.nowMs() } : m));
      changed();
    },
    hush: (on) => host.hush(on),
    mine: makeCabMine(journal, deps.retentionMs ?? RETENTION_MS),
    message(message) {
      if (!('text' in message)) return;
      const { key, text, from } = message;
      const note = { key, text, at: host.nowMs(), ...(from === undefined ? {} : { from }) };
      messages = [note, ...messages.filter((m) => m.key !== key)].slice(0, MAX_MESSAGES);
      changed();
    },
  };
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
  const visit = press.visit ?? makeCabView(state, around(timezone)).current;
  const isAboutVisit = act !== 'off_duty' && act !== 'on_duty' && act !== 'pause';
  if (isAboutVisit && visit === undefined) return 'no visit today to speak of';
  const position = here ? believedPosition(state.locate) : undefined;
  if (act === 'moved' && here && !position) return 'the place is not known: no position now';
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

const around = (timezone: string) => ({ session: '', van: '', timezone, waiting: 0, messages: [], sms: [] });
