import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lineOfChange, makeReplay } from '../../cli/replayFold.ts';
import { replayJournal } from '../../cli/replayJournal.ts';
import { PRESENCE_STATES } from '../../protocol/presence.ts';
import type { Row } from '../../protocol/rows.ts';
import { isoOf } from '../../protocol/time.ts';
import { type Day, makeDay } from '../../simulators/days/day.ts';
import { type DayKind, HARD_KINDS, PLAIN_KINDS } from '../../simulators/days/kinds.ts';
import {
  act,
  agenda,
  arrive,
  at,
  fix,
  type Line,
  leave,
  power,
  replayed,
  stand,
  words,
} from '../visit/day.ts';

/** Each clause of DESIGN §6 on `replay`, in its order. */
const textsOf = (day: Day) => day.lines.map(({ text }) => text);
/** Output after each line of the input. */
function outputs(day: Pick<Day, 'agenda'>, texts: readonly string[]): string[][] {
  const replay = makeReplay(day.agenda);
  return texts.map((text) => replay.push(text).map(lineOfChange));
}
const flat = (day: Pick<Day, 'agenda'>, texts: readonly string[]) => outputs(day, texts).flat();

describe('replay over days of every kind', () => {
  const kinds: readonly DayKind[] = [...PLAIN_KINDS, ...HARD_KINDS];
  it.each(kinds)('%s: words, order, times, keys', (kind) => {
    const day = makeDay({ kind, seed: 7, power: kind.length % 2 === 0 });
    const texts = textsOf(day);
    const told = outputs(day, texts);
    let clock = 0;
    let newest = 0;
    for (const [i, lines] of told.entries()) {
      newest = Math.max(newest, Date.parse((JSON.parse(texts[i]!) as Line).time));
      for (const line of lines) {
        const change = JSON.parse(line);
        const time = Date.parse(change.time);
        expect(change.time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
        expect(PRESENCE_STATES).toContain(change.state);
        // In order of time, never before the first line, never after the line that lets it be told.
        expect(time).toBeGreaterThanOrEqual(Math.max(clock, day.startMs));
        expect(time).toBeLessThanOrEqual(newest);
        // The believed arrival is not in the future of its telling.
        if (change.evidence.since) expect(Date.parse(change.evidence.since)).toBeLessThanOrEqual(time);
        if (['approaching', 'on_site'].includes(change.state))
          expect(time).toBeGreaterThanOrEqual(Date.parse(change.evidence.window.from) - 45 * 60_000);
        clock = time;
      }
    }
    expect(told[0]!.filter((line) => line.includes('"planned"'))).toEqual([]);
  });

  it('a prefix of the input gives a prefix of the output, and nothing at its end', () => {
    for (const kind of ['late_data', 'gap_on_arrival', 'sparse'] as const) {
      const day = makeDay({ kind, seed: 11, power: true });
      const texts = textsOf(day);
      const whole = flat(day, texts);
      for (const share of [0.3, 0.5, 0.52, 0.8]) {
        const part = flat(day, texts.slice(0, Math.floor(texts.length * share)));
        expect(whole.slice(0, part.length)).toEqual(part);
      }
    }
  });

  it('a change dated inside a silence depends on nothing after the silence began', () => {
    const before = [...arrive(at(9, 58)), ...stand(at(9, 58), at(10, 10), 0)];
    const after: Line[][] = [
      [fix(at(13, 0), 0)],
      [fix(at(13, 0), 9000, { speed: 20 })],
      [power(at(13, 0), 14)],
      [act(at(13, 0), 'cancelled')],
      [fix(at(13, 0), 0), ...stand(at(10, 20), at(10, 30), 4000)],
    ];
    const silences = after.map((lines) =>
      replayed([...before, ...lines])
        .filter((change) => change.at < isoOf(at(13, 0)))
        .map((change) => JSON.stringify(change)),
    );
    expect(silences[0]!.length).toBeGreaterThan(2);
    for (const silence of silences) expect(silence).toEqual(silences[0]);
  });

  it('gives the same bytes twice, and from the journal that the van would have written', () => {
    const day = makeDay({ kind: 'canyon', seed: 3, power: true });
    expect(flat(day, textsOf(day))).toEqual(flat(day, textsOf(day)));
    const quiet = makeDay({ kind: 'normal', seed: 3 });
    const journal: Row[] = [{ kind: 'agenda', at: isoOf(quiet.startMs), agenda: quiet.agenda }];
    const direct = makeReplay(quiet.agenda, { onRow: (row) => journal.push(row) });
    const lines = textsOf(quiet).flatMap((text) => direct.push(text).map(lineOfChange));
    expect([...replayJournal(journal.map((row) => ({ row })))].map(lineOfChange)).toEqual(lines);
  });

  it('takes late lines in any order', () => {
    const base = [...stand(at(9, 0), at(10, 30), 9000, { everyS: 10 }), fix(at(12, 1), 9000)];
    const backlog = stand(at(10, 40), at(11, 0), 0, { everyS: 10 });
    const orders = [backlog, [...backlog].reverse(), [...backlog.slice(60), ...backlog.slice(0, 60)]];
    for (const order of orders) expect(words(replayed([...base, ...order])).at(-1)).toMatch(/^12:01:00 left/);
  });
});

describe('both nights of the changing clock', () => {
  const night = (date: string, from: string, to: string) =>
    agenda({ timezone: 'Europe/Paris', visits: [{ id: 'v', stop: 'a', date, from, to }] });
  const away = (startMs: number, hours: number) =>
    Array.from({ length: hours * 60 }, (_, i) => fix(startMs + i * 60_000, 9000));
  it.each([
    // 02:30 does not exist: `compatible` reads 03:30 summer time, 01:30 UTC.
    ['2026-03-29', '02:30', '05:00', Date.UTC(2026, 2, 28, 23), '01:35:00 late', '03:00:00 missed'],
    // 02:30 happens twice: the first, 00:30 UTC.
    ['2026-10-25', '02:30', '05:00', Date.UTC(2026, 9, 24, 23), '00:35:00 late', '04:00:00 missed'],
    // Over midnight.
    ['2026-03-28', '23:00', '04:00', Date.UTC(2026, 2, 28, 21), '22:05:00 late', '02:00:00 missed'],
  ])('%s %s–%s', (date, from, to, startMs, ...expected) => {
    expect(words(replayed(away(startMs, 8), night(date, from, to)))).toEqual(expected);
  });
});

describe('bad input', () => {
  const good = [...arrive(at(9, 58)), ...stand(at(9, 58), at(10, 5), 0)].map((l) => JSON.stringify(l));
  const expected = flat({ agenda: agenda() }, good);

  it('is passed over line by line', () => {
    const bad = [
      '',
      'x',
      '{"class":"TPV"',
      '[]',
      'null',
      '{"class":"TPV","mode":3,"lat":47.04,"lon":0.82}',
      '{"class":"TPV","time":"yesterday","mode":3,"lat":47.04,"lon":0.82}',
      '{"class":"TPV","time":"2026-03-10T09:54:40.000Z","mode":3,"lat":null,"lon":0.82}',
      '{"class":"TPV","time":"2026-03-10T09:54:40.000Z","mode":3,"lat":91,"lon":0.82}',
      '{"class":"ACT","time":"2026-03-10T09:54:40.000Z","act":"dance"}',
      '{"class":"SKY","time":"2027-03-10T09:54:40.000Z"}',
      '{"class":"TPV","time":"2027-03-10T09:54:40.000Z","mode":3,"lat":47.04,"lon":0.82}',
    ];
    const mixed = good.flatMap((line, i) => [line, bad[i % bad.length]!]);
    expect(flat({ agenda: agenda() }, mixed)).toEqual(expected);
  });

  it('a date that has lost 1024 weeks is repaired', () => {
    const lost = good.map((line) => {
      const tpv = JSON.parse(line) as Line;
      return JSON.stringify({ ...tpv, time: isoOf(Date.parse(tpv.time) - 1024 * 7 * 86_400_000) });
    });
    expect(flat({ agenda: agenda() }, lost)).toEqual(expected);
  });
});

describe('the command', () => {
  const bin = fileURLToPath(new URL('../../cli/bin.mjs', import.meta.url));
  let folder: string;
  const file = (name: string) => join(folder, name);
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'replay-'));
    writeFileSync(file('agenda.json'), JSON.stringify(agenda()));
    const day = [...arrive(at(9, 58)), ...stand(at(9, 58), at(10, 5), 0), ...leave(at(10, 5))];
    writeFileSync(file('fixes.jsonl'), day.map((line) => JSON.stringify(line)).join('\n'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('prints the changes of a file alone on standard output and exits 0', () => {
    const run = spawnSync(
      process.execPath,
      [bin, 'replay', '--agenda', file('agenda.json'), '--fixes', file('fixes.jsonl')],
      { encoding: 'utf8' },
    );
    expect(run.status).toBe(0);
    const lines = run.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map((line) => line.state)).toEqual(['approaching', 'on_site', 'left']);
    expect(Object.keys(lines[1])).toEqual(['time', 'visit', 'state', 'open', 'because', 'evidence']);
  });

  it('answers standard input as lines come, and its end with nothing', async () => {
    const child = spawn(process.execPath, [bin, 'replay', '--agenda', file('agenda.json'), '--fixes', '-']);
    let out = '';
    const heard = (text: string) =>
      new Promise<void>((resolve) => {
        const listen = (chunk: Buffer) => {
          out += chunk;
          if (!out.includes(text)) return;
          child.stdout.off('data', listen);
          resolve();
        };
        child.stdout.on('data', listen);
      });
    const soft = heard('approaching');
    for (const line of [...arrive(at(9, 58)), ...stand(at(9, 58), at(9, 59), 0)])
      child.stdin.write(`${JSON.stringify(line)}\n`);
    await soft;
    const before = out;
    const code = new Promise((resolve) => child.once('close', resolve));
    child.stdout.on('data', (chunk) => {
      out += chunk;
    });
    child.stdin.end();
    expect(await code).toBe(0);
    expect(out).toBe(before);
  });

  it.each([
    [['replay'], 'usage'],
    [['replay', '--agenda', 'nowhere.json', '--fixes', '-'], 'ENOENT'],
    [['replay', '--frobnicate'], 'usage'],
    [['replay', '--journal', 'nowhere.db'], 'expected a journal'],
  ])('%j exits 2 and says why', (args, why) => {
    const run = spawnSync(process.execPath, [bin, ...args], { encoding: 'utf8', input: '' });
    expect(run.status).toBe(2);
    expect(run.stderr).toContain(why);
  });
});
