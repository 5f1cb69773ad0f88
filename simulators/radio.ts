import type { Random } from './random.ts';

/** What the antenna hears, in the units of 3GPP TS 36.133; wanders as the van moves. */
export type RadioState = {
  readonly rsrpDbm: number;
  readonly rsrqDb: number;
  readonly sinrDb: number;
  readonly rssiDbm: number;
};

export interface Radio {
  step(dtS: number, moving: boolean): RadioState;
}

/** Country LTE: RSRP around −98 dBm, from good in the village to poor between two hills. */
export function makeRadio(random: Random): Radio {
  let wander = random.gauss();
  return {
    step(dtS, moving) {
      const keep = Math.exp(-dtS / (moving ? 40 : 400));
      wander = wander * keep + Math.sqrt(1 - keep * keep) * random.gauss();
      const rsrpDbm = Math.round(Math.max(-124, Math.min(-70, -98 + 8 * wander)));
      const sinrDb = Math.round(Math.max(-6, Math.min(24, 10 + 6 * wander + random.gauss())));
      return {
        rsrpDbm,
        sinrDb,
        rsrqDb: Math.round(Math.max(-19, Math.min(-5, -11 + 2 * wander))),
        rssiDbm: Math.max(-113, Math.min(-51, rsrpDbm + 28)),
      };
    },
  };
}
