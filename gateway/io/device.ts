import type { Fix, HealthReading, LinkReading, PowerReading } from '../../protocol/readings.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Part } from '../../runtime/lifecycle.ts';
import type { Log } from '../../runtime/log.ts';
import type { RecoverySettings } from '../core/modem.ts';
import type { DeviceKind } from '../core/sourceUrl.ts';
import type { LossReason } from '../core/supervision.ts';

/**
 * What the engine sees of a device, whatever its source: readings come through the callbacks of `startGps`,
 * `startPower`, `startModem`, `startHealth`; comings and goings as one `DeviceEvent` a change.
 */

/** `opening`: never read yet. `reading`: believable input comes. `lost`: it came, or should have, and does not. */
export type DeviceState = 'opening' | 'reading' | 'lost' | 'ended';

export type { LossReason } from '../core/supervision.ts';

export type DeviceEvent = {
  readonly device: DeviceKind;
  /** As configured: a technician looks for this name. */
  readonly url: string;
  readonly state: DeviceState;
  readonly reason?: LossReason;
  /** An English sentence: «a shunt is plugged where the GPS should be». */
  readonly detail?: string;
  readonly baud?: number;
  readonly monoMs: number;
};

/** Counts since the start, by reason; keys are stable words, values only grow. */
export type Counters = Readonly<Record<string, number>>;

export interface Device extends Part {
  state(): DeviceState;
  counters(): Counters;
}

export type DeviceDeps = { readonly log: Log; readonly clock: Clock };

/** startGps(url, deps, callbacks): Device */
export type GpsCallbacks = {
  /** One call an epoch, not gated; `monoMs` is when its last byte was read. */
  onFix(fix: Fix, monoMs: number): void;
  onDevice(event: DeviceEvent): void;
};

/** startPower(url, deps, callbacks): Device */
export type PowerCallbacks = {
  /** What one block (or one look at the files) says; `core/power.ts` merges them. */
  onReading(reading: PowerReading, monoMs: number): void;
  onDevice(event: DeviceEvent): void;
};

/** A step of the recovery ladder that the modem has just taken: for a journal `event` row. */
export type RecoveryEvent = {
  readonly step: 'reattach' | 'reset' | 'power_cycle' | 'gave_up' | 'recovered';
  readonly outcome?: string;
  readonly monoMs: number;
};

/** startModem(url, deps, options, callbacks): Modem */
export type ModemCallbacks = {
  onReading(reading: LinkReading, monoMs: number): void;
  onDevice(event: DeviceEvent): void;
  onRecovery(event: RecoveryEvent): void;
};
export type ModemOptions = {
  /** SIM PIN: tried once. */
  readonly pin?: string;
  /** Where the attempt is remembered over restarts, so that three of them do not lock the SIM. */
  readonly pinFile?: string;
  /** Whether data really flows (a round trip with the broker); absent or undefined: not known, no recovery. */
  readonly reachable?: () => boolean | undefined;
  /** Cuts and restores the modem's supply (GPIO or USB); absent: the ladder ends at the reset. */
  readonly powerCycle?: () => Promise<void>;
  /** Between two looks at the modem; 10 s when absent. */
  readonly lookEveryMs?: number;
  /** Times of the recovery ladder, in place of `RECOVERY_DEFAULTS`. */
  readonly recovery?: Partial<RecoverySettings>;
};
/** `unknown`: the text was handed over and no answer came; it may have gone, and is not sent again. */
export type SmsOutcome = { readonly outcome: 'sent' | 'failed' | 'unknown'; readonly error?: string };
export interface Modem extends Device {
  /** One attempt; waits for its turn behind the command in flight. Never rejects. */
  sendSms(to: string, text: string): Promise<SmsOutcome>;
}

/** startHealth({ folder }, deps, callbacks): Part. `folder` is the journal's: its disk is the one that counts. */
export type HealthCallbacks = { onReading(reading: HealthReading, monoMs: number): void };
