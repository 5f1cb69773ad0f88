import type * as z from 'zod';
import { type AnchorRow, BulkRow, type Lane, type Row, UrgentRow } from '../../../protocol/rows.ts';
import { msOf } from '../../../protocol/time.ts';

/** The body of a row as the depot understands it: strict on the envelope, lenient on this (DESIGN §1.10). */
export type Body = {
  /** Absent: not understood by this version. */
  readonly row?: Row;
  readonly kind: string;
  /** Epoch ms of its own time, when it has one. */
  readonly atMs?: number;
  /** How to date it once its boot has an anchor. */
  readonly undated?: { readonly boot: string; readonly monoMs: number };
};

const object = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function readBody(lane: Lane, text: string): Body {
  const raw = parsed(text);
  const { kind, at, boot, monoMs } = object(raw);
  const result = (lane === 'urgent' ? UrgentRow : BulkRow).safeParse(raw);
  const atMs = typeof at === 'string' ? msOf(at) : undefined;
  return {
    kind: typeof kind === 'string' ? kind.slice(0, 40) : '',
    ...(result.success ? { row: result.data } : {}),
    ...(atMs === undefined ? {} : { atMs }),
    ...(atMs === undefined && typeof boot === 'string' && typeof monoMs === 'number'
      ? { undated: { boot, monoMs: Math.round(monoMs) } }
      : {}),
  };
}

/** Offset from the boot's monotonic clock to UTC. */
export const offsetOf = (anchor: z.infer<typeof AnchorRow>): number =>
  Math.round(msOf(anchor.at)! - anchor.monoMs);
