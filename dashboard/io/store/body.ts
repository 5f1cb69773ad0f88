import type * as z from 'zod';
import {
  type AnchorRow,
  BulkRow,
  type Lane,
  type Row,
  type RowOf,
  UrgentRow,
} from '../../../protocol/rows.ts';
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

const OWN_ISO = /^.{19}\.\d{3}Z$/;
const FIX_KEYS: Readonly<Record<string, (value: unknown) => boolean>> = {
  kind: (value) => value === 'fix',
  at: (value) => typeof value === 'string' && OWN_ISO.test(value) && msOf(value) !== undefined,
  latitude: (value) => typeof value === 'number' && Math.abs(value) <= 90,
  longitude: (value) => typeof value === 'number' && Math.abs(value) <= 180,
  accuracyM: (value) => typeof value === 'number' && value >= 0,
  moving: (value) => typeof value === 'boolean',
  satellitesUsed: (value) => Number.isSafeInteger(value) && (value as number) >= 0,
};

/**
 * Nearly all rows of a backlog are fixes, and the schema takes longer over one than SQLite does. True only of what the
 * schema takes as it is; false is no verdict.
 */
export function isPlainFix(raw: Record<string, unknown>): boolean {
  for (const key of Object.keys(raw))
    if (!Object.hasOwn(FIX_KEYS, key) || !FIX_KEYS[key]!(raw[key])) return false;
  const { kind, at, latitude, longitude, moving } = raw;
  return ![kind, at, latitude, longitude, moving].includes(undefined);
}

function understood(lane: Lane, raw: unknown): Row | undefined {
  if (lane === 'bulk' && isPlainFix(object(raw))) return raw as RowOf<'fix'>;
  return (lane === 'urgent' ? UrgentRow : BulkRow).safeParse(raw).data;
}

export function readBody(lane: Lane, text: string): Body {
  const raw = parsed(text);
  const { kind, at, boot, monoMs } = object(raw);
  const row = understood(lane, raw);
  const atMs = typeof at === 'string' ? msOf(at) : undefined;
  return {
    kind: typeof kind === 'string' ? kind.slice(0, 40) : '',
    ...(row ? { row } : {}),
    ...(atMs === undefined ? {} : { atMs }),
    ...(atMs === undefined && typeof boot === 'string' && typeof monoMs === 'number'
      ? { undated: { boot, monoMs: Math.round(monoMs) } }
      : {}),
  };
}

/** Offset from the boot's monotonic clock to UTC. */
export const offsetOf = (anchor: z.infer<typeof AnchorRow>): number =>
  Math.round(msOf(anchor.at)! - anchor.monoMs);
