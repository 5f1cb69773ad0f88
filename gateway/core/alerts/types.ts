import type { AlertName, LinkCause, LinkStateWord, Severity } from '../../../protocol/alerts.ts';
import type { Place } from '../../../protocol/geo.ts';
import type { PresenceState } from '../../../protocol/presence.ts';
import type { HealthReading, LinkReading, PowerReading } from '../../../protocol/readings.ts';
import type { RowOf } from '../../../protocol/rows.ts';
import type { CoverageState } from '../coverage.ts';
import type { Forecast, ForecastState } from '../forecast.ts';
import type { AlertSettings } from '../settings.ts';

/** The words of the alert fold. `at` is epoch ms; fold time never goes back. */

export type Device = 'gps' | 'power' | 'modem';
export type DeviceState = 'up' | 'lost' | 'silent' | 'wrong';
export type JournalState = 'ok' | 'failed' | 'full' | 'salvaged' | 'reopened';

/** A planned visit of today, as much of it as alerts need. */
export type AlertVisit = {
  readonly visit: string;
  readonly name: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** Where it is held: for the coverage memory. */
  readonly place?: Place;
};

/** No 4G is expected at a place: `without` of `passes` saw none; `betterM` away one was seen. */
export type ExpectedCoverage = {
  readonly visit: string;
  readonly name: string;
  readonly fromMs: number;
  readonly passes: number;
  readonly without: number;
  readonly betterM?: number;
  readonly betterDeg?: number;
};

export type AlertInput =
  | {
      readonly kind: 'power';
      readonly at: number;
      readonly reading: PowerReading;
      readonly engine?: 'on' | 'off';
    }
  | { readonly kind: 'link'; readonly at: number; readonly state: LinkStateWord; readonly cause?: LinkCause }
  | { readonly kind: 'modem'; readonly at: number; readonly reading: LinkReading }
  | { readonly kind: 'health'; readonly at: number; readonly reading: HealthReading }
  | {
      readonly kind: 'device';
      readonly at: number;
      readonly device: Device;
      readonly state: DeviceState;
      /** By-id name of the port, or what was found on it. */
      readonly detail?: string;
    }
  | { readonly kind: 'gps'; readonly at: number; readonly believed: boolean; readonly lastAt?: number }
  | { readonly kind: 'presence'; readonly at: number; readonly visit: string; readonly state: PresenceState }
  | { readonly kind: 'visits'; readonly at: number; readonly visits: readonly AlertVisit[] }
  | { readonly kind: 'duty'; readonly at: number; readonly on: boolean }
  | { readonly kind: 'journal'; readonly at: number; readonly state: JournalState; readonly detail?: string }
  | {
      readonly kind: 'part';
      readonly at: number;
      readonly part: string;
      readonly state: 'up' | 'failed';
      readonly detail?: string;
    }
  /** The van stands here, on duty: about one a minute. */
  | { readonly kind: 'place'; readonly at: number; readonly place: Place }
  /** Day on which the month's data runs out, when that is before its renewal. */
  | {
      readonly kind: 'plan';
      readonly at: number;
      readonly usedPercent: number;
      readonly runsOutAt?: number;
      readonly renewsAt: number;
    }
  | { readonly kind: 'acknowledge'; readonly at: number; readonly episode: string }
  | { readonly kind: 'tick'; readonly at: number };

type Since<T> = T & { readonly since: number };

/** What is known, from the inputs alone. JSON. */
export type Facts = {
  readonly power?: { readonly at: number; readonly reading: PowerReading };
  readonly engine?: { readonly state: 'on' | 'off'; readonly since: number };
  /** Last time at which the running engine charged the house battery. */
  readonly engineChargedAt?: number;
  readonly link?: Since<{ readonly state: LinkStateWord; readonly cause?: LinkCause }>;
  readonly modem?: { readonly at: number; readonly reading: LinkReading };
  readonly health?: { readonly at: number; readonly reading: HealthReading };
  /** When bit 16 of `throttled` was newly seen, not explained by the starter. */
  readonly undervoltageSeenAt?: number;
  readonly devices: Partial<
    Readonly<Record<Device, Since<{ readonly state: DeviceState; readonly detail?: string }>>>
  >;
  readonly gps?: Since<{ readonly believed: boolean; readonly lastAt?: number }>;
  readonly duty: boolean;
  readonly dutySince?: number;
  readonly visits: readonly AlertVisit[];
  /** The visit that is on site now. */
  readonly onSite?: Since<{ readonly visit: string }>;
  readonly journal?: Since<{ readonly state: JournalState; readonly detail?: string }>;
  readonly parts: Readonly<
    Record<string, Since<{ readonly state: 'up' | 'failed'; readonly detail?: string }>>
  >;
  /** Coverage learnt by place, and what it makes expect of the next stop. */
  readonly places: CoverageState;
  readonly coverage?: ExpectedCoverage;
  readonly coverageAt?: number;
  readonly plan?: { readonly usedPercent: number; readonly runsOutAt?: number; readonly renewsAt: number };
  readonly forecast: ForecastState;
  /** The last one made, and when. */
  readonly expected?: { readonly at: number; readonly forecast?: Forecast };
};

export type AlertValues = RowOf<'alert'>['values'];

/** What a kind says of the facts at one moment; a condition that is absent is unknown. */
export type Judgement = {
  readonly levels: Readonly<Partial<Record<Severity, boolean>>>;
  /** True: the trouble is over. Neither a level nor this: between the thresholds (hysteresis). */
  readonly clear: boolean;
  readonly values: AlertValues;
};

/** One kind of alert: how to judge it and how long each judgement must hold. */
export type AlertKind = {
  readonly alert: AlertName;
  /** Which device or part, where one alert has several. */
  readonly subject?: string;
  readonly holdMs: Readonly<Partial<Record<Severity, number>>>;
  readonly clearMs: number;
  /** An interruption shorter than `maskMs` counts as none, both ways. */
  readonly masked?: true;
  /** Longer than the common one where the trouble comes back with every stop. */
  readonly coolDownMs?: number;
  /** `undefined`: cannot be known now; nothing is raised and nothing cleared by it. */
  readonly judge: (facts: Facts, settings: AlertSettings, at: number) => Judgement | undefined;
  /** When the judgement changes by itself, by time alone. */
  readonly wakesAt?: (facts: Facts) => number | undefined;
};

/** How long a condition has held; `brokenAt` while a short interruption is being forgiven. */
export type Hold = { readonly since: number; readonly brokenAt?: number };
export type Holds = Readonly<Partial<Record<Severity | 'clear' | 'ease', Hold>>>;

export type Episode = {
  readonly id: string;
  readonly alert: AlertName;
  readonly subject?: string;
  readonly raisedAt: number;
  readonly severity: Severity;
  /** The worst so far: only worse than this is told again. */
  readonly peak: Severity;
  readonly values: AlertValues;
  readonly acknowledgedAt?: number;
  readonly clearedAt?: number;
  /** Last time at which its kind could be judged: later than this nothing is known. */
  readonly knownAt: number;
};

/** Everything, JSON-serialisable. `episodes` and `holds` are keyed by alert and subject. */
export type AlertsState = {
  readonly at: number;
  readonly facts: Facts;
  readonly holds: Readonly<Record<string, Holds>>;
  /** Open ones, and those cleared within the cool-down. */
  readonly episodes: Readonly<Record<string, Episode>>;
};

export type AlertsStep = {
  readonly state: AlertsState;
  readonly events: readonly RowOf<'alert'>[];
  /** When to tick if nothing comes before. */
  readonly nextAt: number;
};
