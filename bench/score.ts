import { type DayOptions, makeDay } from '../simulators/days/day.ts';
import { type DayKind, HARD_KINDS, PLAIN_KINDS } from '../simulators/days/kinds.ts';
import { addScore, type DayScore, percentile, scoreDay } from './score/metrics.ts';
import { circle, ours, type Rule, stopped300, within200 } from './score/rules.ts';

/**
 * `npm run score [-- --days N --seed S --kind K --rule R]`: presence against the truth of simulated days, next to what
 * others do. The default seeds are held out: no setting was ever chosen on them (docs/PRESENCE.md).
 */
const RULES: Record<string, Rule> = {
  ours: ours(),
  'with memory': ours({ memory: true }),
  circle,
  'stopped 300 s': stopped300,
  '180 s in 200 m': within200,
};
const HELD_OUT_SEED = 50_000;

const COLUMNS: readonly {
  readonly name: string;
  readonly kinds: readonly DayKind[];
  readonly power: boolean;
}[] = [
  { name: 'plain', kinds: PLAIN_KINDS, power: false },
  { name: 'hard', kinds: HARD_KINDS, power: false },
  { name: 'hard+engine', kinds: HARD_KINDS, power: true },
];

/** The score of each rule; every day is made once. */
function scoreDays(rules: readonly Rule[], days: Iterable<DayOptions>): DayScore[] {
  let sums: DayScore[] | undefined;
  for (const options of days) {
    const day = makeDay(options);
    const scores = rules.map((rule) => scoreDay(day, rule(day)));
    sums = sums ? sums.map((sum, i) => addScore(sum, scores[i]!)) : scores;
  }
  return sums ?? [];
}

function* daysOf(
  kinds: readonly DayKind[],
  power: boolean,
  perKind: number,
  seed: number,
): Generator<DayOptions> {
  for (const kind of kinds) for (let i = 0; i < perKind; i++) yield { kind, power, seed: seed + i };
}

const three = (values: readonly number[]) =>
  [0.5, 0.95, 1].map((share) => percentile(values, share)?.toFixed(0) ?? '-').join('/');

function lineOf(name: string, score: DayScore): string {
  const perVisit = (n: number) => (n / score.visits).toFixed(2);
  return [
    name.padEnd(26),
    `false ${perVisit(score.falseS)}`.padEnd(13),
    `missed ${perVisit(score.missedS)}`.padEnd(14),
    `never ${score.never}`.padEnd(9),
    `stuck ${score.stuck}`.padEnd(9),
    `flips ${score.extraFlips}/${score.visits}`.padEnd(16),
    `latency ${three(score.latencies)}`.padEnd(22),
    `leave ${three(score.leavings)}`.padEnd(18),
    `since ${three(score.sinceErrors)}`.padEnd(18),
    `soft ${three(score.softs)}`.padEnd(16),
    `gone ${score.goneS}`.padEnd(10),
    `silent ${score.silentS}`,
  ].join(' ');
}

function option(args: readonly string[], name: string): string | undefined {
  const at = args.indexOf(`--${name}`);
  return at < 0 ? undefined : args[at + 1];
}

async function run(args: string[]): Promise<void> {
  const perKind = Number(option(args, 'days') ?? 8);
  const seed = Number(option(args, 'seed') ?? HELD_OUT_SEED);
  const kind = option(args, 'kind');
  const wanted = option(args, 'rule');
  const column = option(args, 'column');
  const rules = Object.entries(RULES).filter(([name]) => !wanted || wanted === name);
  for (const { name, kinds, power } of COLUMNS) {
    if (column && column !== name) continue;
    const chosen = kinds.filter((k) => !kind || k === kind);
    const groups = args.includes('--by-kind') ? chosen.map((k) => [k]) : [chosen];
    for (const group of groups) {
      const scores = scoreDays(
        rules.map(([, rule]) => rule),
        daysOf(group, power, perKind, seed),
      );
      for (const [i, score] of scores.entries())
        console.log(lineOf(`${groups.length > 1 ? group[0] : name}: ${rules[i]![0]}`, score));
    }
  }
}

if (process.argv[1]?.endsWith('score.ts')) await run(process.argv.slice(2));
