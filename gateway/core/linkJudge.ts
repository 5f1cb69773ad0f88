import type { LinkCause, LinkStateWord } from '../../protocol/alerts.ts';
import type { LinkReading } from '../../protocol/readings.ts';
import type { CourierFacts, LinkState } from './link.ts';
import type { LinkSettings } from './settings.ts';

export type LinkVerdict = { readonly state: LinkStateWord; readonly cause?: LinkCause };

const RADIO_STALE_MS = 120_000;
const RECONNECT_MS = 5 * 60_000;

/** The link as the facts of this moment show it, before hysteresis (facts/devices.md §4). */
export function judgeLink(state: LinkState, settings: LinkSettings): LinkVerdict {
  const facts = state.courier!.facts;
  const radio = state.radio && state.at - state.radio.at <= RADIO_STALE_MS ? state.radio.reading : undefined;
  const silence = silenceS(facts);
  const heard = facts.connected && (silence === undefined || silence <= settings.silentS);
  if (!heard) return unheard(state, facts, radio, settings);

  const weak = isWeak(radio);
  const backlogS = facts.oldestUnreceivedS ?? 0;
  const backlogCause = (): LinkCause => (weak ? 'radio' : isDepotMute(facts, settings) ? 'depot' : 'backlog');
  if (backlogS > settings.backlogBadS) return { state: 'bad', cause: backlogCause() };
  if ((p95(state.roundTrips.map((r) => r.ms)) ?? 0) > settings.slowMs)
    return { state: 'degraded', cause: weak ? 'radio' : 'slow' };
  if (backlogS > settings.backlogDegradedS) return { state: 'degraded', cause: backlogCause() };
  if (state.reconnectedAt !== undefined && state.at - state.reconnectedAt < RECONNECT_MS)
    return { state: 'degraded', cause: weak ? 'radio' : 'reconnected' };
  return { state: 'good' };
}

/** No session, or one that does not answer. */
function unheard(
  state: LinkState,
  facts: CourierFacts,
  radio: LinkReading | undefined,
  settings: LinkSettings,
): LinkVerdict {
  const barrier = state.modemGone ? 'modem' : radio && barrierOf(radio);
  if (barrier) return { state: 'offline', cause: barrier };
  if (facts.connected) return { state: 'bad', cause: isWeak(radio) ? 'radio' : 'depot' };
  const cause = causeOf(facts.lastErrorCause) ?? (isWeak(radio) ? 'radio' : 'broker');
  if (cause === 'bearer') return { state: 'offline', cause };
  const goneMs = state.at - (state.disconnectedAt ?? state.at);
  const isLong = goneMs > settings.silentS * 1000 || !state.connectedOnce;
  return { state: isLong ? 'bad' : 'degraded', cause: isWeak(radio) ? 'radio' : cause };
}

/** What bars all traffic: no SIM, not registered, no bearer. Unknown bars nothing. */
function barrierOf(radio: LinkReading): LinkCause | undefined {
  if (radio.sim !== undefined && radio.sim !== 'READY') return 'sim';
  switch (radio.registration) {
    case 'denied':
      return 'denied';
    case 'none':
    case 'searching':
    case 'emergency':
      return 'searching';
    default:
      return radio.attached === false ? 'bearer' : undefined;
  }
}

/** Reference signal below what holds a session (unstable from -115 dBm), or drowned in noise. */
export function isWeak(radio: LinkReading | undefined): boolean {
  if (!radio) return false;
  if (radio.rsrpDbm !== undefined) return radio.rsrpDbm < -112 || (radio.sinrDb ?? 0) < -3;
  if (radio.rscpDbm !== undefined) return radio.rscpDbm < -105;
  return radio.rssiDbm !== undefined && radio.rssiDbm < -103;
}

/** Broker alive, depot mute: it answers pings but gives no receipt. */
const isDepotMute = (facts: CourierFacts, settings: LinkSettings): boolean =>
  facts.receiptAgeS === undefined || facts.receiptAgeS > settings.silentS;

/** For how long neither a ping nor a receipt came; a receipt is owed only while a row waits for one. */
function silenceS({ pingAgeS, receiptAgeS, oldestUnreceivedS }: CourierFacts): number | undefined {
  const owed =
    receiptAgeS === undefined || oldestUnreceivedS === undefined
      ? undefined
      : Math.min(receiptAgeS, oldestUnreceivedS);
  return pingAgeS === undefined || owed === undefined ? (pingAgeS ?? owed) : Math.min(pingAgeS, owed);
}

/** 95th percentile, nearest rank. */
export function p95(values: readonly number[]): number | undefined {
  if (values.length === 0) return undefined;
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * 0.95) - 1];
}

const CAUSES: readonly (readonly [RegExp, LinkCause])[] = [
  [/unreach|ENETDOWN|EADDRNOTAVAIL|no.?route|bearer|no.?ip/i, 'bearer'],
  [/ENOTFOUND|EAI_|dns/i, 'dns'],
  [/cert|tls|ssl|altname|self.?signed/i, 'tls'],
  [/auth|bad user|credential|refused: (code )?[45]/i, 'credentials'],
  [/receipt/i, 'depot'],
];

/** The cause behind an error code or text of the courier; `undefined` when there is none. */
export function causeOf(error: string | undefined): LinkCause | undefined {
  if (error === undefined) return undefined;
  return CAUSES.find(([pattern]) => pattern.test(error))?.[1] ?? 'broker';
}
