import { describe, expect, it } from 'vitest';
import { SMS_DEFAULTS, type SmsSettings } from '../../../gateway/core/settings.ts';
import { initialSms, restoreSms, type SmsRow, stepSms } from '../../../gateway/core/sms.ts';
import { type RowOf, SmsRow as Schema } from '../../../protocol/rows.ts';

const at = (time: string) => Date.parse(`2026-11-24T${time}:00+01:00`);
const TO = '+33612345678';
const settings = (change: Partial<SmsSettings> = {}): SmsSettings => ({
  ...SMS_DEFAULTS,
  to: [TO],
  ...change,
});

const alert = (episode: string, change: Partial<RowOf<'alert'>> = {}): RowOf<'alert'> => ({
  kind: 'alert',
  at: '2026-11-24T09:00:00.000Z',
  episode,
  alert: 'house_battery',
  change: 'raised',
  severity: 'critical',
  values: {},
  ...change,
});

function bench(chosen = settings()) {
  let state = initialSms();
  const rows: SmsRow[] = [];
  const sent: string[] = [];
  return {
    rows,
    sent,
    alert(time: string, row: RowOf<'alert'>) {
      const step = stepSms(
        state,
        { kind: 'alert', at: at(time), row, text: `text of ${row.episode}` },
        chosen,
      );
      state = step.state;
      rows.push(...step.rows);
      sent.push(...step.send.map((m) => m.key));
      return step.send;
    },
    outcome(time: string, key: string, outcome: 'sent' | 'failed') {
      const step = stepSms(state, { kind: 'outcome', at: at(time), key, outcome }, chosen);
      state = step.state;
      rows.push(...step.rows);
    },
  };
}

describe('SMS', () => {
  it('writes «sending» before, and what became of it after', () => {
    const b = bench();
    const [message] = b.alert('10:00', alert('e1'));
    b.outcome('10:00', message!.key, 'sent');
    b.outcome('10:01', message!.key, 'failed');
    expect(b.rows.map((r) => r.outcome)).toEqual(['sending', 'sent']);
    expect(b.rows.every((row) => Schema.safeParse(row).success)).toBe(true);
  });

  it('sends one message an episode, severity and number', () => {
    const b = bench(settings({ to: [TO, '+33600000000'], minSeverity: 'warning' }));
    b.alert('10:00', alert('e1', { severity: 'warning' }));
    b.alert('10:05', alert('e1', { severity: 'warning' }));
    b.alert('10:10', alert('e1', { severity: 'critical', change: 'worsened' }));
    expect(b.sent).toHaveLength(4);
  });

  it.each<[string, Partial<RowOf<'alert'>>]>([
    ['mild', { severity: 'warning' }],
    ['of a kind not asked for', { alert: 'pi_hot' }],
    ['cleared', { change: 'cleared' }],
    ['told before', { values: { again: true } }],
  ])('does not send one that is %s', (_what, change) => {
    const b = bench(settings({ kinds: ['house_battery'] }));
    b.alert('10:00', alert('e1', change));
    expect(b.rows).toEqual([]);
  });

  it('keeps to its hours, over midnight too, but for critical ones', () => {
    const b = bench(settings({ minSeverity: 'warning', hours: { fromMin: 7 * 60, toMin: 19 * 60 } }));
    b.alert('06:59', alert('e1', { severity: 'warning' }));
    b.alert('07:00', alert('e2', { severity: 'warning' }));
    b.alert('23:00', alert('e3', { severity: 'critical' }));
    expect(b.sent.map((key) => key.slice(0, 2))).toEqual(['e2', 'e3']);
    const night = bench(settings({ minSeverity: 'warning', hours: { fromMin: 19 * 60, toMin: 7 * 60 } }));
    night.alert('12:00', alert('e1', { severity: 'warning' }));
    night.alert('02:00', alert('e2', { severity: 'warning' }));
    expect(night.sent).toHaveLength(1);
  });

  it('sends six an hour at the most, and says so of the seventh', () => {
    const b = bench();
    for (let n = 0; n < 8; n++) b.alert('10:00', alert(`e${n}`));
    expect(b.sent).toHaveLength(6);
    expect(b.rows.slice(-2)).toMatchObject([
      { outcome: 'failed', error: 'hourly limit' },
      { outcome: 'failed', error: 'hourly limit' },
    ]);
    b.alert('11:01', alert('e9'));
    expect(b.sent).toHaveLength(7);
  });

  it('after a crash says «unknown» of what was under way, and does not send it again', () => {
    const b = bench();
    b.alert('10:00', alert('e1'));
    const [done] = b.alert('10:01', alert('e2'));
    b.outcome('10:01', done!.key, 'sent');
    const restored = restoreSms(b.rows, at('10:02'));
    expect(restored.rows).toMatchObject([{ key: `e1:critical:${TO}`, outcome: 'unknown' }]);
    const again = stepSms(
      restored.state,
      { kind: 'alert', at: at('10:03'), row: alert('e1'), text: 'again' },
      settings(),
    );
    expect(again.send).toEqual([]);
    expect(restored.state.sentAt).toHaveLength(2);
  });

  it('without a number sends nothing', () => {
    const b = bench(settings({ to: [] }));
    b.alert('10:00', alert('e1'));
    expect(b.rows).toEqual([]);
  });
});
