import type { CabPress, CabView } from '../../../gateway/core/cabView.ts';
import type { ActOutcome, CabEngine } from '../../../gateway/io/cab.ts';

/** An engine made of a view and functions: what the cab page is tried with. */

const at = (time: string): number => Date.parse(`2026-11-24T${time}:00+01:00`);

export const VIEW: CabView = {
  at: at('09:31'),
  session: 's1',
  van: 'van37',
  timezone: 'Europe/Paris',
  visits: [
    {
      visit: 'v1',
      stop: 'ligueil',
      name: 'Ligueil, place de la Mairie',
      fromMs: at('09:30'),
      toMs: at('12:00'),
      state: 'on_site',
      held: [{ fromMs: at('09:24') }],
    },
    {
      visit: 'v2',
      stop: 'preuilly',
      name: 'Preuilly-sur-Claise',
      fromMs: at('14:00'),
      toMs: at('16:30'),
      state: 'planned',
      held: [],
    },
  ],
  current: 'v1',
  next: 'v2',
  statement: {
    fr: "L'agence est arrivée à 9 h 24. Passage prévu jusqu'à 12 h.",
    en: 'The agency arrived at 9:24. Visit planned until 12:00.',
    source: 'gps',
  },
  alerts: [
    {
      episode: 'battery_forecast:2026-11-24T08:20:00.000Z',
      alert: 'battery_forecast',
      severity: 'warning',
      values: {
        untilAt: at('16:10'),
        earlyAt: at('15:50'),
        lateAt: at('16:35'),
        lastStop: 'Preuilly-sur-Claise',
        lastStopAt: at('16:30'),
      },
      raisedAt: at('09:20'),
      acknowledged: false,
    },
    {
      episode: 'pi_hot:2026-11-24T08:10:00.000Z',
      alert: 'pi_hot',
      severity: 'warning',
      values: { temperatureC: 77 },
      raisedAt: at('09:10'),
      acknowledged: true,
    },
  ],
  power: { at: at('09:31'), soc: 78, houseV: 12.6, houseA: -8.4, untilAt: at('16:10') },
  link: { state: 'good', since: at('09:00'), technology: '4g', operator: 'Orange F' },
  gps: { state: 'good', accuracyM: 3, at: at('09:31') },
  duty: { on: true, why: 'agenda', until: at('17:30') },
  messages: [{ key: 'm1', at: at('09:15'), text: 'Merci de rappeler Mme Petit.', from: 'Le siège' }],
  sms: [],
};

export type FakeEngine = CabEngine & {
  /** Shows another view to the page. */
  show(change: Partial<CabView>): void;
  /** Shows this view, whole. */
  replace(whole: CabView): void;
  readonly acts: CabPress[];
  readonly acknowledged: string[];
  readonly hushed: boolean[];
  readonly readKeys: string[];
};

export function fakeEngine(first: Partial<CabView> = {}): FakeEngine {
  let view: CabView = { ...VIEW, ...first };
  const listeners = new Set<() => void>();
  const acts: CabPress[] = [];
  const acknowledged: string[] = [];
  const hushed: boolean[] = [];
  const readKeys: string[] = [];
  const show = (change: Partial<CabView>) => {
    view = { ...view, ...change };
    for (const listener of listeners) listener();
  };
  return {
    acts,
    acknowledged,
    hushed,
    readKeys,
    show,
    replace(whole) {
      view = whole;
      show({});
    },
    view: () => view,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    act(press): ActOutcome {
      acts.push(press);
      show({
        lastAct: {
          key: press.key,
          act: press.act,
          ...(view.at === undefined ? {} : { at: view.at }),
          received: false,
          ...(press.visit ? { visit: press.visit } : {}),
          ...(press.minutes === undefined ? {} : { minutes: press.minutes }),
        },
        ...(press.act === 'open' || press.act === 'closed'
          ? {
              visits: view.visits.map((v) =>
                v.visit === press.visit ? { ...v, open: press.act === 'open' } : v,
              ),
            }
          : {}),
      });
      return { ok: true };
    },
    acknowledge(episode) {
      acknowledged.push(episode);
      show({ alerts: view.alerts.map((a) => (a.episode === episode ? { ...a, acknowledged: true } : a)) });
      return true;
    },
    read(key) {
      readKeys.push(key);
      show({ messages: view.messages.map((m) => (m.key === key ? { ...m, readAt: view.at ?? 0 } : m)) });
    },
    hush: (on) => void hushed.push(on),
    mine: () => ({
      dutySince: at('08:30'),
      recorded: { fix: 214, power: 61, link: 12, alert: 3, act: 2 },
      retentionDays: 14,
      dutyLog: [{ at: at('08:30'), on: true, why: 'agenda' }],
      looked: [{ at: at('09:02'), who: 'Planification', role: 'planner', what: 'live' }],
    }),
  };
}
