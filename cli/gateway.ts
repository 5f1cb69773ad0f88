import { parseArgs } from 'node:util';
import { runGateway } from '../gateway/main.ts';
import { UsageError } from './exit.ts';

/** `tournee gateway --config F`: the daemon of a van, until a signal. */
export async function run(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options: { config: { type: 'string' } } });
  if (!values.config) throw new UsageError('usage: tournee gateway --config FILE');
  await runGateway(values.config);
  return new Promise<number>(() => {});
}
