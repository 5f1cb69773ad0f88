import type { PresenceState } from '../../../protocol/presence.ts';
import { STATE_WORDS } from '../../../web/dictionary.ts';
import { DEPOT_WORDS } from '../../../web/dictionaryDepot.ts';
import { clock, type Language, when } from '../../../web/format.ts';
import { shortNames } from '../../../web/stopNames.ts';
import type { TourLineVisit } from '../../../web/tourLine.tsx';
import type { VanView, VisitView } from '../../core/vanView.ts';
import { language } from './state.ts';

/** The words of the chosen language; read in a component, it follows the choice. */
export const words = () => DEPOT_WORDS[language.value];

/** Short name of a stop in a list of vans. */
export const shortName = (name: string): string => name.split(',')[0]!;

const RUNNING = new Set<PresenceState>(['approaching', 'on_site', 'late', 'moved']);

/** The visit that the row is about: the one going on, else the next one that is not over. */
export function visitNow(view: VanView, nowMs: number): VisitView | undefined {
  const open = view.visits.filter((v) => !['left', 'missed', 'cancelled'].includes(v.state));
  return (
    open.find((v) => RUNNING.has(v.state) && v.state !== 'late') ??
    open.find((v) => Date.parse(v.toAt) > nowMs) ??
    undefined
  );
}

/** State of a van in words, and the sign that goes with it. */
export function vanState(
  view: VanView,
  nowMs: number,
  timezone: string,
  lang: Language,
): { readonly sign: PresenceState; readonly text: string; readonly next?: string } {
  const w = DEPOT_WORDS[lang].now;
  const visit = visitNow(view, nowMs);
  const at = (iso: string) => clock(lang, Date.parse(iso), timezone);
  const heard =
    view.heardAt === undefined ? undefined : when(lang, Date.parse(view.heardAt), nowMs, timezone);
  if (view.freshness === 'never') return { sign: 'unknown', text: w.freshness.never };
  if (view.freshness === 'silent') return { sign: 'unknown', text: w.freshness.silent(bare(heard!)) };
  if (view.freshness === 'offline') return { sign: 'unknown', text: w.freshness.offline(heard ?? w.unknown) };
  if (!visit) {
    const text = view.visits.length === 0 ? w.nothingToday : w.dayDone;
    return { sign: view.visits.length === 0 ? 'planned' : 'left', text };
  }
  const place = shortName(visit.name);
  const state = STATE_WORDS[lang][visit.state];
  if (visit.state === 'planned')
    return {
      sign: 'planned',
      text:
        view.freshness === 'off_duty' ? w.freshness.off_duty : view.position?.moving ? w.moving : w.parked,
      next: w.next(place, at(visit.fromAt)),
    };
  const open =
    visit.state === 'on_site' && visit.open !== undefined ? `, ${visit.open ? w.opened : w.closed}` : '';
  const following = view.visits.find((v) => v.fromAt > visit.fromAt && v.state === 'planned');
  return {
    sign: visit.state,
    text: `${place}: ${state}${open}`,
    ...(following ? { next: w.next(shortName(following.name), at(following.fromAt)) } : {}),
  };
}

/** «à 10 h 12» after «depuis» and «since» loses its preposition. */
const bare = (text: string): string => text.replace(/^(à|at) /, '');
export const bareTime = bare;

/** Sorts vans: what needs a person first. */
export function urgency(view: VanView): number {
  const worst = view.alerts.find((a) => !a.acknowledged)?.severity;
  if (view.freshness === 'offline' || view.freshness === 'silent') return 0;
  if (worst === 'critical') return 1;
  if (view.visits.some((v) => v.state === 'late' || v.state === 'missed')) return 2;
  if (worst === 'warning') return 3;
  return view.freshness === 'fresh' ? 4 : 5;
}

/** A van's visits as the tour line draws them. */
export function lineVisits(visits: readonly VisitView[]): TourLineVisit[] {
  const labels = shortNames(visits.map(({ name }) => name));
  return visits.map((visit, n) => ({
    id: visit.id,
    label: labels[n]!,
    fromMs: Date.parse(visit.fromAt),
    toMs: Date.parse(visit.toAt),
    state: visit.state,
    held: visit.held.map((span) => ({
      fromMs: Date.parse(span.from),
      ...(span.to === undefined ? {} : { toMs: Date.parse(span.to) }),
    })),
  }));
}
