import type { ActWord, PresenceState, StatementSource } from '../../protocol/presence.ts';
import type { Bilingual } from '../../visit/format.ts';
import type { PublicPlace } from '../../visit/public.ts';
import type { Correction, OfficeAct } from './office.ts';

/**
 * What the depot shows of one van: plain JSON, every instant ISO 8601 UTC, unknown absent. It is the body of
 * `/api/vans`, of the live stream and of the staff page, so that the three say the same.
 */

/**
 * How much of what is shown may be believed (DESIGN §1.7). `off_duty` and `never` are not faults; `offline` is the
 * van's last will, shown at once; `silent` is nothing heard for 90 s moving or 150 s parked, while a duty is expected.
 */
export const FRESHNESS = ['fresh', 'silent', 'offline', 'off_duty', 'never'] as const;
export type Freshness = (typeof FRESHNESS)[number];

export type PositionView = {
  /** Time of the fix (GNSS). */
  readonly at: string;
  readonly receivedAt: string;
  readonly latitude: number;
  readonly longitude: number;
  readonly accuracyM?: number;
  readonly moving: boolean;
  /** The fix is old although the van is heard: the dot stays, greyed, with its age. */
  readonly stale: boolean;
};

export type AlertView = {
  readonly episode: string;
  readonly alert: string;
  readonly severity: 'notice' | 'warning' | 'critical';
  readonly values: Readonly<Record<string, string | number | boolean>>;
  /** Raised at; absent while the van's time is unknown. */
  readonly since?: string;
  readonly at?: string;
  readonly acknowledged?: boolean;
  readonly clearedAt?: string;
  /** Raised by the depot itself (clone, verdict that differs, agenda ahead), not by the van. */
  readonly byDepot?: true;
};

export type { HeldSpan } from '../../visit/visitRecord.ts';

import type { HeldSpan } from '../../visit/visitRecord.ts';

export type CrewActView = {
  readonly act: ActWord;
  readonly at?: string;
  readonly minutes?: number;
  readonly reason?: string;
};

export type VisitView = {
  readonly id: string;
  readonly van: string;
  readonly stop: string;
  readonly name: string;
  readonly commune: string;
  readonly latitude: number;
  readonly longitude: number;
  /** Local day and times of the plan, as the agenda says them. */
  readonly date: string;
  readonly from: string;
  readonly to: string;
  readonly fromAt: string;
  readonly toAt: string;
  /** What stands, by DESIGN §1.9; what tenants are told is made from this alone. */
  readonly state: PresenceState;
  readonly open?: boolean;
  readonly arrivedAt?: string;
  readonly leftAt?: string;
  readonly expectedFrom?: string;
  readonly expectedTo?: string;
  readonly reason?: string;
  readonly movedTo?: PublicPlace;
  readonly source: StatementSource;
  /** Time of the newest news behind the statement (the depot's reception). */
  readonly at: string;
  /** The sentence that tenants read at this moment. */
  readonly statement: Bilingual;
  readonly held: readonly HeldSpan[];
  /** What the van itself says, when something else stands; both stay visible. */
  readonly byVan?: VanVerdict;
  readonly crewAct?: CrewActView;
  readonly correction?: Correction;
  readonly officeActs?: readonly OfficeAct[];
  /** Planner and driver contradict each other, neither had seen the other's word. */
  readonly conflict?: true;
};

export type VanVerdict = {
  readonly state: PresenceState;
  readonly at: string;
  readonly because: string;
  readonly evidence: Readonly<Record<string, unknown>>;
  readonly agenda: number;
};

export type PowerView = {
  readonly at: string;
  readonly soc?: number;
  readonly houseV?: number;
  readonly houseA?: number;
  readonly starterV?: number;
  readonly timeToGoMin?: number;
  readonly engine?: 'on' | 'off';
};

export type LinkView = {
  readonly at: string;
  readonly state: 'good' | 'degraded' | 'bad' | 'offline';
  readonly cause?: string;
  readonly technology?: string;
  readonly operator?: string;
  readonly rsrpDbm?: number;
};

export type DeviceView = {
  readonly what: string;
  readonly at: string;
  readonly detail?: Readonly<Record<string, unknown>>;
};

/** A message to the cab that is on board; the times are the van's, absent while it does not know them. */
export type MessageView = {
  readonly key: string;
  readonly text: string;
  readonly at?: string;
  readonly read: boolean;
  readonly readAt?: string;
};

export type VanView = {
  readonly van: string;
  readonly freshness: Freshness;
  /** Depot's reception time of the last thing heard from the van. */
  readonly heardAt?: string;
  readonly duty?: boolean;
  readonly position?: PositionView;
  /** Visits of the local day, in order of their windows. */
  readonly visits: readonly VisitView[];
  /** Open episodes, the worst first. */
  readonly alerts: readonly AlertView[];
  readonly power?: PowerView;
  readonly link?: LinkView;
  readonly backlog?: { readonly rows: number; readonly oldestS?: number };
  readonly devices: readonly DeviceView[];
  /** To the cab, newest first. */
  readonly messages: readonly MessageView[];
  readonly software?: string;
  readonly journal?: string;
  /** Version taken over by the van, and the one published to it. */
  readonly agenda: { readonly taken?: number; readonly published?: number };
};
