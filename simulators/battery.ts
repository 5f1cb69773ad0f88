import type { Random } from './random.ts';

/** The house battery with its shunt, and the starter battery on the shunt's auxiliary input. */
export type BatteryState = {
  readonly houseV: number;
  /** + charging. */
  readonly houseA: number;
  /** Percent. */
  readonly soc: number;
  readonly consumedAh: number;
  readonly starterV: number;
  /** Minutes; absent while charging. */
  readonly timeToGoMin?: number;
};

export type BatterySettings = {
  readonly capacityAh: number;
  /** State of charge at the start, percent. */
  readonly soc: number;
};
export const HOUSE_BATTERY: BatterySettings = { capacityAh: 200, soc: 78 };

export type Load = {
  readonly engine: 'on' | 'off' | 'cranking';
  readonly open: boolean;
  /** A fault: something draws so much that the voltage falls. */
  readonly sag?: boolean;
  /** On the mains at the depot. */
  readonly shore?: boolean;
};

const IDLE_A = 0.7;
const OPEN_A = 7.5;
const SAG_A = 95;
const DC_DC_A = 28;
const SHORE_A = 20;
const RESISTANCE_OHM = 0.006;
/** While the load sags, the pack is at its end: charge falls to this in some 20 s, as a shunt resynchronises. */
const SAG_SOC = 7;

/** Open-circuit voltage of a 12.8 V LiFePO4 pack: flat, with knees at both ends. */
function openCircuitV(soc: number): number {
  const knee = soc < 12 ? (12 - soc) * 0.12 : 0;
  return 12.95 + 0.005 * soc - knee + (soc > 97 ? (soc - 97) * 0.1 : 0);
}

export interface Battery {
  /** The state `dtS` seconds after the last call, under `load` since then. */
  step(load: Load, dtS: number): BatteryState;
}

export function makeBattery(settings: BatterySettings, random: Random): Battery {
  let soc = settings.soc;
  let starterV = 12.75;
  return {
    step(load, dtS) {
      const charge = load.engine === 'on' ? DC_DC_A : load.shore ? SHORE_A : 0;
      const taper = soc > 95 ? Math.max(0.05, (100 - soc) / 5) : 1;
      const draw = IDLE_A + (load.open ? OPEN_A : 0) + (load.sag ? SAG_A : 0);
      const houseA = charge * taper - draw + 0.05 * random.gauss();
      if (load.sag && soc > SAG_SOC)
        soc = Math.max(SAG_SOC, soc - Math.max(0.2, (soc - SAG_SOC) * 0.2) * dtS);
      soc = Math.max(0, Math.min(100, soc + ((houseA * dtS) / 3600 / settings.capacityAh) * 100));
      const target = load.engine === 'on' ? 14.25 : 12.7;
      starterV =
        load.engine === 'cranking'
          ? 10.4
          : starterV + (target - starterV) * (1 - Math.exp(-dtS / (load.engine === 'on' ? 2 : 25)));
      return {
        houseV: openCircuitV(soc) + houseA * RESISTANCE_OHM + 0.004 * random.gauss(),
        houseA,
        soc,
        consumedAh: -((100 - soc) / 100) * settings.capacityAh,
        starterV: starterV + 0.006 * random.gauss(),
        ...(houseA < -0.3
          ? { timeToGoMin: Math.round((soc / 100) * settings.capacityAh * (60 / -houseA)) }
          : {}),
      };
    },
  };
}
