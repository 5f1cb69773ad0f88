import type { Agenda } from '../../../protocol/agenda.ts';
import type { Fix, HealthReading, LinkReading, PowerReading } from '../../../protocol/readings.ts';
import type { Lane, Row, RowOf } from '../../../protocol/rows.ts';
import type { VisitRecord } from '../../../visit/visitRecord.ts';
import type { AlertInput, AlertsState } from '../alerts.ts';
import type { DataPlanSettings, DataPlanState } from '../dataPlan.ts';
import type { DutyState } from '../duty.ts';
import type { CourierFacts, LinkState } from '../link.ts';
import type { LocateSettings, LocateState } from '../locate.ts';
import type { PowerSettings, PowerState, PowerView } from '../power.ts';
import type { PowerKeepState } from '../powerKeep.ts';
import type { AlertSettings, DutySettings, LinkSettings } from '../settings.ts';

/** What the folds are given, all with one time: epoch ms, GNSS or the anchored monotonic clock. */
export type EngineInput =
  | { readonly kind: 'fix'; readonly at: number; readonly fix: Fix }
  | { readonly kind: 'power'; readonly at: number; readonly reading: PowerReading }
  | { readonly kind: 'modem'; readonly at: number; readonly reading: LinkReading }
  | { readonly kind: 'courier'; readonly at: number; readonly facts: CourierFacts }
  | { readonly kind: 'health'; readonly at: number; readonly reading: HealthReading }
  | Extract<AlertInput, { kind: 'device' | 'journal' | 'part' | 'acknowledge' }>
  | { readonly kind: 'agenda'; readonly at: number; readonly agenda: Agenda }
  | { readonly kind: 'act'; readonly at: number; readonly act: Act }
  /** The state came from the journal: the plan that it holds is made known to the folds, no row is written. */
  | { readonly kind: 'restored'; readonly at: number }
  /** The boot's time became known, or another: it moved by `shiftMs`. */
  | { readonly kind: 'anchor'; readonly at: number; readonly shiftMs: number; readonly row: RowOf<'anchor'> }
  /** What a technician asks for later: a step of the modem's recovery, a part that restarted. */
  | {
      readonly kind: 'event';
      readonly at: number;
      readonly what: string;
      readonly detail: Readonly<Record<string, string | number | boolean>>;
    }
  /** Bytes both ways of the modem's interface, in this boot. */
  | { readonly kind: 'traffic'; readonly at: number; readonly bytes: number; readonly boot: string }
  | { readonly kind: 'tick'; readonly at: number };

/** An act as the driver told it; the row is made from it. */
export type Act = Omit<RowOf<'act'>, 'kind' | 'at' | 'boot' | 'monoMs'>;

/** A row and the lane it belongs to. */
export type LaneRow = { readonly lane: Lane; readonly row: Row };

/** When each fold wants to be asked again if nothing comes before. */
export type Due = { readonly [fold in 'duty' | 'locate' | 'power' | 'link' | 'alerts']?: number };

export type EngineState = {
  readonly at: number;
  /** Without it nothing is located and no verdict given; alerts and the link go on. */
  readonly timeKnown: boolean;
  readonly agenda?: Agenda;
  /** When its visits were last told to the alerts. */
  readonly planAt?: number;
  readonly duty: DutyState;
  readonly locate: LocateState;
  readonly power: { readonly fold: PowerState; readonly keep: PowerKeepState; readonly view?: PowerView };
  readonly link: LinkState;
  /** Last one journaled. */
  readonly health?: { readonly at: number; readonly reading: HealthReading };
  readonly alerts: AlertsState;
  readonly dataPlan: DataPlanState;
  readonly due: Due;
  /** What was told of each visit: for the page on board. */
  readonly records: ReadonlyMap<string, VisitRecord>;
  /** Keys of the last acts: a press that is sent twice is one act. */
  readonly actKeys: readonly string[];
  /** Acts told before the time was known: folded at the anchor, with the dates that it gives them. */
  readonly heldActs: readonly { readonly at: number; readonly act: Act }[];
};

export type EngineSettings = {
  readonly locate: LocateSettings;
  readonly power: PowerSettings;
  readonly alerts: AlertSettings;
  readonly link: LinkSettings;
  readonly duty: DutySettings;
  /** Absent: nothing is counted. */
  readonly dataPlan?: DataPlanSettings;
};

export type EngineStep = {
  readonly state: EngineState;
  /** In the order in which they were decided. */
  readonly rows: readonly LaneRow[];
  /** When something falls due if nothing comes before. */
  readonly nextAt?: number;
};
