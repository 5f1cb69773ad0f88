import { known, MINUTE_MS } from './reading.ts';
import { isSimBarred, simNow } from './sim.ts';
import type { AlertKind, Facts } from './types.ts';

/** On the road a hole of coverage is no news before this. */
const ROAD_MS = 10 * MINUTE_MS;
const LONG_MS = 30 * MINUTE_MS;
const SOON_MS = 60 * MINUTE_MS;

/**
 * The link to the depot, on duty. Degraded is a notice after a quarter of an hour; bad or offline a warning after 5 min
 * at a stop, 15 min on the road; critical after half an hour while tenants wait. A SIM or a modem with an alert of its
 * own explains it, and is told alone.
 */
export const link: AlertKind = {
  alert: 'link',
  holdMs: { notice: 15 * MINUTE_MS, warning: 5 * MINUTE_MS, critical: 3 * MINUTE_MS },
  clearMs: 2 * MINUTE_MS,
  judge(facts, _settings, at) {
    if (!facts.link) return undefined;
    const { state, cause, since } = facts.link;
    const values = known({ state, cause, since });
    if (!facts.duty || isExplained(facts, at)) return { levels: {}, clear: state === 'good', values };
    const down = state === 'bad' || state === 'offline';
    const lasting = at - since;
    const refused = state !== 'good' && cause === 'credentials';
    return {
      levels: {
        critical: down && lasting >= LONG_MS && tenantsWait(facts, at),
        warning: refused || (down && (facts.onSite !== undefined || lasting >= ROAD_MS)),
        notice: state !== 'good',
      },
      clear: state === 'good',
      values,
    };
  },
};

function isExplained(facts: Facts, at: number): boolean {
  const modem = facts.devices.modem?.state;
  return isSimBarred(simNow(facts, at)) || (modem !== undefined && modem !== 'up');
}

const tenantsWait = (facts: Facts, at: number): boolean =>
  facts.onSite !== undefined || facts.visits.some((v) => v.fromMs - at <= SOON_MS && v.toMs > at);
