import { SEVERITIES } from '../../protocol/alerts.ts';
import type { RowOf } from '../../protocol/rows.ts';
import { isoOf, msOf } from '../../protocol/time.ts';
import { localOf } from '../../visit/format.ts';
import { isNotice } from './alerts.ts';
import type { SmsSettings } from './settings.ts';

/**
 * Which alerts go out by SMS: pure. A row says «sending» before the modem is asked; what became of it is another row.
 * A message whose outcome a crash took away is shown as unknown and never sent again: twice is worse than maybe.
 */

export type SmsRow = RowOf<'sms'>;

export type SmsInput =
  | { readonly kind: 'alert'; readonly at: number; readonly row: RowOf<'alert'>; readonly text: string }
  | {
      readonly kind: 'outcome';
      readonly at: number;
      readonly key: string;
      readonly outcome: 'sent' | 'failed' | 'unknown';
      readonly error?: string;
    };

/** JSON-serialisable. `keys`: every message of the last days, so that none is sent twice. */
export type SmsState = {
  readonly keys: readonly string[];
  /** Times of sending in the last hour. */
  readonly sentAt: readonly number[];
  readonly open: readonly { readonly key: string; readonly to: string; readonly text: string }[];
};

export type SmsStep = {
  readonly state: SmsState;
  /** To be committed first. */
  readonly rows: readonly SmsRow[];
  /** To be handed to the modem after the commit. */
  readonly send: readonly { readonly key: string; readonly to: string; readonly text: string }[];
};

const HOUR_MS = 3_600_000;
const MAX_KEYS = 500;

export const initialSms = (): SmsState => ({ keys: [], sentAt: [], open: [] });

/** From the journal's sms rows, oldest first; the rows say of which messages nothing is known any more. */
export function restoreSms(rows: readonly SmsRow[], at: number): SmsStep {
  const last = new Map(rows.map((row) => [row.key, row]));
  const lost = [...last.values()].filter((row) => row.outcome === 'sending');
  const sentAt = rows.flatMap((row) => {
    const ms = row.at === null ? undefined : msOf(row.at);
    return row.outcome === 'sending' && ms !== undefined && at - ms < HOUR_MS ? [ms] : [];
  });
  return {
    state: { keys: [...last.keys()].slice(-MAX_KEYS), sentAt, open: [] },
    rows: lost.map(({ key, to, text }) => smsRow(at, { key, to, text }, 'unknown')),
    send: [],
  };
}

export function stepSms(before: SmsState, input: SmsInput, settings: SmsSettings): SmsStep {
  return input.kind === 'alert'
    ? takeAlert(before, input, settings)
    : takeOutcome(before, input.at, input.key, input.outcome, input.error);
}

function takeAlert(
  before: SmsState,
  { at, row, text }: Extract<SmsInput, { kind: 'alert' }>,
  settings: SmsSettings,
): SmsStep {
  if (!isWanted(row, at, settings)) return { state: before, rows: [], send: [] };
  const sentAt = before.sentAt.filter((t) => at - t < HOUR_MS);
  const keys = [...before.keys];
  const rows: SmsRow[] = [];
  const send: { key: string; to: string; text: string }[] = [];
  for (const to of settings.to) {
    const message = {
      key: `${row.episode}:${row.severity}:${to}`.slice(0, 120),
      to,
      text: text.slice(0, 480),
    };
    if (keys.includes(message.key)) continue;
    keys.push(message.key);
    if (sentAt.length >= settings.maxPerHour) rows.push(smsRow(at, message, 'failed', 'hourly limit'));
    else {
      sentAt.push(at);
      rows.push(smsRow(at, message, 'sending'));
      send.push(message);
    }
  }
  const open = [...before.open, ...send];
  return { state: { keys: keys.slice(-MAX_KEYS), sentAt, open }, rows, send };
}

function takeOutcome(
  before: SmsState,
  at: number,
  key: string,
  outcome: SmsRow['outcome'],
  error: string | undefined,
): SmsStep {
  const message = before.open.find((m) => m.key === key);
  if (!message) return { state: before, rows: [], send: [] };
  const open = before.open.filter((m) => m !== message);
  return { state: { ...before, open }, rows: [smsRow(at, message, outcome, error)], send: [] };
}

/** Kinds, severity and hours of the configuration; a critical alert knows no hours. */
function isWanted(row: RowOf<'alert'>, at: number, settings: SmsSettings): boolean {
  if (!isNotice(row) || !(settings.kinds as readonly string[]).includes(row.alert)) return false;
  if (SEVERITIES.indexOf(row.severity) < SEVERITIES.indexOf(settings.minSeverity)) return false;
  if (row.severity === 'critical' || !settings.hours) return true;
  const { hour, minute } = localOf(at, settings.timezone);
  const now = hour * 60 + minute;
  const { fromMin, toMin } = settings.hours;
  return fromMin <= toMin ? now >= fromMin && now < toMin : now >= fromMin || now < toMin;
}

function smsRow(
  at: number,
  { key, to, text }: { readonly key: string; readonly to: string; readonly text: string },
  outcome: SmsRow['outcome'],
  error?: string,
): SmsRow {
  return {
    kind: 'sms',
    at: isoOf(at),
    key,
    to,
    text,
    outcome,
    ...(error === undefined ? {} : { error: error.slice(0, 200) }),
  };
}
