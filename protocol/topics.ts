/** The topic tree `tournee/v1/<van>/<leaf>` (DESIGN §4). Who may publish what: hazards.md §4, held by the broker. */

const ROOT = 'tournee/v1';

export type VanLeaf = 'status' | 'position' | 'urgent' | 'bulk';
export type DepotLeaf = 'receipt' | 'agenda' | 'cab' | 'state/visit' | 'state/power' | 'state/link';
export type Leaf = VanLeaf | DepotLeaf;

export const VAN_LEAVES: readonly VanLeaf[] = ['status', 'position', 'urgent', 'bulk'];
export const DEPOT_LEAVES: readonly DepotLeaf[] = [
  'receipt',
  'agenda',
  'cab',
  'state/visit',
  'state/power',
  'state/link',
];
/** Topics on which the retain bit is allowed; it is refused everywhere else. */
export const RETAINED: readonly Leaf[] = [
  'status',
  'position',
  'agenda',
  'state/visit',
  'state/power',
  'state/link',
];

export const topicOf = (van: string, leaf: Leaf): string => `${ROOT}/${van}/${leaf}`;
/** Filter over all vans, for the depot only. */
export const filterOf = (leaf: Leaf): string => `${ROOT}/+/${leaf}`;

const LEAVES = new Set<string>([...VAN_LEAVES, ...DEPOT_LEAVES]);
const TOPIC = /^tournee\/v1\/([a-z0-9][a-z0-9-]{1,30})\/([a-z]+(?:\/[a-z]+)?)$/;

/** Van and leaf of a topic, or `undefined` for any topic that is not exactly one of ours. */
export function parseTopic(topic: string): { van: string; leaf: Leaf } | undefined {
  const m = topic.length <= 80 ? TOPIC.exec(topic) : null;
  return m && LEAVES.has(m[2]!) ? { van: m[1]!, leaf: m[2] as Leaf } : undefined;
}
