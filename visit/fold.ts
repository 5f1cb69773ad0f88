import type { Place } from '../protocol/geo.ts';
import type { ActWord, PresenceState } from '../protocol/presence.ts';
import type { EngineFold } from './engineOff.ts';
import type { Halt, Known, Rolling } from './halt.ts';
import type { Hole } from './hole.ts';
import type { VisitPlace } from './place.ts';
import type { PlannedPresence } from './plan.ts';
import type { Memory } from './travel.ts';

/** What an act said, as evidence. */
export type ActWitness = {
  readonly act: ActWord;
  readonly at: number;
  readonly minutes?: number;
  readonly reason?: string;
  /** The van stood elsewhere, beyond reason. */
  readonly contradicted?: true;
};

/** A visit that has begun to be watched. JSON. */
export type VisitFold = {
  readonly plan: PlannedPresence;
  /** The plan's, or where the driver moved it. */
  readonly place: VisitPlace;
  readonly movedTo?: Place & { readonly name?: string };
  readonly state: PresenceState;
  /** When the state was told. */
  readonly stateAt: number;
  /** Believed arrival. */
  readonly since?: number;
  readonly sinceErrorMs?: number;
  readonly leftAt?: number;
  /** Where it stood when it was told on site. */
  readonly spot?: Place;
  /** On site at some time within the window. */
  readonly held: boolean;
  readonly open?: boolean;
  readonly openBy?: 'crew' | 'engine';
  /** `approaching` has had its time, until the van leaves the surroundings. */
  readonly spent: boolean;
  /** On site, and at rest outside since. */
  readonly outsideSince?: number;
  /** The driver's «late»: until when, at the latest, the van is expected. */
  readonly crewLate?: { readonly fromMs: number; readonly toMs: number };
  readonly act?: ActWitness;
  /** Where a visit could hide from the positions. */
  readonly holes: readonly Hole[];
  /** Metres from the edge at the nearest, within the window. */
  readonly nearestM?: number;
  /** Halted inside by late fixes. */
  readonly backlog?: { readonly fromMs: number; readonly toMs: number };
};

/** The whole fold. JSON: a snapshot row holds it, and a restart in the middle of a visit goes on from it. */
export type PresenceFold = {
  /** Fold time; absent before the first input. */
  readonly at?: number;
  readonly startedAt?: number;
  readonly timezone: string;
  readonly startStop: boolean;
  readonly plan: readonly PlannedPresence[];
  /** Visits of `plan` before this one have been taken up. */
  readonly next: number;
  readonly visits: readonly VisitFold[];
  readonly fix?: Known;
  /** The one before, and the one before that. */
  readonly before?: Known;
  readonly earlier?: Known;
  readonly rolling?: Rolling;
  readonly halt?: Halt;
  /** The last halt, over or not: what an approach that came to nothing had to show. */
  readonly rested?: Halt;
  /** The one before that. */
  readonly previous?: Halt;
  /** Newest instant with a believed position. */
  readonly seenAt?: number;
  /** The gap before the newest fix, when it was one. */
  readonly gap?: { readonly fromMs: number; readonly toMs: number };
  readonly rejected: readonly { readonly at: number; readonly fixes: number }[];
  readonly engine: EngineFold;
  readonly memory: Memory;
  readonly lastLeft?: { readonly stop: string; readonly at: number };
};
