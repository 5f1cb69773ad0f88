import type { PresenceState } from '../../protocol/presence.ts';
import type { RowOf } from '../../protocol/rows.ts';
import { isoOf } from '../../protocol/time.ts';
import {
  inputOfRow,
  PRESENCE_DEFAULTS,
  type PresenceChange,
  type PresenceFold,
  type PresenceInput,
  type PresenceSettings,
  step,
} from '../../visit/presence.ts';
import type { StoredRow } from './feed.ts';
import { present } from './present.ts';

/** The van's verdicts of a day against those that the depot recomputes from the same rows, by the same rule. */
export type VerdictAgain =
  | { readonly kind: 'same'; readonly changes: number }
  | { readonly kind: 'differs'; readonly differences: readonly VerdictDifference[] }
  | { readonly kind: 'not_comparable'; readonly why: 'no_rows' | 'gap' | 'behind' | 'rule' | 'no_start' };

export type VerdictDifference = {
  readonly at: string;
  readonly visit: string;
  readonly van?: PresenceState;
  readonly depot?: PresenceState;
};

/** Form of the snapshots that this code can begin from (written by the van's engine). */
const SNAPSHOT_FORM = 'presence-1';

/**
 * `rows` in journal order, lanes merged by `after`. Comparable only from a snapshot on, with no gap row inside, with
 * every bulk row up to `after` of the last urgent one (DESIGN §1.4), and under one set of settings: `inForce` is the
 * van's newest settings row before the first of `rows`.
 */
export function verdictAgain(rows: readonly StoredRow[], inForce?: RowOf<'settings'>): VerdictAgain {
  if (rows.length === 0) return { kind: 'not_comparable', why: 'no_rows' };
  const from = rows.findIndex(({ row }) => row.kind === 'snapshot');
  if (from < 0) return { kind: 'not_comparable', why: 'no_start' };
  const snapshot = rows[from]!.row as RowOf<'snapshot'>;
  const day = rows.slice(from + 1);
  if (day.some(({ row }) => row.kind === 'gap')) return { kind: 'not_comparable', why: 'gap' };
  if (isBehind(rows)) return { kind: 'not_comparable', why: 'behind' };
  if (snapshot.rule !== SNAPSHOT_FORM) return { kind: 'not_comparable', why: 'rule' };
  const settings = settingsOf(rows, inForce);
  if (!settings) return { kind: 'not_comparable', why: 'rule' };
  const again = recompute(snapshot.state as PresenceFold, day, settings);
  const told = day.map(({ row }) => row).filter((row): row is RowOf<'visit'> => row.kind === 'visit');
  const rule = again[0]?.evidence.rule;
  if (rule !== undefined && told.some((row) => row.evidence.rule !== undefined && row.evidence.rule !== rule))
    return { kind: 'not_comparable', why: 'rule' };
  const differences = differencesOf(told, again);
  return differences.length === 0 ? { kind: 'same', changes: told.length } : { kind: 'differs', differences };
}

/** Urgent rows overtake: the bulk rows that they stand on may still be in the van. */
function isBehind(rows: readonly StoredRow[]): boolean {
  const held = new Map<string, number>();
  for (const { journal, lane, seq } of rows)
    if (lane === 'bulk') held.set(journal, Math.max(held.get(journal) ?? 0, seq));
  const firstBulk = new Map<string, number>();
  for (const { journal, lane, seq } of rows)
    if (lane === 'bulk' && !firstBulk.has(journal)) firstBulk.set(journal, seq);
  return rows.some(
    ({ journal, after = 0 }) => after > (held.get(journal) ?? 0) && after >= (firstBulk.get(journal) ?? 1),
  );
}

/** The one set of the day, undefined when it changed within; a van that never told its own has the defaults. */
function settingsOf(rows: readonly StoredRow[], inForce?: RowOf<'settings'>): PresenceSettings | undefined {
  const told = rows.flatMap(({ row }) => (row.kind === 'settings' ? [row] : []));
  const sets = new Map(
    (inForce ? [inForce, ...told] : told).map(({ settings }) => [
      JSON.stringify(settings.presence),
      settings,
    ]),
  );
  if (sets.size > 1) return undefined;
  const [only] = sets.values();
  return { ...PRESENCE_DEFAULTS, ...(only?.presence as Partial<PresenceSettings> | undefined) };
}

/** Ticks as the engine does: what falls due before a row is decided at its own due time (DESIGN §1.1). */
function recompute(
  start: PresenceFold,
  rows: readonly StoredRow[],
  settings: PresenceSettings,
): PresenceChange[] {
  const changes: PresenceChange[] = [];
  let [state, due] = [start, undefined as number | undefined];
  const ask = (input: PresenceInput) => {
    const done = step(state, input, settings);
    changes.push(...done.changes);
    [state, due] = [done.state, done.nextAt];
  };
  for (const { row } of rows) {
    const input = inputOfRow(row);
    if (!input) continue;
    for (let asked = due; asked !== undefined && asked < input.at; ) {
      ask({ kind: 'tick', at: asked });
      // A fold that asks for the same time again would be asked for ever.
      asked = due === asked ? undefined : due;
    }
    ask(input);
  }
  return changes;
}

function differencesOf(
  told: readonly RowOf<'visit'>[],
  again: readonly PresenceChange[],
): VerdictDifference[] {
  const keyOf = (at: string, visit: string) => `${at} ${visit}`;
  const byKey = new Map<string, VerdictDifference>();
  for (const { at, visit, state } of told) byKey.set(keyOf(at, visit), { at, visit, van: state });
  for (const { at, visit, state } of again) {
    const key = keyOf(isoOf(at), visit);
    byKey.set(key, { at: isoOf(at), visit, ...present('van', byKey.get(key)?.van), depot: state });
  }
  return [...byKey.values()].filter(({ van, depot }) => van !== depot).sort((a, b) => (a.at < b.at ? -1 : 1));
}
