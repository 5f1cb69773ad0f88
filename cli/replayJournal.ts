import type { JournalRow } from '../gateway/io/journal.ts';
import type { Row, RowOf } from '../protocol/rows.ts';
import { msOf } from '../protocol/time.ts';
import {
  initialPresence,
  inputOfRow,
  PRESENCE_DEFAULTS,
  type PresenceFold,
  type PresenceInput,
  type PresenceSettings,
  rowOfChange,
  step,
} from '../visit/presence.ts';

/**
 * `replay --journal`: the rows of a van's journal through presence alone; they have passed gate and keep. Ticked as on
 * the van, and not while off duty; rows without a time are folded at the anchor of their boot (DESIGN §1.6).
 */
export function* replayJournal(rows: Iterable<Pick<JournalRow, 'row'>>): Generator<RowOf<'visit'>> {
  let settings: PresenceSettings = PRESENCE_DEFAULTS;
  let state: PresenceFold = initialPresence(settings);
  let nextAt: number | undefined;
  let now = Number.NEGATIVE_INFINITY;
  let onDuty = true;
  let held: Row[] = [];

  function ask(input: PresenceInput): RowOf<'visit'>[] {
    const told = step(state, input, settings);
    state = told.state;
    nextAt = told.nextAt;
    now = Math.max(now, input.at);
    return told.changes.map(rowOfChange);
  }
  function* moveTo(at: number): Generator<RowOf<'visit'>> {
    while (onDuty && nextAt !== undefined && nextAt <= at)
      yield* ask({ kind: 'tick', at: Math.max(now, nextAt) });
    now = Math.max(now, at);
  }

  for (const { row } of rows) {
    if (row.kind === 'settings' && row.settings.presence)
      settings = { ...settings, ...(row.settings.presence as Partial<PresenceSettings>) };
    if ('at' in row && row.at === null) {
      if (row.kind === 'act') held.push(row);
      continue;
    }
    const at = 'at' in row && row.at !== null ? msOf(row.at) : undefined;
    if (at === undefined) continue;
    if (row.kind === 'anchor') {
      for (const early of held) yield* ask(inputOfRow(early, at)!);
      held = [];
      continue;
    }
    if (row.kind !== 'duty' && !inputOfRow(row)) continue;
    yield* moveTo(at);
    if (row.kind === 'duty') onDuty = row.on;
    else yield* ask(inputOfRow(row)!);
  }
}
