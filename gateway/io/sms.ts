import type { RowOf } from '../../protocol/rows.ts';
import { msOf } from '../../protocol/time.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Part } from '../../runtime/lifecycle.ts';
import type { Log } from '../../runtime/log.ts';
import { alertSms } from '../../web/dictionaryCab.ts';
import type { CabSms } from '../core/cabView.ts';
import type { SmsSettings } from '../core/settings.ts';
import { restoreSms, type SmsRow, type SmsState, type SmsStep, stepSms } from '../core/sms.ts';
import type { SmsOutcome } from './device.ts';

/**
 * Serious alerts by SMS (DESIGN §1.5): each is sent after the commit of its alert row and of a row that says «sending»;
 * what came of it is a third. After a crash an outcome that nobody knows is said to be unknown.
 */

export type SmsDeps = {
  readonly van: string;
  readonly settings: SmsSettings;
  readonly clock: Clock;
  readonly log: Log;
  /** The journal's sms rows of the last days, oldest first. */
  readonly past: readonly SmsRow[];
  /** Time of the folds, epoch ms. */
  readonly nowMs: () => number;
  /** Durable when it returns; throws as the journal does. */
  readonly commit: (rows: readonly SmsRow[]) => void;
  /** Calls back with alert rows after their commit; returns its end. */
  readonly onAlert: (listener: (row: RowOf<'alert'>) => void) => () => void;
  /** The modem: one attempt, never rejects. */
  readonly send: (to: string, text: string) => Promise<SmsOutcome>;
};

/** What the cab page shows of them, newest first. */
export type Sms = Part & { sent(): readonly CabSms[] };

const SHOWN = 20;

export function startSms(deps: SmsDeps): Sms {
  const { settings, van, log } = deps;
  const told = new Map<string, SmsRow>(deps.past.map((row) => [row.key, row]));
  let stopped = false;
  const begun = restoreSms(deps.past, deps.nowMs());
  let state: SmsState = begun.state;

  /** Rows first, the modem after. A journal that refuses them is an SMS that is not sent. */
  function carryOut(step: SmsStep): void {
    if (step.rows.length > 0) deps.commit(step.rows);
    state = step.state;
    for (const row of step.rows) told.set(row.key, row);
    for (const { key, to, text } of step.send)
      void deps.send(to, text).then(({ outcome, error }) => {
        // Stopped in between: the next start says that the outcome is unknown.
        if (stopped) return;
        log.info({ to, outcome }, 'SMS');
        tryTo(() =>
          stepSms(
            state,
            { kind: 'outcome', at: deps.nowMs(), key, outcome, ...(error === undefined ? {} : { error }) },
            settings,
          ),
        );
      });
  }

  function tryTo(make: () => SmsStep): void {
    try {
      carryOut(make());
    } catch (error) {
      log.error({ error: String(error) }, 'SMS not written down, not sent');
    }
  }

  tryTo(() => begun);
  const end = deps.onAlert((row) => {
    // The clock may be asked for after the commit that is under way has ended.
    deps.clock.after(0, () => {
      if (stopped) return;
      const text = alertSms(settings.language, row, van, settings.timezone);
      tryTo(() => stepSms(state, { kind: 'alert', at: deps.nowMs(), row, text }, settings));
    });
  });
  return {
    sent: () =>
      [...told.values()]
        .slice(-SHOWN)
        .reverse()
        .map(({ to, text, at, outcome }) => ({ to, text, outcome, at: (at && msOf(at)) || 0 })),
    stop() {
      stopped = true;
      end();
    },
  };
}
