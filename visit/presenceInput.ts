import type { Agenda } from '../protocol/agenda.ts';
import type { Place } from '../protocol/geo.ts';
import type { ActWord } from '../protocol/presence.ts';
import type { Row } from '../protocol/rows.ts';
import { msOf } from '../protocol/time.ts';
import type { Learnt } from './travel.ts';

/** What the presence fold takes: journaled rows as plain objects, and ticks. `at` is epoch ms (DESIGN §1.1, §1.2). */
export type PresenceInput =
  | FixInput
  | LostInput
  | PowerInput
  | ActInput
  | { readonly kind: 'agenda'; readonly at: number; readonly agenda: Agenda }
  | { readonly kind: 'boot'; readonly at: number }
  | { readonly kind: 'learnt'; readonly at: number; readonly learnt: Learnt }
  | { readonly kind: 'tick'; readonly at: number };

export type FixInput = Place & {
  readonly kind: 'fix';
  /** The fix's own time, even when it is late. */
  readonly at: number;
  readonly accuracyM?: number;
  readonly moving: boolean;
  /** Fixes that the gate rejected since the last kept one. */
  readonly rejected?: number;
  readonly satellitesUsed?: number;
  readonly rollover?: boolean;
  /** Its own time lies before the fold's. */
  readonly late?: boolean;
};
/** No believable fix for 10 s. */
export type LostInput = { readonly kind: 'lost'; readonly at: number; readonly last?: number };
export type PowerInput = {
  readonly kind: 'power';
  readonly at: number;
  readonly starterV?: number;
  readonly engine?: 'on' | 'off';
};
export type ActInput = {
  readonly kind: 'act';
  readonly at: number;
  readonly act: ActWord;
  readonly visit?: string;
  readonly minutes?: number;
  readonly key?: string;
  readonly reason?: string;
  readonly place?: { readonly latitude?: number; readonly longitude?: number; readonly name?: string };
};

/** `{ key: value }`, or nothing when it is not known. */
export const given = <K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } =>
  value === undefined ? {} : ({ [key]: value } as { readonly [P in K]?: V });

/**
 * The input that a journal row is to the fold; `undefined` for a row that it does not see, or whose time is not known.
 * `dated` is the time that an anchor gives to a row without one.
 */
export function inputOfRow(row: Row, dated?: number): PresenceInput | undefined {
  const at = 'at' in row && row.at !== null ? msOf(row.at) : dated;
  if (at === undefined) return undefined;
  switch (row.kind) {
    case 'fix': {
      const { latitude, longitude, moving, accuracyM, rejected, satellitesUsed, late } = row;
      return {
        kind: 'fix',
        at,
        latitude,
        longitude,
        moving,
        ...given('accuracyM', accuracyM),
        ...given('rejected', rejected),
        ...given('satellitesUsed', satellitesUsed),
        ...given('late', late),
      };
    }
    case 'lost':
      return { kind: 'lost', at, ...given('last', row.last === undefined ? undefined : msOf(row.last)) };
    case 'power':
      return { kind: 'power', at, ...given('starterV', row.starterV), ...given('engine', row.engine) };
    case 'act':
      return {
        kind: 'act',
        at,
        act: row.act,
        key: row.key,
        ...given('visit', row.visit),
        ...given('minutes', row.minutes),
        ...given('reason', row.reason),
        ...given('place', row.place as ActInput['place']),
      };
    case 'agenda':
      return { kind: 'agenda', at, agenda: row.agenda };
    case 'boot':
      return { kind: 'boot', at };
    case 'learnt':
      return { kind: 'learnt', at, learnt: row.learnt as Learnt };
    default:
      return undefined;
  }
}
