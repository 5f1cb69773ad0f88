import type { Part } from '../../runtime/lifecycle.ts';
import type { Log } from '../../runtime/log.ts';
import { alertSms } from '../../web/dictionaryCab.ts';
import type { CabSms } from '../core/cabView.ts';
import type { SmsSettings } from '../core/settings.ts';
import { restoreSms, type SmsInput, type SmsRow, type SmsStep, stepSms } from '../core/sms.ts';
import type { SmsOutcome } from './device.ts';
import type { Host } from './host.ts';
import type { Journal } from './journal.ts';
import type { Writer } from './writer.ts';

export type TextingDeps = {
  readonly journal: Pick<Journal, 'onCommit'>;
  /** What was sent before this start, oldest first. */
  readonly before: readonly SmsRow[];
  readonly writer: Writer;
  readonly host: Host;
  readonly settings: SmsSettings;
  /** Short name of the van, in front of the text. */
  readonly van: string;
  /** One attempt by the modem. */
  readonly send: (to: string, text: string) => Promise<SmsOutcome>;
  readonly log: Log;
};

export type Texting = Part & { sent(): readonly CabSms[] };

/** What the page keeps of them. */
const MAX_SHOWN = 10;

/**
 * Serious alerts as text messages: need no data link. The row «sending» is committed before the modem is asked; an
 * outcome that a crash took away is said to be unknown, and nothing is sent twice (DESIGN §1.5).
 */
export function startTexting(deps: TextingDeps): Texting {
  const { journal, before, writer, host, settings, log } = deps;
  let shown: CabSms[] = before.flatMap(shownOf).slice(-MAX_SHOWN);
  const restored = restoreSms(before, host.nowMs());
  let state = restored.state;

  function write(step: Pick<SmsStep, 'rows' | 'send'>): void {
    if (step.rows.length === 0) return;
    const rows = step.rows.map((row) => ({ lane: 'urgent' as const, row }));
    writer.add(rows, true, () => {
      for (const row of step.rows)
        shown = [...shown.filter((s) => s.text !== row.text || s.to !== row.to), ...shownOf(row)];
      shown = shown.slice(-MAX_SHOWN);
      for (const message of step.send) void hand(message);
    });
  }

  async function hand({ key, to, text }: { key: string; to: string; text: string }): Promise<void> {
    const { outcome, error } = await deps.send(to, text);
    log.info({ outcome, error }, 'alert by text message');
    take({ kind: 'outcome', at: host.nowMs(), key, outcome, ...(error === undefined ? {} : { error }) });
  }

  function take(input: SmsInput): void {
    const step = stepSms(state, input, settings);
    state = step.state;
    write(step);
  }

  write(restored);
  const stop = journal.onCommit((rows) => {
    for (const { row } of rows)
      if (row.kind === 'alert') {
        const text = alertSms(
          settings.language,
          row as Parameters<typeof alertSms>[1],
          deps.van,
          settings.timezone,
        );
        take({ kind: 'alert', at: host.nowMs(), row, text });
      }
  });
  return { sent: () => shown, stop };
}

function shownOf({ at, to, text, outcome }: SmsRow): CabSms[] {
  return at === null ? [] : [{ to, text, at: Date.parse(at), outcome }];
}
