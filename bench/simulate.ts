import { planOf } from '../tests/simulation/plan.ts';
import { simulate } from '../tests/simulation/simulate.ts';
export default async function run(args: string[]): Promise<void> {
  const [from, to] = args.map(Number) as [number, number];
  const t = performance.now();
  let days = 0;
  for (let seed = from; seed <= to; seed++) {
    const plan = planOf(seed);
    const t0 = performance.now();
    const o = await simulate(plan);
    days += o.vanDays;
    console.log(
      seed,
      plan.card,
      plan.broker.kind,
      o.vanDays,
      o.events,
      o.hash,
      Math.round(performance.now() - t0),
      'ms',
      o.violation ? `${o.violation.kind}: ${o.violation.detail}` : '',
      JSON.stringify(o.counts).slice(0, 900),
    );
    if (o.violation && process.env.LINES) console.log(o.violation.lines.join('\n'));
  }
  console.log('van-days', days, ((performance.now() - t) / days).toFixed(1), 'ms a van-day');
}
