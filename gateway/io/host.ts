import type { Position } from '../../protocol/messages.ts';
import type { Row } from '../../protocol/rows.ts';
import { isoOf } from '../../protocol/time.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Part } from '../../runtime/lifecycle.ts';
import type { Log } from '../../runtime/log.ts';
import { type AnchorState, type Observation, stepAnchor } from '../core/anchor.ts';
import { stepEngine } from '../core/engine/engine.ts';
import type { EngineInput, EngineSettings, EngineState, LaneRow } from '../core/engine/types.ts';
import { believedPosition } from '../core/locate.ts';
import type { Writer } from './writer.ts';

/**
 * Runs the engine: gives its inputs their time, ticks it when something is due, and hands its rows to the writer.
 * Nothing that it decided leaves the van before the commit that holds it; `position` alone is exempt (DESIGN §1.4).
 */

/** An input as a device or a person gives it: with the monotonic time at which it came. */
export type HostInput = EngineInput extends infer I
  ? I extends { readonly at: number }
    ? Omit<I, 'at'> & { readonly monoMs?: number }
    : never
  : never;

export type HostDeps = {
  readonly settings: EngineSettings;
  /** As restored from the journal. */
  readonly state: EngineState;
  readonly anchor: AnchorState;
  readonly boot: string;
  /** The time is not known, but it is not before this: the last row of the journal, the build. */
  readonly floorMs: number;
  readonly writer: Writer;
  readonly clock: Clock;
  readonly log: Log;
};

export interface Host extends Part {
  offer(input: HostInput): void;
  /** A fix, by its own time. */
  observe(seen: Observation): void;
  state(): EngineState;
  /** Whether `state().at` is UTC. */
  nowMs(): number;
  position(): Position | undefined;
  /** Positions stop at the touch of «hors service», before its row; `false` when the gesture is taken back. */
  hush(on: boolean): void;
  /** Calls back after each step; returns its end. */
  onStep(listener: () => void): () => void;
}

/** The fold waits so long for an input that is on its way before it decides by itself (DESIGN §1.1). */
const TICK_GRACE_MS = 2000;
/** Fixes that wait for the anchor they help to find. */
const MAX_HELD = 100;

export function startHost(deps: HostDeps): Host {
  const { settings, clock, log, writer, boot } = deps;
  let { state, anchor } = deps;
  let held: EngineInput[] = [];
  let cancelTick = () => {};
  let hushed = false;
  const startMonoMs = clock.monotonicMs();
  const listeners = new Set<() => void>();

  /** UTC of a monotonic instant; before the anchor, a time that only grows from the floor. */
  const timeOf = (monoMs: number): number =>
    anchor.anchor ? anchor.anchor.offsetMs + monoMs : deps.floorMs + (monoMs - startMonoMs);
  const isAnchored = () => anchor.anchor !== undefined;

  function run(input: EngineInput): void {
    const step = stepEngine(state, input, settings);
    state = step.state;
    if (step.rows.length > 0) {
      const rows = step.rows.map((r) => (state.timeKnown ? r : undated(r, clock, boot)));
      writer.add(rows, state.duty.on && state.locate.dense);
    }
    schedule(step.nextAt);
    for (const listener of listeners) listener();
  }

  function schedule(nextAt: number | undefined): void {
    cancelTick();
    if (nextAt === undefined) return;
    const waitMs = Math.max(0, nextAt + TICK_GRACE_MS - timeOf(clock.monotonicMs()));
    cancelTick = clock.after(waitMs, () =>
      run({ kind: 'tick', at: timeOf(clock.monotonicMs()) - TICK_GRACE_MS }),
    );
  }

  function observe(seen: Observation): void {
    const provisional = timeOf(seen.monoMs);
    const next = stepAnchor(anchor, seen);
    anchor = next.state;
    if (!next.changed) return;
    const at = timeOf(seen.monoMs);
    log.info({ at: isoOf(at), source: seen.source }, 'time is known');
    const row = { kind: 'anchor', at: isoOf(at), boot, monoMs: seen.monoMs, source: seen.source } as const;
    run({ kind: 'anchor', at, shiftMs: at - provisional, row });
    const waiting = held;
    held = [];
    for (const input of waiting) run(input);
  }

  return {
    offer(input) {
      const { monoMs = clock.monotonicMs(), ...rest } = input;
      if (rest.kind === 'fix') {
        const fix = { ...rest, at: rest.fix.at } as EngineInput;
        if (isAnchored()) run(fix);
        else held = [...held, fix].slice(-MAX_HELD);
        return;
      }
      run({ ...rest, at: timeOf(monoMs) } as EngineInput);
    },
    observe,
    state: () => state,
    nowMs: () => timeOf(clock.monotonicMs()),
    position() {
      const believed = state.duty.on && !hushed ? believedPosition(state.locate) : undefined;
      if (!believed) return undefined;
      const { at, latitude, longitude, accuracyM, moving } = believed;
      return {
        at: isoOf(at),
        latitude,
        longitude,
        ...(accuracyM === undefined ? {} : { accuracyM }),
        moving,
        fixAgeMs: Math.max(0, Math.round(timeOf(clock.monotonicMs()) - at)),
      };
    },
    hush(on) {
      hushed = on;
      for (const listener of listeners) listener();
    },
    onStep(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    stop() {
      cancelTick();
      writer.flush();
    },
  };
}

/** A row made before the time was known: boot and monotonic time, for the anchor to date. */
function undated({ lane, row }: LaneRow, clock: Clock, boot: string): LaneRow {
  const { kind, at: _provisional, ...rest } = row as Extract<Row, { boot?: string | undefined }>;
  return { lane, row: { kind, at: null, boot, monoMs: clock.monotonicMs(), ...rest } as Row };
}
