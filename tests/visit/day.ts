import { makeReplay, type Replay } from '../../cli/replayFold.ts';
import type { Agenda } from '../../protocol/agenda.ts';
import type { RowOf } from '../../protocol/rows.ts';
import { isoOf } from '../../protocol/time.ts';

/** A day told second by second: `at(10, 0)` is 10:00 UTC of the day; stops are metres north of the origin. */
export const DAY_MS = Date.UTC(2026, 2, 10);
export const at = (hour: number, minute: number, second = 0) =>
  DAY_MS + ((hour * 60 + minute) * 60 + second) * 1000;
const ORIGIN = { lat: 47.04, lon: 0.82 };
export const north = (metres: number) => ({ lat: ORIGIN.lat + metres / 111_195, lon: ORIGIN.lon });

/** One stop at the origin, 60 m, visited from 10 to 12 UTC (the agenda's zone is UTC). */
export const agenda = (more: Partial<Agenda> = {}): Agenda => ({
  version: 3,
  timezone: 'UTC',
  stops: [{ id: 'a', name: 'Ligueil', commune: '37130', ...ORIGIN, radius: 60 }],
  visits: [{ id: 'v', stop: 'a', date: '2026-03-10', from: '10:00', to: '12:00' }],
  ...more,
});

export type Line = { readonly class: string; readonly time: string };
export const fix = (ms: number, metres: number, more: object = {}): Line => ({
  class: 'TPV',
  time: isoOf(ms),
  ...north(metres),
  ...{ mode: 3, speed: 0, eph: 5 },
  ...more,
});
export const act = (ms: number, word: string, more: object = {}): Line => ({
  class: 'ACT',
  time: isoOf(ms),
  ...{ act: word },
  ...more,
});
export const power = (ms: number, starterV: number): Line => ({
  class: 'POWER',
  time: isoOf(ms),
  ...{ starterV },
});

/** Fixes from `fromMs` to before `toMs`, every `everyS`, at the place of that instant; the speed is the way made. */
export function track(
  fromMs: number,
  toMs: number,
  metresAt: (s: number) => number,
  { everyS = 1, ...more }: { everyS?: number } & Record<string, unknown> = {},
): Line[] {
  const lines: Line[] = [];
  for (let ms = fromMs; ms < toMs; ms += everyS * 1000) {
    const s = (ms - fromMs) / 1000;
    const speed = Math.abs(metresAt(s) - metresAt(s - 1));
    lines.push(fix(ms, metresAt(s), { speed, ...more }));
  }
  return lines;
}
/** Standing at so many metres. */
export const stand = (fromMs: number, toMs: number, metres: number, more = {}): Line[] =>
  track(fromMs, toMs, () => metres, more);
/** Arriving at 12 m/s so as to stand at the origin at `ms`. */
export const arrive = (ms: number): Line[] => track(ms - 200_000, ms, (s) => -12 * (200 - s));
/** Leaving at 1.5 m/s² from `ms` on, for a minute. */
export const leave = (ms: number): Line[] => track(ms, ms + 60_000, (s) => 0.75 * Math.max(0, s) ** 2);

export type Told = RowOf<'visit'>;
export function replayed(lines: readonly Line[], plan: Agenda = agenda()): Told[] {
  const replay: Replay = makeReplay(plan);
  return lines.flatMap((line) => replay.push(JSON.stringify(line)));
}
/** `10:01:30 on_site`. */
export const words = (told: readonly Told[]) =>
  told.map(
    ({ at: time, state, open }) =>
      `${time.slice(11, 19)} ${state}${open === undefined ? '' : open ? ' open' : ' closed'}`,
  );
