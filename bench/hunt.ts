import { absences } from '../tests/simulation/absence.ts';
import { cutImages } from '../tests/simulation/images.ts';
import { planOf } from '../tests/simulation/plan.ts';
import { simulate } from '../tests/simulation/simulate.ts';

/**
 * `npm run bench -- hunt <check> <form> <seed,seed…|first last>`: one seed after the other until something is wrong,
 * which is printed; exit 1 then.
 */
type Form = { readonly sqliteShare?: number };
const CHECKS: Readonly<Record<string, (seed: number, form: Form) => Promise<string | undefined>>> = {
  async simulation(seed, form) {
    const { violation } = await simulate(planOf(seed, form));
    return violation && `${violation.kind}: ${violation.detail}`;
  },
  absence: async (seed) => absences(seed),
  images: async (seed) => (await cutImages(seed, 300)).wrong[0],
};

export default async function run([
  check = 'simulation',
  form = '{}',
  first = '1',
  last,
]: string[]): Promise<void> {
  const seeds =
    last === undefined
      ? first.split(',').map(Number)
      : Array.from({ length: Number(last) - Number(first) + 1 }, (_, i) => Number(first) + i);
  for (const seed of seeds) {
    const wrong = await CHECKS[check]!(seed, JSON.parse(form) as Form);
    if (wrong === undefined) continue;
    console.log(`seed ${seed}: ${wrong.slice(0, 300).replaceAll('\n', ' ')}`);
    process.exitCode = 1;
    return;
  }
}
