import type * as z from 'zod';
import type { Lane, LanePosition } from '../../protocol/rows.ts';

export type Cursor = z.infer<typeof LanePosition>;
export type Cursors = Readonly<Record<Lane, Cursor>>;

/** One batch as it came off the wire, envelope checked, bodies as text. */
export type Batch = {
  readonly van: string;
  readonly journal: string;
  readonly lane: Lane;
  readonly prevCrc: number;
  readonly crc: number;
  readonly rows: readonly { readonly seq: number; readonly after?: number; readonly text: string }[];
};

export type Decision = 'stored' | 'duplicate' | 'wait' | 'fork';
