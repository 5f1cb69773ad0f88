import { isoOf } from '../../protocol/time.ts';
import { localDate, localOf } from '../../visit/format.ts';
import type { Claim } from '../../visit/public.ts';
import type { Told } from './publicBoard.ts';

/** What «Me prévenir» tells, and when. Pure: a notice is due or not, whatever was sent before. */
export const FACTS = ['eve', 'arrived', 'late', 'cancelled', 'moved'] as const;
export type Fact = (typeof FACTS)[number];

export type Notice = {
  /** Visit, fact and the row behind it: told once, ever. */
  readonly key: string;
  readonly fact: Fact;
  readonly visit: string;
  readonly commune: string;
  /** Worth telling until then; a push service drops it later. */
  readonly untilMs: number;
};

/** An arrival is news for so long; later the page says it, nobody is woken for it. */
const FRESH_MS = 600_000;
const EVE_FROM_HOUR = 17;
const QUIET_FROM_HOUR = 21;
const QUIET_TO_HOUR = 7;
const DAY_MS = 86_400_000;

const WORDS: Partial<Record<string, Fact>> = { late: 'late', cancelled: 'cancelled', moved: 'moved' };

/** The notices due now on one visit; none at night: what still holds in the morning is told then. */
export function noticesDue(told: Told, nowMs: number): Notice[] {
  const { facts, statement } = told;
  const { hour } = localOf(nowMs, facts.timezone);
  if (hour >= QUIET_FROM_HOUR || hour < QUIET_TO_HOUR || nowMs >= facts.toMs) return [];
  const due = (fact: Fact, identity: string, untilMs: number): Notice => ({
    key: `${facts.id}|${fact}|${identity}`,
    fact,
    visit: facts.id,
    commune: facts.commune,
    untilMs,
  });
  const notices: Notice[] = [];
  const since = statement.arrivedMs ?? statement.atMs;
  if (statement.state === 'on_site' && nowMs - since <= FRESH_MS)
    notices.push(due('arrived', isoOf(since), since + FRESH_MS));
  const fact = WORDS[statement.state];
  if (fact) notices.push(due(fact, identityOf(claimBehind(told)), facts.toMs));
  const isTomorrow = localDate(nowMs + DAY_MS, facts.timezone) === facts.date;
  if (isTomorrow && hour >= EVE_FROM_HOUR && statement.state === 'planned')
    notices.push(due('eve', facts.date, facts.fromMs));
  return notices;
}

function claimBehind({ facts: { claims }, statement }: Told): Claim | undefined {
  if (statement.source === 'plan') return claims.planner;
  return claims[statement.source];
}

const identityOf = (claim: Claim | undefined): string => (claim ? (claim.row ?? isoOf(claim.atMs)) : 'plan');
