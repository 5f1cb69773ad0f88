import type { Row, RowOf } from '../../protocol/rows.ts';
import { msOf } from '../../protocol/time.ts';
import type { CabMessage } from './cabView.ts';

/**
 * The depot's messages to the driver, as the journal holds them: `event` rows `message` and `message_read`. So a message
 * and its «Lu» survive a restart, and the depot learns of both. Pure fold of rows, newest first.
 */

/** Messages kept on the page. */
const MAX_MESSAGES = 20;

export const MESSAGE = 'message';
export const MESSAGE_READ = 'message_read';

/** `nowMs` dates a row whose own time is not known yet. */
export function foldMessage(before: readonly CabMessage[], row: Row, nowMs: number): readonly CabMessage[] {
  if (row.kind !== 'event' || (row.what !== MESSAGE && row.what !== MESSAGE_READ)) return before;
  const at = row.at === null ? nowMs : (msOf(row.at) ?? nowMs);
  const { key } = row.detail ?? {};
  if (typeof key !== 'string') return before;
  if (row.what === MESSAGE_READ)
    return before.map((m) => (m.key === key && m.readAt === undefined ? { ...m, readAt: at } : m));
  const note = noteOf(key, at, row.detail);
  return note === undefined || before.some((m) => m.key === key)
    ? before
    : [note, ...before].slice(0, MAX_MESSAGES);
}

function noteOf(key: string, at: number, detail: RowOf<'event'>['detail']): CabMessage | undefined {
  const { text, from } = detail ?? {};
  if (typeof text !== 'string') return undefined;
  return { key, at, text, ...(typeof from === 'string' ? { from } : {}) };
}
