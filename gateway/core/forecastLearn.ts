/** What is usual: the mean current of each hour of the day in each setting, and the battery's real capacity. JSON. */

export type Setting = 'stop' | 'between' | 'off';

/** One hour in one setting over the days: how many, mean and variance of its mean current. */
type Bin = { readonly days: number; readonly meanA: number; readonly varianceA2: number };

export type Learnt = {
  readonly bins: Readonly<Partial<Record<Setting, Readonly<Record<string, Bin>>>>>;
  readonly capacityAh?: number;
  /** Where the measure of capacity under way began. */
  readonly capacityFrom?: { readonly soc: number; readonly ampSeconds: number };
};

export const initialLearnt = (): Learnt => ({ bins: {} });

/** A shorter part of an hour says too little of it. */
const MIN_SLOT_S = 600;
/** Days over which the mean forgets: a season changes, a device is added. */
const MEMORY_DAYS = 40;
/** A van that was seen for a few days only: how far off its usual a day may be. */
const PRIOR_SPREAD = 0.25;

export function learnSlot(
  learnt: Learnt,
  setting: Setting,
  hour: number,
  ampSeconds: number,
  seconds: number,
): Learnt {
  if (seconds < MIN_SLOT_S) return learnt;
  const meanNow = ampSeconds / seconds;
  const bins = learnt.bins[setting] ?? {};
  const before = bins[hour];
  // A part of an hour weighs as much as it is long.
  const weight = Math.min(1, seconds / 3600);
  const share = before ? weight / Math.min(MEMORY_DAYS, before.days + weight) : 1;
  const off = meanNow - (before?.meanA ?? meanNow);
  const bin: Bin = {
    days: Math.min(MEMORY_DAYS, (before?.days ?? 0) + weight),
    meanA: (before?.meanA ?? meanNow) + share * off,
    varianceA2: (1 - share) * ((before?.varianceA2 ?? 0) + share * off * off),
  };
  return { ...learnt, bins: { ...learnt.bins, [setting]: { ...bins, [hour]: bin } } };
}

/** The usual current of an hour; an hour never seen takes the mean of its setting. */
export function likelyA(
  learnt: Learnt,
  setting: Setting,
  hour: number,
): { readonly meanA: number; readonly deviationA: number } | undefined {
  const bins = learnt.bins[setting];
  if (!bins) return undefined;
  const bin = bins[hour] ?? meanOf(Object.values(bins));
  const prior = PRIOR_SPREAD * Math.abs(bin.meanA);
  const trust = bin.days / (bin.days + 3);
  return { meanA: bin.meanA, deviationA: trust * Math.sqrt(bin.varianceA2) + (1 - trust) * prior };
}

function meanOf(bins: readonly Bin[]): Bin {
  const days = bins.reduce((sum, bin) => sum + bin.days, 0);
  const meanA = bins.reduce((sum, bin) => sum + bin.meanA * bin.days, 0) / days;
  const varianceA2 = bins.reduce(
    (sum, bin) => sum + (bin.varianceA2 + (bin.meanA - meanA) ** 2) * bin.days,
    0,
  );
  return { days: days / bins.length, meanA, varianceA2: varianceA2 / days };
}

const CAPACITY_STEP_SOC = 8;
const MIN_AH = 5;
const MAX_AH = 5000;

/** Ampere-hours over per cent while it discharges: what the battery gives, not what is printed on it. */
export function learnCapacity(learnt: Learnt, ampSeconds: number, soc: number | undefined): Learnt {
  if (soc === undefined) return learnt;
  const from = learnt.capacityFrom;
  // A rise of the charge begins a new measure: charging has its own efficiency, whether the shunt counts it or not.
  if (!from || soc > from.soc || ampSeconds > 0) return { ...learnt, capacityFrom: { soc, ampSeconds: 0 } };
  const ampSecondsSince = from.ampSeconds + ampSeconds;
  const fallen = from.soc - soc;
  if (fallen < CAPACITY_STEP_SOC)
    return { ...learnt, capacityFrom: { soc: from.soc, ampSeconds: ampSecondsSince } };
  const measured = -ampSecondsSince / 3600 / (fallen / 100);
  const begun = { ...learnt, capacityFrom: { soc, ampSeconds: 0 } };
  if (measured < MIN_AH || measured > MAX_AH) return begun;
  const capacityAh = learnt.capacityAh === undefined ? measured : learnt.capacityAh * 0.8 + measured * 0.2;
  return { ...begun, capacityAh };
}

/** The shunt was silent: what flowed meanwhile is in the charge, not in the count. */
export function breakMeasure(learnt: Learnt): Learnt {
  const { capacityFrom: _cut, ...rest } = learnt;
  return rest;
}
