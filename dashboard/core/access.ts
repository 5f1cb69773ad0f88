import { parseTopic, RETAINED } from '../../protocol/topics.ts';

/** Who may publish and subscribe what on the broker inside the depot (hazards.md §4): exact topics, an allowlist. */
export type Grant =
  | { readonly kind: 'van'; readonly van: string }
  /** Other software: reads `status` and `state/…` of the vans granted to it. */
  | { readonly kind: 'reader'; readonly vans: readonly string[] };

const VAN_PUBLISHES = new Set<string>(['status', 'position', 'urgent', 'bulk']);
const VAN_READS = new Set<string>(['receipt', 'agenda', 'cab']);
const READER_READS = new Set<string>(['status', 'state/visit', 'state/power', 'state/link']);
/** A will, or a status, is short. */
export const WILL_MAX_BYTES = 256;

/** The leaf that a van publishes; undefined when it may not. */
export function publishable(
  grant: Grant,
  { topic, qos, retain }: { readonly topic: string; readonly qos: number; readonly retain: boolean },
): 'status' | 'position' | 'urgent' | 'bulk' | undefined {
  const parsed = parseTopic(topic);
  if (grant.kind !== 'van' || parsed?.van !== grant.van || !VAN_PUBLISHES.has(parsed.leaf)) return undefined;
  if (qos > 1 || (retain && !RETAINED.includes(parsed.leaf))) return undefined;
  return parsed.leaf as 'status' | 'position' | 'urgent' | 'bulk';
}

export function readable(grant: Grant, topic: string): boolean {
  const parsed = parseTopic(topic);
  if (!parsed) return false;
  return grant.kind === 'van'
    ? parsed.van === grant.van && VAN_READS.has(parsed.leaf)
    : grant.vans.includes(parsed.van) && READER_READS.has(parsed.leaf);
}

export type ConnectPacket = {
  readonly clientId: string;
  readonly clean?: boolean;
  readonly username?: string;
  readonly keepalive?: number;
  readonly will?: {
    readonly topic: string;
    readonly qos: number;
    readonly retain: boolean;
    readonly payload: Uint8Array;
  };
};

const USER = /^[a-z0-9][a-z0-9-]{1,30}$/;

/** What is wrong with a CONNECT, before any credential is looked at. */
export function connectCrime({ clientId, clean, username, will }: ConnectPacket): string | undefined {
  if (username === undefined || !USER.test(username)) return 'user name';
  // A reader may open several connections; the dot keeps its ids out of the vans'.
  if (clientId !== username && !(clientId.startsWith(`${username}.`) && clientId.length <= 64))
    return 'client id';
  if (clean === false) return 'clean: false';
  if (!will) return undefined;
  const grant: Grant = { kind: 'van', van: username };
  const ownStatus = clientId === username && publishable(grant, will) === 'status';
  return ownStatus && will.payload.length <= WILL_MAX_BYTES ? undefined : 'will';
}
