import { describe, expect, it } from 'vitest';
import { SMS_DEFAULTS } from '../../../gateway/core/settings.ts';
import type { SmsRow } from '../../../gateway/core/sms.ts';
import type { SmsOutcome } from '../../../gateway/io/device.ts';
import { startSms } from '../../../gateway/io/sms.ts';
import type { RowOf } from '../../../protocol/rows.ts';
import { fakeClock } from '../../../runtime/clock.ts';
import { silentLog } from '../../../runtime/log.ts';

const NOW = Date.parse('2026-11-24T10:00:00+01:00');
const ALERT: RowOf<'alert'> = {
  kind: 'alert',
  at: '2026-11-24T09:00:00.000Z',
  episode: 'house_battery:2026-11-24T09:00:00.000Z',
  alert: 'house_battery',
  change: 'raised',
  severity: 'critical',
  values: { soc: 7, houseV: 11.8 },
};

function bench(past: readonly SmsRow[] = [], commits = true) {
  const clock = fakeClock(NOW);
  const story: string[] = [];
  const rows: SmsRow[] = [];
  let listener: (row: RowOf<'alert'>) => void = () => {};
  const waiting: ((outcome: SmsOutcome) => void)[] = [];
  const sms = startSms({
    van: 'van37',
    settings: { ...SMS_DEFAULTS, to: ['+33612345678'] },
    clock,
    log: silentLog,
    past,
    nowMs: clock.nowMs,
    commit(made) {
      if (!commits) throw new Error('disk full');
      rows.push(...made);
      story.push(...made.map((r) => `row ${r.outcome}`));
    },
    onAlert(then) {
      listener = then;
      return () => {};
    },
    send(_to, text) {
      story.push(`modem ${text}`);
      return new Promise((resolve) => waiting.push(resolve));
    },
  });
  return {
    sms,
    story,
    rows,
    raise: async (row = ALERT) => {
      listener(row);
      await clock.advance(1);
    },
    answer: async (outcome: SmsOutcome) => {
      waiting.shift()!(outcome);
      await clock.advance(0);
      await Promise.resolve();
    },
  };
}

describe('SMS of alerts', () => {
  it('are written down, sent, and written down again', async () => {
    const b = bench();
    await b.raise();
    await b.raise();
    await b.answer({ outcome: 'sent' });
    expect(b.story).toEqual([
      'row sending',
      "modem van37: Batterie presque vide (7 %, 11,8 V). Coupez tout ce qui peut l'etre et faites tourner le moteur.",
      'row sent',
    ]);
    expect(b.sms.sent()).toMatchObject([{ to: '+33612345678', outcome: 'sent' }]);
  });

  it('are not sent when they cannot be written down', async () => {
    const b = bench([], false);
    await b.raise();
    expect(b.story).toEqual([]);
  });

  it('of before a crash are said to be unknown, and not sent again', async () => {
    const before = bench();
    await before.raise();
    before.sms.stop();
    await before.answer({ outcome: 'sent' });
    expect(before.story.at(-1)).toMatch(/^modem/);
    const after = bench(before.rows);
    await after.raise();
    expect(after.story).toEqual(['row unknown']);
    expect(after.sms.sent()).toMatchObject([{ outcome: 'unknown' }]);
  });
});
