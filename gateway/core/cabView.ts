import type { AlertName, LinkCause, LinkStateWord, Severity } from '../../protocol/alerts.ts';
import type { ActWord, PresenceState, StatementSource } from '../../protocol/presence.ts';

/**
 * What the cab page shows: JSON, made by the engine after each commit, sent whole by SSE. Instants are epoch ms here
 * (the page computes ages against `at`, never against the phone's clock).
 */

export type CabVisit = {
  readonly visit: string;
  readonly stop: string;
  readonly name: string;
  readonly address?: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly state: PresenceState;
  readonly open?: boolean;
  /** What was really held, bar by bar; an absent end is «still there». */
  readonly held: readonly { readonly fromMs: number; readonly toMs?: number }[];
  readonly movedTo?: string;
  readonly reason?: string;
};

export type CabAlert = {
  readonly episode: string;
  readonly alert: AlertName;
  readonly severity: Severity;
  readonly values: Readonly<Record<string, string | number | boolean>>;
  /** Absent while the van does not know the time. */
  readonly raisedAt?: number;
  readonly acknowledged: boolean;
  /** Nothing is known of it since then. */
  readonly unknownSince?: number;
};

export type CabPower = {
  readonly at: number;
  readonly soc?: number;
  readonly houseV?: number;
  readonly houseA?: number;
  readonly starterV?: number;
  readonly engine?: 'on' | 'off';
  /** The forecast: empty at, between `earlyAt` and `lateAt`. */
  readonly untilAt?: number;
  readonly earlyAt?: number;
  readonly lateAt?: number;
  /** No reading for a while: `at` is the last one. */
  readonly silent?: boolean;
};

export type CabLink = {
  readonly state: LinkStateWord;
  readonly cause?: LinkCause;
  readonly since: number;
  readonly technology?: string;
  readonly operator?: string;
  /** Rows that wait for the depot. */
  readonly waiting?: number;
};

export type CabGps = {
  readonly state: 'good' | 'lost' | 'none';
  readonly accuracyM?: number;
  readonly at?: number;
};

export type CabMessage = {
  readonly key: string;
  readonly at: number;
  readonly text: string;
  readonly from?: string;
  readonly readAt?: number;
};

/** An act that waits out its 10 s; until then it can be taken back without a trace. */
export type CabPending = { readonly key: string; readonly act: ActWord; readonly remainingMs: number };

/** The last act told, so that the page can confirm it and offer its undo. */
export type CabAct = {
  readonly key: string;
  readonly act: ActWord;
  /** Absent while the van does not know the time. */
  readonly at?: number;
  readonly visit?: string;
  readonly minutes?: number;
  /** Has the depot it? */
  readonly received: boolean;
};

export type CabSms = {
  readonly to: string;
  readonly text: string;
  readonly at: number;
  readonly outcome: 'sending' | 'sent' | 'failed' | 'unknown';
};

/** Somebody at head office looked at this van. */
export type CabLook = {
  readonly at: number;
  readonly who: string;
  readonly role?: 'reader' | 'planner' | 'administrator' | undefined;
  readonly what: 'live' | 'day' | 'export' | 'positions';
};

/** «Mes données»: what is recorded on this duty, how long it stays, who looked. */
export type CabMine = {
  readonly dutySince?: number;
  /** Rows of this duty, by kind. */
  readonly recorded: Readonly<Record<string, number>>;
  readonly retentionDays: number;
  readonly dutyLog: readonly { readonly at: number; readonly on: boolean; readonly why: string }[];
  /** The depot's access journal, as it was last sent; absent: not received yet. */
  readonly looked?: readonly CabLook[];
};

export type CabView = {
  /** When it was made, epoch ms; absent while the van does not know the time. */
  readonly at?: number;
  /** Changes when the gateway is started: the page then says so. */
  readonly session: string;
  readonly van: string;
  readonly timezone: string;
  /** Today's visits in order of their windows; while the time is not known, the next ones of the agenda. */
  readonly visits: readonly CabVisit[];
  /** The visit that the big gestures are about; the page lets another be chosen. */
  readonly current?: string;
  /** The first one not over after it. */
  readonly next?: string;
  /** «Affiché aux locataires». */
  readonly statement?: { readonly fr: string; readonly en: string; readonly source: StatementSource };
  /** The depot has not received what it is made of: tenants may still see an older one. */
  readonly statementUnreceived?: boolean;
  /** Worst first, then newest. */
  readonly alerts: readonly CabAlert[];
  readonly power?: CabPower;
  readonly link?: CabLink;
  readonly gps: CabGps;
  readonly duty: { readonly on: boolean; readonly why?: string; readonly until?: number };
  readonly messages: readonly CabMessage[];
  readonly lastAct?: CabAct;
  readonly pending?: CabPending;
  readonly sms: readonly CabSms[];
  readonly mine?: CabMine;
};

/** What a press on the page asks for; `key` makes it one act however often it is sent. */
export type CabPress = {
  readonly key: string;
  readonly act: ActWord;
  readonly visit?: string;
  readonly minutes?: number;
  readonly reason?: string;
  /** `moved`: to where the van stands now. */
  readonly here?: boolean;
  readonly placeName?: string;
};
