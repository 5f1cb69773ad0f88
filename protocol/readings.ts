import type { Place } from './geo.ts';

/**
 * What the device readers give and the folds take. Unknown is absent, never 0, -1, NaN or ''.
 * `at` is epoch ms (GNSS or anchored time), durations are monotonic.
 */

/** The position of one epoch, as read; not yet gated. */
export type Fix = Place & {
  /** GNSS time of the epoch, epoch ms. */
  readonly at: number;
  /** 2 = 2D, 3 = 3D; absent when the receiver never says. */
  readonly mode?: 2 | 3;
  readonly altitudeM?: number;
  /** Horizontal, one sigma-like radius: from GST, else HDOP × a stated factor. */
  readonly accuracyM?: number;
  readonly hdop?: number;
  readonly satellitesUsed?: number;
  readonly speedMps?: number;
  readonly courseDeg?: number;
  /** Dead reckoning (mode E, quality 6). */
  readonly estimated?: true;
};

/** One merged reading of a battery monitor or other power source, in SI-like units. */
export type PowerReading = {
  readonly houseV?: number;
  readonly houseA?: number;
  readonly houseW?: number;
  readonly starterV?: number;
  /** State of charge of the house battery, percent. */
  readonly soc?: number;
  /** Shunt's own estimate; absent when infinite. */
  readonly timeToGoMin?: number;
  readonly consumedAh?: number;
  readonly temperatureC?: number;
  readonly panelV?: number;
  readonly panelW?: number;
  /** What the charger (solar, DC-DC, mains) gives the house battery, where it says so itself. */
  readonly chargerA?: number;
  readonly loadA?: number;
  readonly loadOn?: boolean;
  readonly relayOn?: boolean;
  readonly midpointV?: number;
  /** Output of an inverter. */
  readonly acV?: number;
  readonly acA?: number;
  readonly acVa?: number;
  readonly yieldTodayKwh?: number;
  /** Since the shunt last saw the battery full; how often it has. A shunt that never did counts from nowhere. */
  readonly sinceFullS?: number;
  readonly synchronisations?: number;
  readonly chargerState?: string;
  readonly chargerError?: string;
  /** Why the device is off: `engine_shutdown`, `protection`, … */
  readonly offReasons?: readonly string[];
  readonly alarms?: readonly string[];
  readonly model?: string;
};

/** One merged reading of the modem. */
export type LinkReading = {
  readonly rssiDbm?: number;
  readonly rscpDbm?: number;
  readonly rsrpDbm?: number;
  readonly rsrqDb?: number;
  readonly sinrDb?: number;
  readonly registration?: Registration;
  readonly technology?: Technology;
  readonly operator?: string;
  readonly sim?: string;
  readonly attached?: boolean;
};
export type Registration = 'none' | 'home' | 'searching' | 'denied' | 'unknown' | 'roaming' | 'emergency';
export type Technology = '2g' | '3g' | '4g' | '5g';

/** The Pi's own health. */
export type HealthReading = {
  readonly throttled?: number;
  readonly temperatureC?: number;
  readonly diskFreePercent?: number;
  readonly diskFreeMb?: number;
  readonly rootReadOnly?: boolean;
  readonly clockSynchronised?: boolean;
  readonly uptimeS?: number;
};
