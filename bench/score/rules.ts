import { makeReplay } from '../../cli/replayFold.ts';
import type { PresenceState } from '../../protocol/presence.ts';
import { msOf } from '../../protocol/time.ts';
import type { Day } from '../../simulators/days/day.ts';
import type { Origin } from '../../simulators/days/receiver.ts';
import { PRESENCE_DEFAULTS } from '../../visit/presence.ts';
import type { ToldChange } from './metrics.ts';

/** What is scored: our rule through `replay`, and what others do, as rules of ten lines. */
export type Rule = (day: Day) => ToldChange[];

export const ours =
  ({ presence = PRESENCE_DEFAULTS, memory = false } = {}): Rule =>
  (day) => {
    // Two earlier visits to each stop, seen with the usual error of some metres.
    const learnt = memory ? [1, -1].flatMap((side) => visitsOf(day, side)) : [];
    const replay = makeReplay(day.agenda, { presence, learnt });
    return day.lines.flatMap(({ text }) =>
      replay.push(text).map((row): ToldChange => {
        const second = (iso: unknown) =>
          typeof iso === 'string' ? (msOf(iso)! - day.startMs) / 1000 : undefined;
        const since = second(row.evidence.since);
        return {
          s: second(row.at)!,
          visit: row.visit,
          state: row.state,
          ...(since === undefined ? {} : { since }),
        };
      }),
    );
  };

const SPOT_ERROR_DEG = 4 / 111_195;
const visitsOf = (day: Day, side: number) =>
  Object.entries(day.spots).map(([stop, { latitude, longitude }]) => ({
    stop,
    spot: { latitude: latitude + side * SPOT_ERROR_DEG, longitude },
  }));

type Seen = { readonly s: number; readonly lat: number; readonly lon: number; readonly speed?: number };

const read = new WeakMap<Day, readonly Seen[]>();
function fixesOf(day: Day): readonly Seen[] {
  const known = read.get(day);
  if (known) return known;
  const fixes = day.lines.flatMap(({ s, text }): Seen[] => {
    const line = JSON.parse(text) as Seen & { class: string; mode?: number };
    return line.class === 'TPV' && (line.mode ?? 0) > 1 ? [{ ...line, s }] : [];
  });
  read.set(day, fixes);
  return fixes;
}

/** A rule that sees fixes alone and says in or out. */
function baseline(make: (stop: Origin & { radius: number }) => (fix: Seen) => boolean): Rule {
  return (day) => {
    const changes: ToldChange[] = [];
    const fixes = fixesOf(day);
    for (const { id, stop } of day.agenda.visits) {
      const isIn = make(day.agenda.stops.find((candidate) => candidate.id === stop)!);
      const { from, to } = day.windows[id]!;
      let state: PresenceState = 'planned';
      for (const fix of fixes) {
        if (fix.s < from - 2700) continue;
        const next: PresenceState = isIn(fix)
          ? state === 'on_site' || fix.s < to
            ? 'on_site'
            : state
          : state === 'on_site'
            ? 'left'
            : state;
        if (next !== state) changes.push({ s: fix.s, visit: id, state: next, since: fix.s });
        state = next;
      }
    }
    return changes;
  };
}

const metres = (a: Origin, b: Origin) =>
  Math.hypot((b.lat - a.lat) * 111_195, (b.lon - a.lon) * 111_195 * Math.cos((a.lat * Math.PI) / 180));

/** What Home Assistant, OwnTracks and Traccar geofences do. */
export const circle = baseline((stop) => (fix) => metres(stop, fix) < stop.radius);

/** Traccar's old motion rule: no speed for 300 s. */
export const stopped300 = baseline((stop) => {
  let since: number | undefined;
  return (fix) => {
    if (metres(stop, fix) >= stop.radius || (fix.speed ?? 0) > 0.5) since = undefined;
    else since ??= fix.s;
    return since !== undefined && fix.s - since >= 300;
  };
});

/** Traccar's new motion rule: all fixes of 180 s within 200 m. */
export const within200 = baseline((stop) => {
  const recent: Seen[] = [];
  return (fix) => {
    while (recent[0] && fix.s - recent[0].s > 180) recent.shift();
    recent.push(fix);
    const isStill = fix.s - recent[0]!.s >= 175 && recent.every((other) => metres(other, fix) < 200);
    return isStill && metres(stop, fix) < stop.radius;
  };
});
