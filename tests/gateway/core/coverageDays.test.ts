import { expect, it } from 'vitest';
import { GatewayConfig } from '../../../gateway/config.ts';
import { initialEngine, stepEngine } from '../../../gateway/core/engine/engine.ts';
import type { EngineInput } from '../../../gateway/core/engine/types.ts';
import { engineSettingsOf } from '../../../gateway/engineSettings.ts';
import type { Agenda } from '../../../protocol/agenda.ts';
import { destination } from '../../../protocol/geo.ts';
import type { RowOf } from '../../../protocol/rows.ts';
import { isoOf } from '../../../protocol/time.ts';
import { alertText } from '../../../web/dictionaryCab.ts';

/** Five days at one stop, through the whole engine: what is learnt at the stop is told before the next one. */

const DAY = 86_400_000;
const MINUTE = 60_000;
const FIRST = Date.parse('2026-11-03T00:00:00+01:00');
const STOP = { latitude: 47.04, longitude: 0.82 };
const AGENDA: Agenda = {
  version: 1,
  timezone: 'Europe/Paris',
  stops: [{ id: 's', name: 'Ligueil', commune: '37130', lat: 47.04, lon: 0.82, radius: 60 }],
  visits: [0, 1, 2, 3, 4].map((n) => ({
    id: `v${n}`,
    stop: 's',
    date: isoOf(FIRST + n * DAY + 43_200_000).slice(0, 10),
    from: '09:30',
    to: '12:00',
  })),
};
const settings = engineSettingsOf(
  GatewayConfig.parse({
    van: 'van',
    sources: { gps: 'file:none' },
    journal: 'j.db',
    broker: 'mqtt://127.0.0.1:1',
  }),
  FIRST - DAY,
);

function makeDays() {
  let state = { ...initialEngine(settings), timeKnown: true };
  const told: RowOf<'alert'>[] = [];
  const ask = (input: EngineInput) => {
    const step = stepEngine(state, input, settings);
    state = step.state;
    for (const { row } of step.rows) if (row.kind === 'alert' && row.alert === 'no_coverage') told.push(row);
  };
  ask({ kind: 'agenda', at: FIRST, agenda: AGENDA });
  return {
    told,
    /** On site from 9:20 to 10:20 of day `n`, `eastM` away from the middle of the stop. */
    park(n: number, link: 'good' | 'offline', eastM = 0) {
      const fromMs = FIRST + n * DAY + (9 * 60 + 20) * MINUTE;
      const place = destination(STOP, eastM, 90);
      for (let at = fromMs; at < fromMs + 60 * MINUTE; at += 20_000) {
        const isUp = link === 'good';
        const rsrpDbm = isUp ? -95 : -119;
        ask({ kind: 'modem', at, reading: { registration: isUp ? 'home' : 'searching', rsrpDbm } });
        ask({ kind: 'courier', at, facts: { connected: isUp, receiptAgeS: 1, pingAgeS: 1 } });
        const fix = { at, ...place, mode: 3 as const, speedMps: 0, accuracyM: 4 };
        ask({ kind: 'fix', at, fix });
      }
    },
    /** Nothing but the clock, from `fromMs` to `toMs`. */
    idle(fromMs: number, toMs: number) {
      for (let at = fromMs; at < toMs; at += 15 * MINUTE) ask({ kind: 'tick', at });
    },
  };
}
const local = (at: string | null) => new Date(Date.parse(at!) + 3_600_000).toISOString().slice(0, 16);

it('tells the evening before and on approach that no 4G is expected, and where it is better', () => {
  const days = makeDays();
  for (const [n, link] of (['offline', 'good', 'offline', 'offline'] as const).entries())
    days.park(n, link, link === 'good' ? 80 : 0);
  days.park(3, 'offline');
  const fifth = FIRST + 4 * DAY;
  days.idle(FIRST + 3 * DAY + 12 * 60 * MINUTE, fifth + 13 * 60 * MINUTE);
  const raised = days.told.filter((row) => row.change === 'raised');
  const last = raised.slice(-2);
  expect(last.map((row) => local(row.at))).toEqual([
    expect.stringMatching(/^2026-11-06T17:/),
    expect.stringMatching(/^2026-11-07T08:[45]/),
  ]);
  expect(last[0]!.values).toMatchObject({ stop: 'Ligueil', passes: 3, without: 3 });
  const [fr, en] = (['fr', 'en'] as const).map((l) => alertText(l, last[1]!, 'Europe/Paris'));
  expect(`${fr!.text} ${fr!.advice}`).toMatch(/^Pas de 4G attendue à Ligueil.*3 passages sur 3.* 80 m/);
  expect(en!.text).toContain('No 4G expected at Ligueil');
});

it('says «3 passages sur 4» of a stop that had it once, and nothing of one that mostly has it', () => {
  const days = makeDays();
  for (const [n, link] of (['offline', 'good', 'offline', 'offline'] as const).entries()) days.park(n, link);
  days.idle(FIRST + 3 * DAY + 12 * 60 * MINUTE, FIRST + 4 * DAY);
  const last = days.told.findLast((row) => row.change === 'raised')!;
  expect(last.values).toMatchObject({ passes: 4, without: 3 });
  expect(alertText('fr', last, 'Europe/Paris').text).toContain('3 passages sur 4');
  const good = makeDays();
  for (const [n, link] of (['good', 'good', 'offline', 'good'] as const).entries()) good.park(n, link);
  good.idle(FIRST + 3 * DAY + 12 * 60 * MINUTE, FIRST + 4 * DAY + 13 * 60 * MINUTE);
  expect(good.told).toEqual([]);
});
