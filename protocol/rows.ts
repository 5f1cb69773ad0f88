import * as z from 'zod';
import { Agenda } from './agenda.ts';
import { ACTS, PRESENCE_STATES } from './presence.ts';

/**
 * The bodies of journal rows, by lane (DESIGN §1.2-1.4, §5). A row's canonical bytes are the UTF-8 of
 * `JSON.stringify(row)` with the keys in the order in which the van wrote them: they are what the running CRC
 * covers, what the depot stores, and what `export` prints on both sides. Values are quantised before the row is
 * made (see `QUANTUM`), so that codec, export and replay are exact.
 *
 * A row whose time is not known yet has `at: null` with `boot` and `monoMs`; an `anchor` row of that boot dates it.
 */

const Iso = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const Id = z.string().max(64);
const timed = {
  at: Iso.nullable(),
  boot: z.string().max(40).optional(),
  monoMs: z.number().min(0).optional(),
};
const LanePosition = z.object({
  upTo: z.number().int().min(0),
  crc: z.number().int().min(0).max(0xffffffff),
});

/** Quanta of the values that are journaled; a value is `round(x / q) × q` printed shortest. */
export const QUANTUM = {
  degrees: 1e-6,
  accuracyM: 0.1,
  volts: 0.01,
  amperes: 0.1,
  watts: 1,
  soc: 0.1,
  dbm: 1,
} as const;

/** `value` in steps of `quantum` (a negative power of ten or an integer), free of binary noise. */
export function quantise(value: number, quantum: number): number {
  const steps = Math.round(value / quantum);
  return quantum >= 1 ? steps * quantum : steps / Math.round(1 / quantum);
}

// ── urgent ───────────────────────────────────────────────────────────────────────────────────────────────────
/** First row of a journal: which one it follows, how far that went, and whether it ended cleanly. */
export const OpenRow = z.object({
  kind: z.literal('open'),
  ...timed,
  software: z.string().max(40),
  previous: z
    .object({
      journal: z.string().max(40),
      urgent: z.number().int().min(0),
      bulk: z.number().int().min(0),
      clean: z.boolean(),
    })
    .optional(),
  salvaged: z.boolean().optional(),
});
/** Monotonic ↔ UTC of one boot. */
export const AnchorRow = z.object({
  kind: z.literal('anchor'),
  at: Iso,
  boot: z.string().max(40),
  monoMs: z.number().min(0),
  source: z.enum(['gnss', 'ntp']),
});
/** A presence change with its evidence: the line that `replay` prints, and what the depot recomputes. */
export const VisitRow = z.object({
  kind: z.literal('visit'),
  at: Iso,
  visit: Id,
  agenda: z.number().int().min(0),
  state: z.enum(PRESENCE_STATES),
  open: z.boolean().optional(),
  movedTo: z
    .object({ latitude: z.number(), longitude: z.number(), name: z.string().max(120).optional() })
    .optional(),
  because: z.string().max(400),
  evidence: z.record(z.string().max(40), z.unknown()),
});
export const AlertRow = z.object({
  kind: z.literal('alert'),
  ...timed,
  /** One id an episode, stable over restarts: `<alert>:<at of raising>`. */
  episode: z.string().max(80),
  alert: z.string().max(40),
  change: z.enum(['raised', 'worsened', 'eased', 'acknowledged', 'cleared']),
  severity: z.enum(['notice', 'warning', 'critical']),
  /** What the dictionary needs to say it in words. */
  values: z.record(z.string().max(40), z.union([z.string().max(120), z.number(), z.boolean()])),
});
/** What the driver tells (or head office for them, at the depot). `key` makes a press idempotent. */
export const ActRow = z.object({
  kind: z.literal('act'),
  ...timed,
  key: z.string().min(1).max(64),
  act: z.enum(ACTS),
  visit: Id.optional(),
  agenda: z.number().int().min(0).optional(),
  minutes: z.number().int().min(0).max(600).optional(),
  reason: z.string().max(120).optional(),
  place: z
    .object({
      latitude: z.number().optional(),
      longitude: z.number().optional(),
      name: z.string().max(120).optional(),
    })
    .optional(),
});
export const DutyRow = z.object({
  kind: z.literal('duty'),
  ...timed,
  on: z.boolean(),
  why: z.enum(['agenda', 'switch', 'visit', 'always']),
});
export const SmsRow = z.object({
  kind: z.literal('sms'),
  ...timed,
  key: z.string().max(120),
  to: z.string().max(20),
  text: z.string().max(480),
  outcome: z.enum(['sending', 'sent', 'failed', 'unknown']),
  error: z.string().max(200).optional(),
});
/**
 * Names what is no longer, or never was, in a lane: seqs `from` … `to` of `lane` in `journal`. It stands in that lane
 * under seq `to`, in place of the rows that went, so that a lane never waits for another one.
 */
export const GapRow = z.object({
  kind: z.literal('gap'),
  ...timed,
  lane: z.enum(['urgent', 'bulk']),
  journal: z.string().max(40),
  from: z.number().int().min(1),
  to: z.number().int().min(1),
  reason: z.enum(['retention', 'disk_full', 'size_cap', 'corrupt', 'refused']),
  /** Running CRC that the lane had after `to`: the chain goes on from it (docs/PROTOCOL.md). */
  crc: z.number().int().min(0).max(0xffffffff).optional(),
  /** Base64 of an offender that the depot would not take. */
  bytes: z.string().max(90_000).optional(),
});

// ── bulk ─────────────────────────────────────────────────────────────────────────────────────────────────────
export const FixRow = z.object({
  kind: z.literal('fix'),
  at: Iso,
  latitude: z.number().min(-90).max(90),
  longitude: z.number().min(-180).max(180),
  accuracyM: z.number().min(0).optional(),
  moving: z.boolean(),
  /** Fixes that the gate rejected since the last kept one. */
  rejected: z.number().int().min(1).optional(),
  satellitesUsed: z.number().int().min(0).optional(),
  /** Week rollover repaired by the gate. */
  rollover: z.literal(true).optional(),
  /** Folded late: its own time lies before the fold's. */
  late: z.literal(true).optional(),
});
/** No believable fix for 10 s; `last` is the last believed time. */
export const LostRow = z.object({ kind: z.literal('lost'), at: Iso, last: Iso.optional() });
export const PowerRow = z.object({
  kind: z.literal('power'),
  ...timed,
  houseV: z.number().optional(),
  houseA: z.number().optional(),
  houseW: z.number().optional(),
  starterV: z.number().optional(),
  soc: z.number().min(0).max(100).optional(),
  timeToGoMin: z.number().optional(),
  temperatureC: z.number().optional(),
  panelW: z.number().optional(),
  engine: z.enum(['on', 'off']).optional(),
});
export const LinkRow = z.object({
  kind: z.literal('link'),
  ...timed,
  state: z.enum(['good', 'degraded', 'bad', 'offline']),
  cause: z.string().max(40).optional(),
  rsrpDbm: z.number().optional(),
  rsrqDb: z.number().optional(),
  sinrDb: z.number().optional(),
  rssiDbm: z.number().optional(),
  registration: z.string().max(20).optional(),
  technology: z.string().max(8).optional(),
  operator: z.string().max(40).optional(),
  roundTripMs: z.number().optional(),
  backlogAgeS: z.number().optional(),
});
export const HealthRow = z.object({
  kind: z.literal('health'),
  ...timed,
  throttled: z.number().optional(),
  temperatureC: z.number().optional(),
  diskFreePercent: z.number().optional(),
  rootReadOnly: z.boolean().optional(),
  clockSynchronised: z.boolean().optional(),
  uptimeS: z.number().optional(),
});
/** The agenda as taken over; presence is folded from here on under it. */
export const AgendaRow = z.object({ kind: z.literal('agenda'), ...timed, agenda: Agenda });
export const SettingsRow = z.object({
  kind: z.literal('settings'),
  ...timed,
  settings: z.record(z.string(), z.unknown()),
});
export const BootRow = z.object({ kind: z.literal('boot'), ...timed, software: z.string().max(40) });
/** A place and a time learnt when a visit ended. */
export const LearntRow = z.object({
  kind: z.literal('learnt'),
  at: Iso,
  learnt: z.record(z.string(), z.unknown()),
});
/** The presence fold's state, so that a replay may begin here. */
export const SnapshotRow = z.object({
  kind: z.literal('snapshot'),
  at: Iso,
  rule: z.string(),
  state: z.unknown(),
});
/** A device that came or went, a part that failed: what a technician asks for. */
export const EventRow = z.object({
  kind: z.literal('event'),
  ...timed,
  what: z.string().max(60),
  detail: z.record(z.string(), z.unknown()).optional(),
});

export const UrgentRow = z.discriminatedUnion('kind', [
  OpenRow,
  AnchorRow,
  VisitRow,
  AlertRow,
  ActRow,
  DutyRow,
  SmsRow,
  GapRow,
]);
export const BulkRow = z.discriminatedUnion('kind', [
  FixRow,
  LostRow,
  PowerRow,
  LinkRow,
  HealthRow,
  AgendaRow,
  SettingsRow,
  BootRow,
  LearntRow,
  SnapshotRow,
  EventRow,
  GapRow,
]);
export type UrgentRow = z.infer<typeof UrgentRow>;
export type BulkRow = z.infer<typeof BulkRow>;
export type Row = UrgentRow | BulkRow;
export type RowOf<K extends Row['kind']> = Extract<Row, { kind: K }>;

export const LANES = ['urgent', 'bulk'] as const;
export type Lane = (typeof LANES)[number];

/** A row's whole identity at the depot and in `export` (DESIGN §1.3, §6). */
export type RowIdentity = {
  readonly van: string;
  readonly journal: string;
  readonly lane: Lane;
  readonly seq: number;
};

export { LanePosition };
