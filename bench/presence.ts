import { makeReplay } from '../cli/replayFold.ts';
import { gateSettings, initialGate, stepGate } from '../gateway/core/gate.ts';
import { fixOfTpv } from '../gateway/core/gpsd.ts';
import { initialLocate, stepLocate } from '../gateway/core/locate.ts';
import { makeDay } from '../simulators/days/day.ts';
import { PRESENCE_DEFAULTS } from '../visit/presence.ts';

/**
 * `npm run bench -- presence`: fixes a second on one core, of a simulated day at one fix a second, repeated. `fold` is
 * gate, keep and presence as on the van; `replay` has reading the JSON lines in it; `gate` alone for comparison. Of
 * processor time, so that other work on the machine does not count.
 */
const DAYS = 12;
const ROUNDS = 3;

const median = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!;

function perSecond(count: number, work: () => void): number {
  work();
  const rates = Array.from({ length: ROUNDS }, () => {
    const start = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(start);
    return (1e6 * count) / (user + system);
  });
  return Math.round(median(rates));
}

export default async function run(): Promise<void> {
  const days = Array.from({ length: DAYS }, (_, seed) => {
    const day = makeDay({ kind: 'normal', seed: 900 + seed });
    const texts = day.lines.map(({ text }) => text);
    const fixes = texts.map((text) => fixOfTpv(JSON.parse(text))).filter((fix) => fix !== undefined);
    return { day, texts, fixes };
  });
  const count = days.reduce((sum, { fixes }) => sum + fixes.length, 0);
  const settings = { buildMs: 0, presence: PRESENCE_DEFAULTS };
  let rows = 0;
  const foldPerS = perSecond(count, () => {
    rows = 0;
    for (const { day, fixes } of days) {
      let { state, nextAt } = stepLocate(
        initialLocate(settings),
        { kind: 'agenda', at: day.startMs, agenda: day.agenda },
        settings,
      );
      for (const fix of fixes) {
        while (nextAt !== undefined && nextAt <= fix.at)
          ({ state, nextAt } = stepLocate(state, { kind: 'tick', at: nextAt }, settings));
        const step = stepLocate(state, { kind: 'fix', at: fix.at, fix }, settings);
        ({ state, nextAt } = step);
        rows += step.rows.length;
      }
    }
  });
  const gatePerS = perSecond(count, () => {
    for (const { fixes } of days) {
      let state = initialGate();
      for (const fix of fixes) ({ state } = stepGate(state, fix, gateSettings(0)));
    }
  });
  const replayPerS = perSecond(count, () => {
    for (const { day, texts } of days) {
      const replay = makeReplay(day.agenda);
      for (const text of texts) replay.push(text);
    }
  });
  const yearS = Math.round((365 * 9 * 3600) / foldPerS);
  console.log(
    JSON.stringify({
      bench: 'presence',
      fixes: count,
      rows,
      foldPerS,
      replayPerS,
      gatePerS,
      yearOf9hDaysS: yearS,
    }),
  );
}
