import { SILENT_MOVING_MS, SILENT_PARKED_MS } from '../../visit/publicState.ts';
import type { Plan } from './plan.ts';
import { isDutyExpected } from './plan.ts';
import type { VanState } from './vanFold.ts';
import type { Freshness, PositionView } from './vanView.ts';

const silenceMs = (van: VanState) => (van.moving ? SILENT_MOVING_MS : SILENT_PARKED_MS);

/** The van's own switch outweighs the agenda; without its word the agenda says when a duty is expected. */
const onDuty = (van: VanState, plan: Plan | undefined, at: number): boolean =>
  van.duty ?? (plan !== undefined && isDutyExpected(plan, van.van, at));

/** DESIGN §1.7: a will is shown at once, silence counts only while a duty is expected. */
export function freshnessOf(van: VanState, plan: Plan | undefined, at: number): Freshness {
  const duty = onDuty(van, plan, at);
  if (van.online === false) return duty ? 'offline' : 'off_duty';
  if (van.heardMs === undefined) return 'never';
  if (!duty) return 'off_duty';
  return at - van.heardMs > silenceMs(van) ? 'silent' : 'fresh';
}

/** The dot ages by the depot's clock from its reception, plus the age that the fix already had: no van's clock. */
export function positionView(van: VanState, at: number): PositionView | undefined {
  if (!van.position) return undefined;
  const { fixAgeMs, receivedMs, ...shown } = van.position;
  return { ...shown, stale: at - receivedMs + fixAgeMs > silenceMs(van) };
}
