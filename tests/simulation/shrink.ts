import type { Fault, Plan } from './plan.ts';
import { type Outcome, simulate } from './simulate.ts';

/**
 * The fewest faults that still show the same kind of violation: delta debugging (Zeller & Hildebrandt, ddmin) over the
 * list of faults, within `most` runs.
 */
export async function shrink(
  plan: Plan,
  kind: string,
  most = 120,
): Promise<{ plan: Plan; outcome: Outcome } | undefined> {
  let runs = 0;
  let found: { plan: Plan; outcome: Outcome } | undefined;
  const shows = async (faults: readonly Fault[]): Promise<boolean> => {
    if (runs++ >= most) return false;
    const smaller = { ...plan, faults };
    const outcome = await simulate(smaller);
    if (outcome.violation?.kind !== kind) return false;
    found = { plan: smaller, outcome };
    return true;
  };
  let { faults } = plan;
  for (let parts = 2; faults.length >= 2 && runs < most; ) {
    const size = Math.ceil(faults.length / parts);
    let smaller: readonly Fault[] | undefined;
    for (let from = 0; from < faults.length && !smaller; from += size) {
      const rest = [...faults.slice(0, from), ...faults.slice(from + size)];
      if (await shows(rest)) smaller = rest;
    }
    if (smaller) {
      faults = smaller;
      parts = Math.max(2, parts - 1);
    } else if (size === 1) break;
    else parts = Math.min(faults.length, parts * 2);
  }
  return found;
}
