import type { Place } from '../protocol/geo.ts';
import type { Random } from './random.ts';
import { type Motion, makeTrip, type RoadSettings, type Trip } from './route.ts';

/** What the van does, one step after another, from its start. */
export type Step =
  | { readonly kind: 'drive'; readonly to: Place; readonly road: RoadSettings; readonly name: string }
  | {
      readonly kind: 'halt';
      /** Lasts until so many seconds after the van's start, or `forS` seconds. */
      readonly untilS?: number;
      readonly forS?: number;
      /** Engine off so long after the halt, on again before the next drive; absent: it runs on. */
      readonly engineOffAfterS?: number;
      /** For the events that the simulator prints. */
      readonly name: string;
      /** The agency is at work: lamps, screens, heating draw from the house battery. */
      readonly open?: boolean;
    };

export type VanState = Motion & {
  readonly engine: 'on' | 'off' | 'cranking';
  readonly open: boolean;
  /** Index of the step in the plan. */
  readonly step: number;
};

type Span = {
  readonly fromS: number;
  readonly toS: number;
  readonly step: Step;
  readonly trip?: Trip;
  /** Where it ends, and the heading that it keeps there. */
  readonly at: Place;
  readonly courseDeg: number;
};

export type Van = {
  readonly durationS: number;
  readonly lengthM: number;
  readonly spans: readonly Span[];
  /** State `s` seconds after the start; a pure function of time. */
  at(s: number): VanState;
};

const ENGINE_ON_BEFORE_S = 20;
const CRANKING_S = 2;

/** The van that carries out `steps` from `start`. Parked for ever at its last place. */
export function makeVan(start: Place, steps: readonly Step[], random: Random): Van {
  const spans: Span[] = [];
  let at = start;
  let now = 0;
  let lengthM = 0;
  let courseDeg = 0;
  for (const step of steps) {
    const trip = step.kind === 'drive' ? makeTrip(at, step.to, step.road, random) : undefined;
    if (step.kind === 'drive') at = step.to;
    const lastsS = trip
      ? trip.durationS
      : step.kind === 'halt'
        ? (step.forS ?? (step.untilS ?? now) - now)
        : 0;
    const toS = now + Math.max(0, lastsS);
    if (trip) courseDeg = trip.at(trip.durationS).courseDeg;
    spans.push({ fromS: now, toS, step, at, courseDeg, ...(trip ? { trip } : {}) });
    lengthM += trip?.lengthM ?? 0;
    now = toS;
  }
  let cursor = 0;
  return {
    durationS: now,
    lengthM,
    spans,
    at(s) {
      if (s < spans[cursor]!.fromS) cursor = 0;
      while (cursor + 1 < spans.length && s >= spans[cursor]!.toS) cursor++;
      const { step, trip, at: place, courseDeg, fromS, toS } = spans[cursor]!;
      if (step.kind === 'drive') {
        return { ...trip!.at(s - fromS), engine: 'on', open: false, step: cursor };
      }
      const last = cursor === spans.length - 1;
      const offFromS =
        step.engineOffAfterS === undefined ? Number.POSITIVE_INFINITY : fromS + step.engineOffAfterS;
      const onFromS = last ? Number.POSITIVE_INFINITY : toS - ENGINE_ON_BEFORE_S;
      const off = s >= offFromS && s < onFromS;
      const cranking = offFromS < onFromS && s >= onFromS && s < onFromS + CRANKING_S;
      return {
        latitude: place.latitude,
        longitude: place.longitude,
        speedMps: 0,
        courseDeg,
        engine: off ? 'off' : cranking ? 'cranking' : 'on',
        open: (step.open ?? false) && s >= fromS + 60,
        step: cursor,
      };
    },
  };
}
