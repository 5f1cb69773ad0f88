import { parseArgs } from 'node:util';
import { runDepot } from '../dashboard/main.ts';
import { UsageError } from './exit.ts';

/** `tournee depot --config F`: broker, ingest and pages, until a signal. */
export async function run(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options: { config: { type: 'string' } } });
  if (!values.config) throw new UsageError('usage: tournee depot --config FILE');
  await runDepot(values.config);
  return new Promise<number>(() => {});
}
