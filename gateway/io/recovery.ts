import { newRecovery, RECOVERY_DEFAULTS, type RecoveryStep, stepRecovery } from '../core/modem.ts';
import type { DeviceDeps, ModemCallbacks, ModemOptions } from './device.ts';

/** How a modem is asked to carry out the rungs; each gives the outcome in words. */
export type Rungs = Readonly<Record<Exclude<RecoveryStep, 'power_cycle'>, () => Promise<string>>>;

export interface Recovery {
  /** After each look at the modem. */
  look(registered: boolean, smsInHand: boolean): Promise<void>;
}

/** Climbs the ladder of `core/modem.ts`: one rung at a time, each told. */
export function makeRecovery(
  rungs: Rungs,
  { clock }: DeviceDeps,
  options: ModemOptions,
  callbacks: Pick<ModemCallbacks, 'onRecovery'>,
): Recovery {
  const settings = {
    ...RECOVERY_DEFAULTS,
    ...options.recovery,
    canPowerCycle: options.powerCycle !== undefined,
  };
  let state = newRecovery();

  const carryOut = async (step: RecoveryStep): Promise<string> => {
    try {
      if (step !== 'power_cycle') return await rungs[step]();
      await options.powerCycle?.();
      return 'ok';
    } catch (error) {
      return String(error);
    }
  };
  return {
    async look(registered, smsInHand) {
      const monoMs = clock.monotonicMs();
      const input = { registered, reachable: options.reachable?.(), smsInHand };
      const { state: next, step, news } = stepRecovery(state, input, settings, monoMs);
      state = next;
      if (news) callbacks.onRecovery({ step: news, monoMs });
      if (!step) return;
      const outcome = await carryOut(step);
      callbacks.onRecovery({ step, outcome, monoMs });
    },
  };
}
